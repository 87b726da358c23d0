import { documentKey } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { parseEvent } from '../../../channels/event/parse-event.ts';
import { NewerForm } from '../../../channels/forms/form-of.ts';
import type { EpochChange, EventLog, LogGap, LogRecord, LogTail } from '../../../channels/ports/event-log.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import { covers, type Vector } from '../../../channels/position/vector.ts';
import { RecentVersions } from '../../../channels/position/recent-versions.ts';
import { Ring, type RingLimits } from '../../../channels/position/ring.ts';

/** Above this many records the log is not read further until the tick has caught up. */
const maxQueued = 8192;

/**
 * A record that was sent before a process stood still may be appended after it, behind later versions of its entity. The
 * longest known is a freeze of half a minute; the journal, which knows the rest, may be as long without a writer.
 */
const rememberedMs = 120_000;
const maxRememberedEntities = 50_000;
/** All of the log is read, or it repeats nothing. */
const always = 0;

/** One event of the log that the tick is to publish. */
export interface QueuedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly event: HubEvent;
}

/** The next part of the log. */
export interface Portion {
  /** Records of the log, repetitions and what cannot be read included. */
  readonly records: number;
  /** The events among them that are new. */
  readonly entries: readonly QueuedEvent[];
  /** To be called when they have been published. */
  readonly done: () => void;
}

export interface LogReaderOptions {
  readonly log: EventLog;
  readonly ringLimits: RingLimits;
  readonly now: () => number;
  /** False where journal and log are one: what is older is read there, and the log has no repetitions to recognise. */
  readonly readsBack: boolean;
  readonly elapsedMs: () => number;
  /** New records are queued. */
  readonly onQueued: () => void;
  readonly onGap: (gap: LogGap) => void;
  /** Positions begin again; everything read before has been processed. */
  readonly onEpoch: (change: EpochChange) => void;
  readonly onContact: () => void;
  readonly onFault: (error: Error) => void;
  /** The log has an event of a newer release. Nothing behind it is read any more. */
  readonly onNewer: (error: NewerForm) => void;
}

/**
 * Reads all partitions of the log into a queue, and hands them to the tick and to the ring. Starts back by the ring's
 * age, so that a restarted node knows the recent past, and so recognises repetitions, from its first second. Where the
 * journal has the recent past at once and without repetitions, it starts at the end of the log, whatever happened before.
 *
 * Records wait as text and are parsed when the tick wants them: parsed events that wait cost the garbage collector more
 * than parsing does.
 */
