import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { asError } from '../../channels/base/thrown.ts';
import type { LogRecord, LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { DecodedRecord } from './record-batch.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

export interface KafkaTailOptions extends Omit<TailOptions, 'epoch' | 'onEpoch'> {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly partitionCount: number;
  /** Offset that the next record of each partition will get. */
  readonly ends: () => Promise<readonly number[]>;
  /** The topic is not the log that was read; nothing more of it is delivered. */
  readonly onLost?: () => void;
  readonly sessionTimeoutMs?: number;
  readonly silenceMs?: number;
}

interface PartitionState {
  /** Next offset that the reader has not had. */
  expected: number;
  /** Lowest offset that the running consumer can have asked for. */
  floor: number;
  /** The record before `expected`, to recognise the log by. */
  last: LogRecord | undefined;
  /** Ends when no delivery of the partition runs. */
  idle: Promise<void>;
}

const redeliveryPauseMs = 1000;
/** A leader that has just been elected may not know of all that its predecessor confirmed, for a moment. */
const [shortLooks, shortLookMs] = [3, 1000];

/**
 * Reads all partitions of one epoch from given offsets. kafkajs only reads in groups, so each tail is a group of its own that never
 * commits. That alone would lose records: after a freeze the coordinator has forgotten the group, and the consumer
 * joins again wherever its defaults say. So every join seeks, to the record before the expected one: seeing it again
 * also proves that the topic was not deleted and recreated meanwhile, which Kafka itself does not tell.
 */
export class KafkaTail implements LogTail {
  readonly #options: KafkaTailOptions;
  readonly #consumer: SupervisedConsumer;
  readonly #partitions: readonly PartitionState[];
  readonly #closing = new AbortController();
  #joins = 0;

  constructor(options: KafkaTailOptions) {
    this.#options = options;
    this.#partitions = Array.from({ length: options.partitionCount }, (_, partition) => {
      const from = options.from[partition] ?? 0;
      return { expected: from, floor: from, last: undefined, idle: Promise.resolve() };
    });
    this.#consumer = new SupervisedConsumer({
      kafka: options.kafka,
      topic: options.topic,
      // A new one for each consumer: in the group of one that broke off, the coordinator would first wait for that one.
      groupId: () => `${options.topic}.tail.${randomUUID()}`,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 30_000,
      rebalanceTimeoutMs: options.sessionTimeoutMs ?? 30_000,
      silenceMs: options.silenceMs ?? 15_000,
      heartbeatMs: 500,
      concurrency: options.partitionCount,
      onAssigned: (partitions, consumer) => this.#onAssigned(partitions, consumer),
      onBatch: (payload) => this.#onBatch(payload),
      onContact: () => this.#onContact(),
      onFault: (error) => this.#fault(error),
    });
  }

  start(): void {
    this.#consumer.start();
  }

  /** Next offset of each partition that the reader has not had. */
  get vector(): Vector {
    return this.#partitions.map(({ expected }) => expected);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#consumer.stop();
    await Promise.all(this.#partitions.map(({ idle }) => idle));
  }

  #onAssigned(partitions: readonly number[], consumer: Consumer): void {
    this.#joins++;
    for (const partition of partitions) {
      const state = this.#partitions[partition];
      if (state === undefined) continue;
      state.floor = state.last === undefined ? state.expected : state.expected - 1;
      consumer.seek({ topic: this.#options.topic, partition, offset: `${state.floor}` });
    }
    this.#checkHeads().catch((error: Error) => this.#fault(error));
  }

  /** A log that ends before what was read of it is not the same log. */
  async #checkHeads(): Promise<void> {
    const { signal } = this.#closing;
    const join = this.#joins;
    for (let look = 1; join === this.#joins && !signal.aborted; look++) {
      const expected = this.vector;
      const ends = await this.#options.ends();
      const partition = expected.findIndex((offset, index) => (ends[index] ?? 0) < offset);
      if (partition < 0) return;
      if (look === shortLooks) return this.#endEpoch(partition);
      await pause(shortLookMs, undefined, { signal }).catch(() => {});
    }
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition } = batch;
    const state = this.#partitions[partition];
    if (state === undefined) return;
    const join = this.#joins;
    const { floor } = state;
    // A consumer that was replaced, or a rebalance, may still have a delivery in progress.
    const work = state.idle.then(() => this.#deliver(partition, state, batch.messages, floor));
    state.idle = work.catch(() => {});
    await work;
    if (join !== this.#joins) return;
    payload.resolveOffset(batch.lastOffset());
    state.floor = Number(batch.lastOffset()) + 1;
  }

  async #deliver(
    partition: number,
    state: PartitionState,
    messages: readonly KafkaMessage[],
    floor: number,
  ): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const records = messages.map((message) => toRecord(partition, message));
    if (!isSameLog(records, state, floor)) return this.#endEpoch(partition);
    const fresh = records.filter(({ offset }) => offset >= state.expected);
    for (const { unreadable } of fresh)
      if (unreadable !== undefined)
        this.#fault(
          new HubError('invalid-message', `topic ${this.#options.topic}, partition ${partition}: ${unreadable}`),
        );
    for (const run of contiguousRuns(fresh.filter(({ unreadable }) => unreadable === undefined))) {
      const { offset } = run[0];
      if (offset > state.expected) this.#options.onGap({ partition, expected: state.expected, found: offset });
      await this.#handOver(partition, run);
      if (this.#closing.signal.aborted) return;
      state.last = run.at(-1);
      state.expected = offset + run.length;
    }
    this.#passUnreadable(partition, state, fresh.at(-1));
  }

  /** Unreadable records at the end are a gap as well, reported at once: the next record may come much later. */
  #passUnreadable(partition: number, state: PartitionState, last: TailRecord | undefined): void {
    if (last?.unreadable === undefined) return;
    const found = last.offset + 1;
    this.#options.onGap({ partition, expected: state.expected, found });
    state.last = undefined;
    state.expected = found;
  }

  /** Repeats until the reader took the records: what it could not take now must not be passed over. */
  async #handOver(partition: number, records: readonly LogRecord[]): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return await this.#options.onRecords(partition, records);
      } catch (error) {
        this.#fault(asError(error));
        await pause(redeliveryPauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  #endEpoch(partition: number): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const { topic } = this.#options;
    this.#options.onFault?.(
      new HubError(
        'log-mismatch',
        `topic ${topic}, partition ${partition}, was recreated or truncated; a new epoch begins`,
      ),
    );
    this.#options.onLost?.();
    // Not awaited: this runs inside of a handler that the consumer waits for.
    void this.#consumer.stop();
  }

  #onContact(): void {
    if (!this.#closing.signal.aborted) this.#options.onContact?.();
  }

  #fault(error: Error): void {
    if (!this.#closing.signal.aborted) this.#options.onFault?.(error);
  }
}

