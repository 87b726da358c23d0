import { documentKey } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EpochChange, EventLog, LogGap, LogRecord, LogTail } from '../../channels/ports/event-log.ts';
import type { Cursor } from '../../channels/position/cursor.ts';
import { covers, type Vector } from '../../channels/position/vector.ts';
import { Ring, type RingLimits } from '../../channels/position/ring.ts';

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
  readonly ringLimits: RingLimits;
  readonly now: () => number;
  /** New events are queued. */
  readonly onQueued: () => void;
  /** The vector moved without a tick: only repetitions were read. */
  readonly onMoved: () => void;
  readonly onGap: (gap: LogGap) => void;
  /** Positions begin anew; everything read before has been processed. */
  readonly onEpoch: (change: EpochChange) => void;
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
  #ring: Ring;
  #epoch = '';
  /** Versions of the epochs before, as far back as the ring: what was appended again after its end is recognised by them. */
  #versionsBefore: ReadonlyMap<string, number> = new Map();
  #forgetBeforeMs = 0;
  #whenIdle: () => void = () => {};
  #isStopped = false;
  #taken = 0;
  /** Taken by the tick and not yet published. */
  #inFlight = 0;
  #resume: (() => void)[] = [];
  #tail: LogTail | undefined;
  /** Next offset of each partition that the tick has processed. */
  #vector: number[] = [];
  #readTo: number[] = [];
  #revision = 0;
  #target: Vector = [];
  #ready: (() => void) | undefined;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#ring = new Ring([], options.ringLimits);
  }

  /** Resolves when everything that the log held at the start has been processed. */
  async start(): Promise<void> {
    const { log, ringLimits } = this.#options;
    const { epoch, from, heads } = await this.#findStart();
    this.#epoch = epoch;
    this.#target = heads;
    this.#ring = new Ring(from, ringLimits);
    this.#vector = [...from];
    this.#readTo = [...from];
    this.#revision += 1;
    const caughtUp = new Promise<void>((resolve) => (this.#ready = resolve));
    this.#tail = await log.tail({
      from,
      epoch,
      onEpoch: (change) => this.#enterEpoch(change),
      onRecords: (partition, records) => this.#take(partition, records),
      onGap: (gap) => this.#onGap(gap),
      onContact: () => this.#options.onContact(),
      onFault: (error) => this.#options.onFault(error),
    });
    this.#checkReady();
    await caughtUp;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const resume of this.#resume.splice(0)) resume();
    this.#ready?.();
    this.#whenIdle();
    await this.#tail?.close();
  }

  get queued(): number {
    return this.#queue.length - this.#taken;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** The epoch that the vector belongs to. The log may be ahead of it. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Next offset of each partition that the tick has processed. */
  get vector(): Vector {
    return this.#vector;
  }

  /** Another number whenever the position is another. */
  get revision(): number {
    return this.#revision;
  }

  /** Where the tick is, with marks to recognise the log by. */
  get position(): Cursor {
    const vector = [...this.#vector];
    const marks = vector.map((next, partition) => this.#ring.markBefore(partition, next));
    return { epoch: this.#epoch, vector, marks };
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
      const { version } = event.data;
      // the ring holds what this epoch holds, whatever was delivered in the one before
      const isNew = this.#ring.push({ partition, offset, appendedAtMs, entity, version, text });
      if (isNew && !this.#isOfEpochBefore(entity, version))
        this.#queue.push({ partition, offset, bytes: text.length, event });
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
      this.#onGap({ partition, expected: record.offset, found: record.offset + 1 });
      this.#readTo[partition] = record.offset + 1;
      return undefined;
    }
  }

  /** Nobody can go on from before the hole: what lies in it was sent to nobody. */
  #onGap(gap: LogGap): void {
    this.#ring.cut(gap.partition, gap.found);
    this.#options.onGap(gap);
  }

  /** Where the log was a ring's age ago and where it ends, both of one epoch. */
  async #findStart(): Promise<{ readonly epoch: string; readonly from: Vector; readonly heads: Vector }> {
    const { log, ringLimits, now } = this.#options;
    for (;;) {
      const { epoch } = log;
      const from = await log.offsetsAt(now() - ringLimits.maxAgeMs);
      const heads = await log.heads();
      if (epoch === log.epoch) return { epoch, from, heads };
    }
  }

  /** What was read of the old epoch is published first: its positions mean nothing afterwards. */
  async #enterEpoch(change: EpochChange): Promise<void> {
    while ((this.queued > 0 || this.#inFlight > 0) && !this.#isStopped)
      await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    if (this.#isStopped) return;
    const { ringLimits, now, onEpoch } = this.#options;
    const { epoch, partitionCount } = change;
    // the same memory for all partitions together
    const maxBytes = Math.ceil((ringLimits.maxBytes * this.#vector.length) / partitionCount);
    const stillKnown = now() > this.#forgetBeforeMs ? [] : this.#versionsBefore;
    this.#versionsBefore = new Map([...stillKnown, ...this.#ring.versions]);
    this.#forgetBeforeMs = now() + ringLimits.maxAgeMs;
    this.#vector = Array.from({ length: partitionCount }, () => 0);
    this.#ring = new Ring(this.#vector, { ...ringLimits, maxBytes });
    this.#epoch = epoch;
    this.#readTo = [...this.#vector];
    this.#revision += 1;
    this.#target = [];
    onEpoch(change);
    this.#checkReady();
  }

  #isOfEpochBefore(entity: string, version: number): boolean {
    if (this.#versionsBefore.size === 0) return false;
    if (this.#options.now() > this.#forgetBeforeMs) this.#versionsBefore = new Map();
    return (this.#versionsBefore.get(entity) ?? 0) >= version;
  }

  #advanceIdle(partition: number): void {
    this.#vector[partition] = this.#readTo[partition] ?? 0;
    this.#revision += 1;
    this.#options.onMoved();
    this.#checkReady();
  }

  #processed(entries: readonly QueuedEvent[]): void {
    this.#inFlight = 0;
    this.#revision += 1;
    for (const entry of entries) this.#vector[entry.partition] = entry.offset + 1;
    if (this.queued === 0) {
      this.#vector = [...this.#readTo];
      this.#whenIdle();
    }
    this.#checkReady();
  }

  #checkReady(): void {
    if (this.#ready === undefined || !covers(this.#vector, this.#target)) return;
    this.#ready();
    this.#ready = undefined;
  }
}