export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #queue: (LogRecord | LogGap)[] = [];
  #ring: Ring;
  readonly #keepMs: number;
  #versions: RecentVersions;
  #epoch = '';
  /** Versions of the epochs before: what was appended again after its end is recognised by them. */
  #versionsBefore: ReadonlyMap<string, number> = new Map();
  #forgetBeforeMs = 0;
  #whenIdle: () => void = () => {};
  #isStopped = false;
  #isHalted = false;
  /** Records taken by the tick and not yet published. */
  #inFlight = 0;
  #resume: (() => void)[] = [];
  #tail: LogTail | undefined;
  /** Next offset of each partition that the tick has processed. */
  #vector: number[] = [];
  #revision = 0;
  #target: Vector = [];
  #ready: (() => void) | undefined;
  #unready: ((error: NewerForm) => void) | undefined;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#ring = new Ring([], options.ringLimits);
    this.#keepMs = Math.max(options.ringLimits.maxAgeMs, rememberedMs);
    this.#versions = this.#newVersions(always);
  }

  /** Resolves when everything that the log held at the start has been processed. @throws NewerForm */
  async start(): Promise<void> {
    const { log, ringLimits } = this.#options;
    const { epoch, from, heads, sinceMs } = await this.#findStart();
    this.#epoch = epoch;
    this.#target = heads;
    this.#ring = new Ring(from, ringLimits);
    this.#versions = this.#newVersions(sinceMs);
    this.#vector = [...from];
    this.#revision += 1;
    const caughtUp = new Promise<void>((resolve, reject) => {
      this.#ready = resolve;
      this.#unready = reject;
    });
    this.#tail = await log.tail({
      from,
      epoch,
      onEpoch: (change) => this.#enterEpoch(change),
      onRecords: (_partition, records) => this.#enqueue(records),
      // in its place: what stands before it is still to be published
      onGap: (gap) => void this.#enqueue([gap]),
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

  /** Records that wait for the tick. */
  get queued(): number {
    return this.#isHalted ? 0 : this.#queue.length;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** What the log took since then is recognised when it comes again, ms since 1970. */
  get remembersSinceMs(): number {
    return this.#versions.sinceMs;
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

  /** The next records in the order of the log, up to `maxRecords` and `maxBytes` but at least one. */
  next(maxRecords: number, maxBytes: number): Portion {
    let bytes = 0;
    const fits = (each: LogRecord | LogGap, index: number): boolean =>
      (bytes += 'value' in each ? each.value.length : 0) <= maxBytes || index === 0;
    const end = this.#queue.findIndex((each, index) => index === maxRecords || !fits(each, index));
    const taken: (LogRecord | LogGap)[] = [];
    const entries: QueuedEvent[] = [];
    for (const each of this.#queue.splice(0, end < 0 ? this.#queue.length : end)) {
      const entry = this.#isHalted ? undefined : this.#read(each);
      if (this.#isHalted) continue;
      taken.push(each);
      if (entry !== undefined) entries.push(entry);
    }
    this.#inFlight = taken.length;
    if (this.queued < maxQueued && !this.#isHalted) for (const resume of this.#resume.splice(0)) resume();
    return { records: taken.length, entries, done: () => this.#processed(taken) };
  }

  #read(each: LogRecord | LogGap): QueuedEvent | undefined {
    try {
      return 'value' in each ? this.#open(each) : this.#onGap(each);
    } catch (error) {
      if (!(error instanceof NewerForm)) throw error;
      // the position stays before it, so that a node that reads it resumes from there
      this.#isHalted = true;
      this.#options.onNewer(error);
      this.#unready?.(error);
      return undefined;
    }
  }

  #enqueue(next: readonly (LogRecord | LogGap)[]): Promise<void> | undefined {
    if (this.#isHalted) return new Promise((resolve) => this.#resume.push(resolve));
    for (const each of next) this.#queue.push(each);
    if (this.queued > 0) this.#options.onQueued();
    return this.queued >= maxQueued ? new Promise((resolve) => this.#resume.push(resolve)) : undefined;
  }

  /** The event of a record, if it is a new one. @throws NewerForm */
  #open(record: LogRecord): QueuedEvent | undefined {
    const { partition, offset, appendedAtMs, value: text } = record;
    // erased since: whoever had it is told that its entity is gone by what follows
    if (text === '') return undefined;
    const event = record.event ?? parseEvent(text);
    if (event === undefined || this.#ring.floors[partition] === undefined) return this.#onForeign(record);
    const entity = documentKey(event.tenant, event.subject);
    const { version } = event.data;
    if (!this.#versions.add(entity, version, appendedAtMs)) return undefined;
    // the ring holds what this epoch holds, whatever was delivered in the one before
    const isNew = this.#ring.push({ partition, offset, appendedAtMs, entity, version, text });
    return isNew && !this.#isOfEpochBefore(entity, version) ? { partition, offset, event } : undefined;
  }

  /** Somebody else wrote into our topic: what cannot be read is a hole, not a reason to stop. */
  #onForeign({ partition, offset }: LogRecord): undefined {
    this.#options.onFault(
      new Error(`the record at offset ${offset} of partition ${partition} is not an event of the hub`),
    );
    return this.#onGap({ partition, expected: offset, found: offset + 1 });
  }

  /** Nothing before the gap can be resumed: the missing records were sent to no client. */
  #onGap(gap: LogGap): undefined {
    this.#ring.cut(gap.partition, gap.found);
    this.#options.onGap(gap);
  }

  /** Where the log was as long ago as anything of it is kept, and where it ends, both of one epoch. */
  async #findStart(): Promise<{
    readonly epoch: string;
    readonly from: Vector;
    readonly heads: Vector;
    readonly sinceMs: number;
  }> {
    const { log, now, readsBack } = this.#options;
    for (;;) {
      const { epoch } = log;
      const sinceMs = readsBack ? now() - this.#keepMs : always;
      const past = readsBack ? await log.offsetsAt(sinceMs) : undefined;
      const heads = await log.ends();
      const from = past ?? heads;
      if (epoch === log.epoch) return { epoch, from, heads, sinceMs };
    }
  }

  #newVersions(sinceMs: number): RecentVersions {
    return new RecentVersions({ sinceMs, keepMs: this.#keepMs, maxEntities: maxRememberedEntities });
  }

  /** What was read of the old epoch is published first: its positions mean nothing afterwards. */
  async #enterEpoch(change: EpochChange): Promise<void> {
    while ((this.queued > 0 || this.#inFlight > 0) && !this.#isStopped)
      await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    if (this.#isStopped) return;
    const { ringLimits, elapsedMs, onEpoch } = this.#options;
    const { epoch, partitionCount } = change;
    // the same memory for all partitions together
    const maxBytes = Math.ceil((ringLimits.maxBytes * this.#vector.length) / partitionCount);
    const stillKnown = elapsedMs() > this.#forgetBeforeMs ? [] : this.#versionsBefore;
    this.#versionsBefore = new Map([...stillKnown, ...this.#versions.all]);
    this.#forgetBeforeMs = elapsedMs() + this.#keepMs;
    this.#vector = Array.from({ length: partitionCount }, () => 0);
    this.#ring = new Ring(this.#vector, { ...ringLimits, maxBytes });
    this.#versions = this.#newVersions(always);
    this.#epoch = epoch;
    this.#revision += 1;
    this.#target = [];
    onEpoch(change);
    this.#checkReady();
  }

  #isOfEpochBefore(entity: string, version: number): boolean {
    if (this.#versionsBefore.size === 0) return false;
    if (this.#options.elapsedMs() > this.#forgetBeforeMs) this.#versionsBefore = new Map();
    return (this.#versionsBefore.get(entity) ?? 0) >= version;
  }

  #processed(taken: readonly (LogRecord | LogGap)[]): void {
    this.#inFlight = 0;
    this.#revision += 1;
    for (const each of taken) this.#vector[each.partition] = 'value' in each ? each.offset + 1 : each.found;
    if (this.queued === 0) this.#whenIdle();
    this.#checkReady();
  }

  #checkReady(): void {
    if (this.#ready === undefined || !covers(this.#vector, this.#target)) return;
    this.#ready();
    this.#ready = undefined;
  }
}