/** The last record read must still be the one that was read; where it is not seen again, nothing may lie below what was asked for. */
function isSameLog(records: readonly LogRecord[], { last }: PartitionState, floor: number): boolean {
  const again = last && records.find(({ offset }) => offset === last.offset);
  if (last !== undefined && again !== undefined) {
    return again.appendedAtMs === last.appendedAtMs && again.value === last.value;
  }
  return (records[0]?.offset ?? floor) >= floor;
}

interface TailRecord extends LogRecord {
  /** Why the batch that ends here cannot be read. */
  readonly unreadable?: string;
}

function toRecord(partition: number, message: KafkaMessage & Pick<DecodedRecord, 'unreadable'>): TailRecord {
  const place = { partition, offset: Number(message.offset), appendedAtMs: Number(message.timestamp) };
  const { unreadable } = message;
  if (unreadable !== undefined) return { ...place, value: '', unreadable: unreadable.reason };
  return { ...place, value: message.value?.toString() ?? '' };
}

type Run = [LogRecord, ...LogRecord[]];

function contiguousRuns(records: readonly LogRecord[]): readonly Run[] {
  const runs: Run[] = [];
  for (const record of records) {
    const run = runs.at(-1);
    if (run?.at(-1)?.offset === record.offset - 1) run?.push(record);
    else runs.push([record]);
  }
  return runs;
}
