import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { LogEpoch } from '../../channels/ports/epoch-store.ts';
import {
  type AppendResult,
  type EventLog,
  type LogRecord,
  type LogTail,
  partitionOf,
  type TailOptions,
} from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

interface Reader {
  readonly options: TailOptions;
  readonly next: number[];
  readonly busy: Set<number>;
  closed: boolean;
}

/** Among the busy partitions: the reader is being told of a new epoch. */
const changing = -1;

/** An event log in memory that a test can make fail, lose records, or fall silent. */
export class MemoryEventLog implements EventLog {
  readonly topic = undefined;
  epoch = 'memory';
  partitionCount: number;
  /** What each append does; `ok` unless a test says otherwise. */
  failing: 'no' | 'reject' | 'refuse-some' = 'no';
  /** Subjects of which it takes no event, because they are too large. */
  readonly tooLarge = new Set<string>();
  /** Calls of `append`, also those that failed: the events in order. */
  readonly appends: (readonly HubEvent[])[] = [];
  /** While set, tails get nothing. */
  paused = false;
  nowMs = 0;
  #partitions: LogRecord[][];
  #starts: number[];
  readonly #readers = new Set<Reader>();

  constructor(partitionCount = 1) {
    this.partitionCount = partitionCount;
    this.#partitions = Array.from({ length: partitionCount }, () => []);
    this.#starts = Array.from({ length: partitionCount }, () => 0);
  }

  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    this.appends.push(events);
    if (this.failing === 'reject') throw new HubError('storage-unavailable', 'the log is away');
    const results = events.map((event, index): AppendResult => {
      if (this.tooLarge.has(event.subject)) return { ok: false, error: new HubError('limit-exceeded', 'too large') };
      if (this.failing === 'refuse-some' && index % 2 === 1)
        return { ok: false, error: new Error('partition is away') };
      return this.#put(event);
    });
    this.wake();
    return results;
  }

  async ends(): Promise<Vector> {
    return this.#partitions.map((records, partition) => this.#starts[partition]! + records.length);
  }

  async starts(): Promise<Vector> {
    return [...this.#starts];
  }

  async offsetsAt(timeMs: number): Promise<Vector> {
    return this.#partitions.map(
      (records, partition) =>
        records.find((record) => record.appendedAtMs >= timeMs)?.offset ?? this.#starts[partition]! + records.length,
    );
  }

  async beginEpoch({ partitionCount = this.partitionCount } = {}): Promise<LogEpoch> {
    return this.nextEpoch({ partitionCount, complete: true });
  }

  /** Goes on in a new epoch; `complete: false` is a log that was lost. */
  async nextEpoch({ partitionCount = this.partitionCount, complete = true } = {}): Promise<LogEpoch> {
    const [after, epoch] = [this.epoch, `${this.epoch}+`];
    const isRead = (): boolean =>
      [...this.#readers].every(({ busy, next }) => busy.size === 0 && next.every((at, p) => at === this.#headOf(p)));
    while (complete && !isRead()) await new Promise((resolve) => setImmediate(resolve));
    [this.epoch, this.partitionCount] = [epoch, partitionCount];
    this.#partitions = Array.from({ length: partitionCount }, () => []);
    this.#starts = Array.from({ length: partitionCount }, () => 0);
    for (const reader of this.#readers) {
      reader.next.splice(0, reader.next.length, ...this.#starts);
      reader.busy.add(changing);
      void Promise.resolve(reader.options.onEpoch?.({ epoch, partitionCount, complete })).then(() => {
        reader.busy.delete(changing);
        this.wake();
      });
    }
    return { epoch, partitionCount, place: 'memory', after, lost: !complete };
  }

  async tail(options: TailOptions): Promise<LogTail> {
    const reader: Reader = { options, next: [...options.from], busy: new Set(), closed: false };
    this.#readers.add(reader);
    this.wake();
    return {
      close: async () => {
        reader.closed = true;
        this.#readers.delete(reader);
      },
    };
  }

  async close(): Promise<void> {
    this.#readers.clear();
  }

  /** Every event in the log, partition by partition. */
  get events(): readonly HubEvent[] {
    return this.#partitions.flat().map((record) => JSON.parse(record.value) as HubEvent);
  }

  /** Forgets the oldest records of a partition, as retention does. */
  lose(partition: number, count: number): void {
    this.#partitions[partition]!.splice(0, count);
    this.#starts[partition]! += count;
  }

  /** The log answers its readers, whether there is anything new or not. */
  contact(): void {
    for (const reader of this.#readers) reader.options.onContact?.();
  }

  wake(): void {
    for (const reader of this.#readers)
      for (let partition = 0; partition < this.partitionCount; partition++) void this.#feed(reader, partition);
  }

  #headOf(partition: number): number {
    return this.#starts[partition]! + this.#partitions[partition]!.length;
  }

  #put(event: HubEvent): AppendResult {
    const partition = partitionOf(event.tenant, event.subject, this.partitionCount);
    const offset = this.#headOf(partition);
    this.#partitions[partition]!.push({ partition, offset, appendedAtMs: this.nowMs, value: JSON.stringify(event) });
    return { ok: true, partition, offset };
  }

  async #feed(reader: Reader, partition: number): Promise<void> {
    if (reader.busy.has(partition) || reader.busy.has(changing)) return;
    reader.busy.add(partition);
    await Promise.resolve();
    while (!reader.closed && !this.paused && !reader.busy.has(changing)) {
      const start = this.#starts[partition]!;
      const expected = reader.next[partition]!;
      if (expected < start) reader.options.onGap({ partition, expected, found: start });
      reader.next[partition] = Math.max(expected, start);
      const records = this.#partitions[partition]!.slice(
        reader.next[partition]! - start,
        reader.next[partition]! - start + 100,
      );
      if (records.length === 0) break;
      reader.next[partition]! += records.length;
      await reader.options.onRecords(partition, records);
    }
    reader.busy.delete(partition);
  }
}
