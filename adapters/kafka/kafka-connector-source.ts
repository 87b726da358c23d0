import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { asError } from '../../channels/base/thrown.ts';
import type { ConnectorSource, ConnectorSourceOptions, SourceRecord } from '../../channels/ports/connector-source.ts';
import { type KafkaConnectionOptions, openKafka } from './kafka-connection.ts';
import { translating } from './kafka-fault.ts';
import { type PartitionPlace, ProvenTopic } from './proven-topic.ts';
import { markOf } from './source-mark.ts';
import { toSourceRecord } from './source-record.ts';
import { endsOf, explained } from './source-topic.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

export interface KafkaConnectorSourceOptions extends KafkaConnectionOptions {
  readonly topic: string;
  /** The processes that share the topic have the same. */
  readonly groupId: string;
  /** How many partitions may be ingested at once. Default 4. */
  readonly concurrency?: number;
  /** How long a batch that could not be ingested waits. Default 1 s. */
  readonly retryPauseMs?: number;
  /** After how long the others get the partitions of a process that died. Default 10 s. */
  readonly sessionTimeoutMs?: number;
}

/** A source that connects in the background when it is started and keeps retrying while its cluster is away. */
export function createKafkaConnectorSource(options: KafkaConnectorSourceOptions): ConnectorSource {
  const kafka = openKafka(options);
  let running: Reading | undefined;
  return {
    async start(callbacks) {
      if (running !== undefined) throw new Error('the source was already started');
      running = new Reading(kafka, options, callbacks);
    },
    markOf,
    ends: () => endsOf(kafka, options.topic),
    lag: async () => (await running?.lag()) ?? [],
    stop: async () => running?.stop(),
  };
}

interface PartitionState extends PartitionPlace {
  /** Resolves when no callback of the partition runs. */
  idle: Promise<void>;
}

/**
 * While a batch is ingested nothing is fetched, so it is not noticed when the topic is deleted meanwhile. Deleting it,
 * creating it and writing as many records took 200 ms on one broker.
 */
const unheardMs = 50;

/**
 * The stored position decides, not the offsets of the group: it changes in one transaction with the documents, so what
 * it says was ingested, and only that. Group offsets are committed as well, but only for tools that show the lag.
 *
 * At each join every partition is paused until its position is known. kafkajs may hand out a partition again while a
 * handler of the time before the rebalance still runs; the position is asked for only when that one has ended.
 *
 * A position is good for the topic that it was taken from. So the record before it is read once more, at each join,
 * after each fault and whenever nobody was listening for a while, and compared with its mark. Where it is another one, the
 * partition is refused until an operator decides.
 */
class Reading {
  readonly #options: KafkaConnectorSourceOptions;
  readonly #callbacks: ConnectorSourceOptions;
  readonly #topic: ProvenTopic;
  readonly #consumer: SupervisedConsumer;
  readonly #partitions = new Map<number, PartitionState>();
  readonly #stopping = new AbortController();
  #assigned: readonly number[] = [];
  #joins = 0;

