import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { asError } from '../../channels/base/thrown.ts';
import type { EpochStore, LogEpoch } from '../../channels/ports/epoch-store.ts';
import type { LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { KafkaTail } from './kafka-tail.ts';
import { TopicOffsets } from './topic-offsets.ts';

export interface EpochTailOptions extends Omit<TailOptions, 'epoch'> {
  readonly kafka: Kafka;
  readonly epochs: Pick<EpochStore, 'since'>;
  readonly topicOf: (epoch: string) => string;
  readonly epoch: string;
  /** The topic of this epoch gives trouble. */
  readonly onDoubt: (epoch: string) => void;
  /** The topic of this epoch is not the log that was read. */
  readonly onLost: (epoch: string) => void;
  readonly sessionTimeoutMs?: number;
  readonly silenceMs?: number;
}

interface Reading {
  readonly tail: KafkaTail;
  readonly offsets: TopicOffsets;
  isLost: boolean;
}

const drainLookMs = 200;
const storeRetryMs = 1000;
/** How often in a row the rest of a topic must appear to be unavailable. */
const goneLooks = 10;

/**
 * Reads the log through its epochs. When a new one has begun, the old topic is read to the end that it has *after* this
 * was learnt: an append counts only if its epoch was still current when it was complete, so all that count are there.
 * Then, and not before, the new topic is read from its beginning.
 */
export class EpochTail implements LogTail {
  readonly #options: EpochTailOptions;
  readonly #closing = new AbortController();
  #epoch: string;
  #changed: Promise<void>;
  #tellChange: () => void = () => {};
  #done: Promise<void> = Promise.resolve();

  constructor(options: EpochTailOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    this.#changed = new Promise((resolve) => (this.#tellChange = resolve));
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Another epoch may be current. */
  changed(): void {
    this.#tellChange();
    this.#changed = new Promise((resolve) => (this.#tellChange = resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.changed();
    await this.#done;
  }

  async #run(): Promise<void> {
    let { from } = this.#options;
    for (;;) {
      const reading = this.#read(from);
      const next = await this.#next();
      const complete = next !== undefined && (await this.#isComplete(reading, next));
      await reading.tail.close();
      await reading.offsets.close();
      if (next === undefined || this.#closing.signal.aborted) return;
      const { epoch, partitionCount } = next;
      await this.#options.onEpoch?.({ epoch, partitionCount, complete });
      this.#epoch = epoch;
      from = Array.from({ length: partitionCount }, () => 0);
    }
  }

  #read(from: Vector): Reading {
    const { onDoubt, onLost, onFault, topicOf, kafka, ...options } = this.#options;
    const epoch = this.#epoch;
    const topic = topicOf(epoch);
    const offsets = new TopicOffsets({ kafka, topic, partitionCount: from.length });
    const tail = new KafkaTail({
      ...options,
      kafka,
      topic,
      from,
      partitionCount: from.length,
      ends: () => offsets.ends(),
      onLost: () => {
        reading.isLost = true;
        onLost(epoch);
      },
      onFault: (error) => {
        onDoubt(epoch);
        onFault?.(error);
      },
    });
    const reading: Reading = { tail, offsets, isLost: false };
    tail.start();
    return reading;
  }

  /** The epoch after this one, when there is one; undefined when the tail is closed. */
  async #next(): Promise<LogEpoch | undefined> {
    const { epochs, onFault } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const changed = this.#changed;
      try {
        const [next] = await epochs.since(this.#epoch);
        if (next !== undefined) return next;
        await changed;
      } catch (error) {
        onFault?.(asError(error));
        await pause(storeRetryMs, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  /** True when everything of the old topic was delivered; false when the rest of it is not available. */
  async #isComplete(reading: Reading, next: LogEpoch): Promise<boolean> {
    const { signal } = this.#closing;
    if (next.after !== this.#epoch || next.lost) return false;
    for (let gone = 0; !signal.aborted && !reading.isLost && gone < goneLooks;) {
      const left = await this.#left(reading);
      if (left === 'nothing') return true;
      gone = left === 'gone' ? gone + 1 : 0;
      await pause(drainLookMs, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  async #left({ tail, offsets }: Reading): Promise<'nothing' | 'some' | 'gone'> {
    try {
      if (!(await offsets.exists())) return 'gone';
      const ranges = await offsets.ranges();
      const at = (partition: number): number => tail.vector[partition] ?? 0;
      // it ends before what was read of it, or retention has taken what was not read
      if (ranges.some(({ low, high }, partition) => at(partition) > high || (at(partition) < high && low >= high)))
        return 'gone';
      return ranges.every(({ high }, partition) => at(partition) >= high) ? 'nothing' : 'some';
    } catch (error) {
      this.#options.onFault?.(asError(error));
      return 'some';
    }
  }
}
