import { documentKey } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog, LogGap, LogRecord, LogTail } from '../../channels/ports/event-log.ts';
import { covers, type Vector } from '../../channels/position/vector.ts';
import type { Ring } from '../../channels/position/ring.ts';

/** Above this many events the log is not read further until the tick has caught up. */
const maxQueued = 8192;

/** One event of the log that waits for the tick. */
export interface QueuedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly bytes: number;
  readonly event: HubEvent;
}

export interface LogReaderOptions {
  readonly log: EventLog;
  readonly ring: Ring;
  readonly ringMaxAgeMs: number;
  readonly now: () => number;
  /** New events are queued. */
  readonly onQueued: () => void;
  readonly onGap: (gap: LogGap) => void;
  readonly onContact: () => void;
  readonly onFault: (error: Error) => void;
}

/**
 * Reads all partitions of the log into the ring and a queue for the tick. Starts back by the ring's age, so that a
 * restarted node knows the recent past, and so recognises repetitions, from its first second.
 */
export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #queue: QueuedEvent[] = [];
  #taken = 0;
  /** Taken by the tick and not yet published. */
  #inFlight = 0;
  #resume: (() => void)[] = [];
  #tail: LogTail | undefined;
  /** Next offset of each partition that the tick has processed. */
  #vector: number[] = [];
  #readTo: number[] = [];
  #target: Vector = [];
  #ready: (() => void) | undefined;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** Resolves when everything that the log held at the start has been processed. */
  async start(): Promise<void> {
    const { log, ringMaxAgeMs, now } = this.#options;
    const from = await log.offsetsAt(now() - ringMaxAgeMs);
    this.#target = await log.heads();
    this.#vector = [...from];
    this.#readTo = [...from];
    const caughtUp = new Promise<void>((resolve) => (this.#ready = resolve));
    this.#tail = await log.tail({
      from,
      onRecords: (partition, records) => this.#take(partition, records),
      onGap: (gap) => this.#options.onGap(gap),
      onContact: () => this.#options.onContact(),
      onFault: (error) => this.#options.onFault(error),
    });
    this.#checkReady();
    await caughtUp;
  }

  async stop(): Promise<void> {
    for (const resume of this.#resume.splice(0)) resume();
    this.#ready?.();
    await this.#tail?.close();
  }

  get queued(): number {
    return this.#queue.length - this.#taken;
  }

  /** Events read and not yet processed, of each partition. */
  get vector(): Vector {
    return this.#vector;
  }

  /**
   * The next events in the order of the log, up to `maxEvents` and `maxBytes` but at least one; `done` must be called
   * when they have been published.
   */
  next(maxEvents: number, maxBytes: number): { readonly entries: readonly QueuedEvent[]; readonly done: () => void } {
    let bytes = 0;
    const fits = (entry: QueuedEvent, index: number): boolean => (bytes += entry.bytes) <= maxBytes || index === 0;
    const waiting = this.#queue.slice(this.#taken, this.#taken + maxEvents);
    const end = waiting.findIndex((entry, index) => !fits(entry, index));
    const entries = end < 0 ? waiting : waiting.slice(0, end);
    this.#taken += entries.length;
    this.#inFlight = entries.length;
    if (this.#taken > 1024 && this.#taken * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#taken);
      this.#taken = 0;
    }
    if (this.queued < maxQueued) for (const resume of this.#resume.splice(0)) resume();
    return { entries, done: () => this.#processed(entries) };
  }

  #take(partition: number, records: readonly LogRecord[]): Promise<void> | undefined {
    for (const record of records) {
      const { offset, appendedAtMs, value: text } = record;
      const event = this.#parse(partition, record);
      if (event === undefined) continue;
      const entity = documentKey(event.tenant, event.subject);
      // a repetition is skipped, but what stands before it must be processed before the vector passes it
      const isNew = this.#options.ring.push({
        partition,
        offset,
        appendedAtMs,
        entity,
        version: event.data.version,
        text,
      });
      if (isNew) this.#queue.push({ partition, offset, bytes: text.length, event });
      this.#readTo[partition] = offset + 1;
    }
    if (this.queued > 0) this.#options.onQueued();
    else if (this.#inFlight === 0) this.#advanceIdle(partition);
    return this.queued >= maxQueued ? new Promise((resolve) => this.#resume.push(resolve)) : undefined;
  }

  /** Somebody else wrote into our topic: what cannot be read is a hole, not a reason to stop. */
  #parse(partition: number, record: LogRecord): HubEvent | undefined {
    try {
      return JSON.parse(record.value) as HubEvent;
    } catch (error) {
      this.#options.onFault(error as Error);
      this.#options.onGap({ partition, expected: record.offset, found: record.offset + 1 });
      this.#readTo[partition] = record.offset + 1;
      return undefined;
    }
  }

  #advanceIdle(partition: number): void {
    this.#vector[partition] = this.#readTo[partition] ?? 0;
    this.#checkReady();
  }

  #processed(entries: readonly QueuedEvent[]): void {
    this.#inFlight = 0;
    for (const entry of entries) this.#vector[entry.partition] = entry.offset + 1;
    if (this.queued === 0) this.#vector = [...this.#readTo];
    this.#checkReady();
  }

  #checkReady(): void {
    if (this.#ready === undefined || !covers(this.#vector, this.#target)) return;
    this.#ready();
    this.#ready = undefined;
  }
}