  constructor(kafka: Kafka, options: KafkaConnectorSourceOptions, callbacks: ConnectorSourceOptions) {
    this.#options = options;
    this.#callbacks = callbacks;
    this.#topic = new ProvenTopic({
      admin: kafka.admin(),
      topic: options.topic,
      callbacks,
      stopping: this.#stopping.signal,
    });
    const { sessionTimeoutMs = 10_000 } = options;
    this.#consumer = new SupervisedConsumer({
      kafka,
      topic: options.topic,
      groupId: () => options.groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: 30_000,
      silenceMs: 45_000,
      heartbeatMs: Math.min(3000, sessionTimeoutMs / 3),
      concurrency: options.concurrency ?? 4,
      onAssigned: (partitions, consumer) => this.#onAssigned(partitions, consumer),
      onBatch: (payload, consumer) => this.#onBatch(payload, consumer),
      onFault: (error) => this.#fault(error),
    });
    this.#consumer.start();
  }

  async lag(): Promise<readonly { readonly partition: number; readonly lag: number }[]> {
    const offsets = await translating('reading offsets', () => this.#topic.offsets());
    return this.#assigned.map((partition) => {
      const { low = 0, high = 0 } = offsets[partition] ?? {};
      return { partition, lag: Math.max(0, high - (this.#stateOf(partition).next ?? low)) };
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#consumer.stop();
    await Promise.all([...this.#partitions.values()].map(({ idle }) => idle));
    await this.#topic.close();
  }

  #onAssigned(partitions: readonly number[], consumer: Consumer): void {
    const join = ++this.#joins;
    this.#assigned = partitions;
    for (const state of this.#partitions.values()) state.next = undefined;
    for (const partition of partitions) {
      consumer.pause([{ topic: this.#options.topic, partitions: [partition] }]);
      void this.#resumeAtPosition(partition, consumer, join);
    }
  }

  /** Repeats until the position is known and not refused, or the assignment is over. */
  async #resumeAtPosition(partition: number, consumer: Consumer, join: number): Promise<void> {
    const state = this.#stateOf(partition);
    while (this.#isCurrent(join)) {
      try {
        await state.idle;
        const position = await this.#topic.find(partition, () => this.#isCurrent(join));
        if (!this.#isCurrent(join)) return;
        state.next = position.next;
        state.stored = position.stored;
        state.unproven = position.unproven;
        state.floor = position.readable;
        return this.#readFrom(partition, position.readable, consumer);
      } catch (error) {
        this.#fault(asError(error));
        await this.#pause();
      }
    }
  }

  #readFrom(partition: number, offset: number, consumer: Consumer): void {
    const { topic } = this.#options;
    consumer.seek({ topic, partition, offset: `${offset}` });
    consumer.resume([{ topic, partitions: [partition] }]);
  }

  async #onBatch(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    const state = this.#stateOf(payload.batch.partition);
    const join = this.#joins;
    const work = state.idle.then(() => this.#takeIn(payload, consumer, state, join));
    state.idle = work.catch(() => {});
    await work;
  }

  async #takeIn(
    { batch, ...payload }: EachBatchPayload,
    consumer: Consumer,
    state: PartitionState,
    join: number,
  ): Promise<void> {
    const { partition } = batch;
    if (!this.#isCurrent(join) || state.next === undefined) return;
    const { next } = state;
    const startedMs = performance.now();
    const records = batch.messages.map(toSourceRecord);
    const fresh = records.filter(({ offset }) => offset >= next);
    try {
      await this.#topic.prove(partition, state, records, Number(batch.lastOffset()));
      if (fresh[0] !== undefined) await this.#topic.tellGap(partition, next, fresh[0].offset);
      if (fresh.length > 0) await this.#callbacks.onRecords(partition, fresh, state.stored);
    } catch (error) {
      this.#fault(asError(error));
      return this.#retryLater(partition, consumer, state, join);
    }
    if (!this.#isCurrent(join)) return;
    const last = fresh.at(-1);
    state.next = Math.max(next, Number(batch.lastOffset()) + 1);
    state.stored = last === undefined ? state.stored : last.offset + 1;
    state.floor = state.next;
    payload.resolveOffset(batch.lastOffset());
    await this.#commitForTools(payload, partition, state.next);
    if (last !== undefined && performance.now() - startedMs > unheardMs)
      this.#lookAgain(last, partition, state, consumer);
  }

  /** The next fetch begins with the record that was ingested last. */
  #lookAgain(last: SourceRecord, partition: number, state: PartitionState, consumer: Consumer): void {
    if (last.offset + 1 !== state.next) return;
    state.unproven = markOf(last);
    state.floor = last.offset;
    consumer.seek({ topic: this.#options.topic, partition, offset: `${last.offset}` });
  }

  /** The partition waits without holding the others or the heartbeat up. */
  #retryLater(partition: number, consumer: Consumer, state: PartitionState, join: number): void {
    if (!this.#isCurrent(join)) return;
    consumer.pause([{ topic: this.#options.topic, partitions: [partition] }]);
    // The failure may mean that another process has moved the position.
    state.next = undefined;
    void this.#pause().then(() => this.#resumeAtPosition(partition, consumer, join));
  }

  async #commitForTools(
    payload: Pick<EachBatchPayload, 'commitOffsetsIfNecessary'>,
    partition: number,
    next: number,
  ): Promise<void> {
    const { topic } = this.#options;
    const offsets = { topics: [{ topic, partitions: [{ partition, offset: `${next}` }] }] };
    // Nothing depends on it, and after a rebalance it must fail.
    await payload.commitOffsetsIfNecessary(offsets).catch(() => {});
  }

  #stateOf(partition: number): PartitionState {
    const state = this.#partitions.get(partition) ?? {
      next: undefined,
      stored: null,
      unproven: undefined,
      floor: 0,
      idle: Promise.resolve(),
    };
    this.#partitions.set(partition, state);
    return state;
  }

  #isCurrent(join: number): boolean {
    return join === this.#joins && !this.#stopping.signal.aborted;
  }

  async #pause(): Promise<void> {
    await pause(this.#options.retryPauseMs ?? 1000, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  #fault(error: Error): void {
    if (!this.#stopping.signal.aborted) this.#callbacks.onFault(explained(error, this.#options));
  }
}
