import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { NewerForm } from '../../../channels/forms/form-of.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Clock, Stopwatch } from '../../../channels/ports/clock.ts';
import type { EventJournal } from '../../../channels/ports/event-journal.ts';
import type { EpochChange, EventLog } from '../../../channels/ports/event-log.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Ring } from '../../../channels/position/ring.ts';
import { covers, type Vector } from '../../../channels/position/vector.ts';
import type { Outlet } from '../outlet/outlet.ts';
import type { RoomSink } from '../outlet/room-sink.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Logger } from '../../observability/logger.ts';
import { every, type Loop } from '../../turns/every.ts';
import { packetText } from '../../transport/packet.ts';
import { CursorBeat, cursorEveryMs } from './cursor-beat.ts';
import { LogReader, type Portion, type QueuedEvent } from './log-reader.ts';
import { createTickPublisher, type TickPublisher } from './publish-tick.ts';
import { createRepeatFilter, type RepeatFilter } from './repeat-filter.ts';
import type { RoomRegistry } from './room-registry.ts';
import { TickPace } from './tick-pace.ts';

const tickEvents = 512;
const sliceMs = 4;
const sliceEvents = 64;
/** After a tick that gave one room that much: time for healthy clients to take it before more is put on top. */
const burstPauseMs = 5;
/** After a tick that failed as a whole. */
const faultPauseMs = 100;
/** An idle log still answers every second; silence of this length means it cannot be read. */
const staleAfterMs = 5000;

export interface GatewayOptions {
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly journal: EventJournal;
  readonly rooms: RoomRegistry;
  readonly clock: Clock & Stopwatch;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly ringMaxBytes: number;
  readonly ringMaxAgeMs: number;
  /** Unread bytes at which a connection is closed; a burst is handed out in slices well below it. */
  readonly maxBufferedBytes: number;
  readonly wireId: (event: HubEvent) => string;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  readonly sealCursor: (cursor: Cursor) => string;
  /** Interval of `cursor` messages. @default 5000 */
  readonly cursorEveryMs?: number;
  /** Where rooms hand over what is for their members. */
  readonly sink: RoomSink;
  readonly outlet: Pick<Outlet, 'published'>;
  readonly publishAll: (packet: string) => void;
  /** To all sessions of one tenant. */
  readonly publishTo: (tenant: string, packet: string) => void;
  /** The log cannot be read any more, or can again. */
  readonly onLogState: (state: 'up' | 'down') => void;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
}

interface Waiter {
  readonly target: Vector;
  readonly resolve: (reached: boolean) => void;
}

/**
 * Drives the log to the rooms: reads, waits for the pace, publishes a tick, and yields to the event loop between
 * ticks so that pings, subscriptions and answers are never starved by a flood of events.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #reader: LogReader;
  readonly #publishTick: TickPublisher;
  readonly #withoutRepeats: RepeatFilter;
  readonly #pace = new TickPace();
  readonly #beat: CursorBeat;
  #sealed: { readonly revision: number; readonly text: string } | undefined;
  #scheduled = false;
  #stopped = false;
  /** Between taking events and having published them. */
  #publishing = false;
  #boundaryWork: (() => void)[] = [];
  #waiters = new Set<Waiter>();
  /** Past the events that are only read back at start. */
  #live = false;
  #contactAtMs: number;
  #stale = false;
  #watch: Loop | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { log, clock, ringMaxAgeMs } = options;
    this.#contactAtMs = clock.elapsedMs();
    this.#publishTick = createTickPublisher({
      rooms: options.rooms,
      store: options.store,
      wireId: options.wireId,
      sink: options.sink,
      outlet: options.outlet,
      onFault: (event, error) => this.#onUnsendable(event, error),
      onStale: (rooms, error) =>
        options.logger.warn({ error, rooms: rooms.length }, 'the catalog cannot be read; rooms are notified as stale'),
    });
    this.#withoutRepeats = createRepeatFilter({
      epoch: () => this.#reader.epoch,
      journal: options.journal,
      clock,
      ring: () => this.#reader.ring,
      ringMaxAgeMs,
    });
    this.#beat = new CursorBeat({
      everyMs: options.cursorEveryMs ?? cursorEveryMs,
      atBoundary: (work) => this.atBoundary(work),
      publish: () => options.publishAll(packetText('cursor', { cursor: this.cursor })),
    });
    this.#reader = new LogReader({
      log,
      ringLimits: { maxBytes: Math.ceil(options.ringMaxBytes / log.partitionCount), maxAgeMs: ringMaxAgeMs },
      now: () => clock.now(),
      readsBack: !options.journal.isLog,
      elapsedMs: () => clock.elapsedMs(),
      onQueued: () => this.#schedule(),
      onGap: (gap) => this.#onGap(gap),
      onEpoch: (change) => this.#onEpoch(change),
      onContact: () => this.#onContact(),
      onFault: (error) => options.logger.warn({ error }, 'the log reader recovered from an error'),
      onNewer: options.onNewer,
    });
  }

  /** Resolves when the node knows everything that the log held at the start. */
  async start(): Promise<void> {
    this.#watch = every(1000, () => this.#checkContact());
    await this.#reader.start();
    this.#live = true;
    this.#beat.start();
    this.#contactAtMs = this.#options.clock.elapsedMs();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    void this.#watch?.stop();
    this.#beat.stop();
    for (const waiter of this.#waiters) waiter.resolve(false);
    this.#waiters.clear();
    await this.#reader.stop();
  }

  /** False while the log cannot be read. */
  get fresh(): boolean {
    return !this.#stale;
  }

  get ring(): Ring {
    return this.#reader.ring;
  }

  /** Records that wait for the tick. */
  get queued(): number {
    return this.#reader.queued;
  }

  /** Another number after each step through the log. */
  get revision(): number {
    return this.#reader.revision;
  }

  /** Everything before it has been published. Exact at a boundary only. */
  get position(): Cursor {
    return this.#reader.position;
  }

  /**
   * `position`, sealed; another text in each turn of the event loop, so that two of them do not tell whether it has moved. In
   * one turn thousands may ask, after a node has died.
   */
  get cursor(): string {
    const { revision } = this.#reader;
    if (this.#sealed?.revision !== revision) {
      this.#sealed = { revision, text: this.#options.sealCursor(this.position) };
      setImmediate(() => (this.#sealed = undefined));
    }
    return this.#sealed.text;
  }

  /**
   * Runs `work` when no tick is half done: now, or as soon as the one in progress has been published. Who joins a room in
   * it gets exactly the events from `position` on.
   */
  atBoundary(work: () => void): void {
    if (this.#publishing) this.#boundaryWork.push(work);
    else work();
  }

  /** True once everything before `target` has been published; false if that does not come in time. */
  async untilReached(target: Vector, timeoutMs: number): Promise<boolean> {
    if (covers(this.#reader.vector, target)) return true;
    if (this.#stopped) return false;
    return new Promise((resolve) => {
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const waiter: Waiter = { target, resolve: settle };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  #schedule(leastDelayMs = 0): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    const delayMs = Math.max(leastDelayMs, this.#pace.next());
    if (delayMs === 0) setImmediate(() => void this.#tick());
    else setTimeout(() => void this.#tick(), delayMs);
  }

  /** Never rejects, and always schedules the next where something waits: a fault costs what it concerns, not delivery. */
  async #tick(): Promise<void> {
    let pauseMs = faultPauseMs;
    try {
      pauseMs = await this.#work();
    } catch (error) {
      this.#options.logger.error({ error }, 'a tick failed; the next tick continues after it');
    }
    this.#scheduled = false;
    if (this.#reader.queued > 0) this.#schedule(pauseMs);
  }

  /** One tick; resolves with how long the next has to wait at least. */
  async #work(): Promise<number> {
    const { metrics, maxBufferedBytes, pending } = this.#options;
    const unsafe = pending();
    if (unsafe !== undefined) await unsafe;
    const startedAt = performance.now();
    const burstBytes = maxBufferedBytes / 4;
    let processed = 0;
    let roomBytes = 0;
    while (
      processed < tickEvents &&
      roomBytes < burstBytes &&
      this.#reader.queued > 0 &&
      (processed === 0 || performance.now() - startedAt < sliceMs)
    ) {
      const portion = this.#reader.next(Math.min(sliceEvents, tickEvents - processed), burstBytes);
      // mostly nothing has to be waited for
      const published = this.#handOut(portion);
      roomBytes += typeof published === 'number' ? published : await published;
      processed += portion.records;
      metrics.eventsOut.inc(portion.entries.length);
    }
    metrics.tickSeconds.observe((performance.now() - startedAt) / 1000);
    this.#moved();
    return roomBytes < burstBytes ? 0 : burstPauseMs;
  }

  /** Publishes one portion and continues behind it, also where that fails: then a gap is reported to clients. */
  #handOut(portion: Portion): Promise<number> | number {
    this.#publishing = true;
    try {
      const published = this.#publish(portion.entries);
      if (typeof published === 'number') return this.#handedOut(portion, published);
      return published.then(
        (bytes) => this.#handedOut(portion, bytes),
        (error: unknown) => this.#onUnpublished(portion, error),
      );
    } catch (error) {
      return this.#onUnpublished(portion, error);
    }
  }

  #handedOut({ done }: Portion, bytes: number): number {
    this.#publishing = false;
    done();
    this.#runBoundaryWork();
    return bytes;
  }

  #onUnpublished(portion: Portion, error: unknown): number {
    this.#options.metrics.logGaps.inc();
    this.#options.logger.error({ error, records: portion.records }, 'a batch of the log could not be sent');
    const tenants = new Set(portion.entries.map(({ event }) => event.tenant));
    this.#tellGap('events could not be sent; your data may be out of date', tenants);
    return this.#handedOut(portion, 0);
  }

  #publish(entries: readonly QueuedEvent[]): Promise<number> | number {
    if (this.#live) this.#observe(entries);
    const checked = this.#withoutRepeats(entries);
    return checked instanceof Promise ? checked.then((fresh) => this.#publishTick(fresh)) : this.#publishTick(checked);
  }

  #observe(entries: readonly QueuedEvent[]): void {
    const { metrics, clock } = this.#options;
    for (const { event } of entries)
      metrics.endToEnd.observe(Math.max(0, clock.now() - Date.parse(event.recordedtime)) / 1000);
  }

  #runBoundaryWork(): void {
    for (const work of this.#boundaryWork.splice(0)) {
      try {
        work();
      } catch (error) {
        this.#options.logger.error({ error }, 'a task between two ticks failed');
      }
    }
  }

  #moved(): void {
    for (const waiter of this.#waiters) if (covers(this.#reader.vector, waiter.target)) waiter.resolve(true);
  }

  /** `tenants`: of the missing events; undefined if they are not known. */
  #tellGap(message: string, tenants?: ReadonlySet<string>): void {
    const { publishAll, publishTo } = this.#options;
    const packet = packetText('notice', { code: 'gap', message });
    if (tenants === undefined) return publishAll(packet);
    for (const tenant of tenants) publishTo(tenant, packet);
  }

  #onGap(gap: { readonly partition: number; readonly expected: number; readonly found: number }): void {
    this.#options.metrics.logGaps.inc();
    this.#options.logger.error({ gap }, 'log records are missing; a gap is reported to clients');
    this.#tellGap('events were lost in the log; your data may be out of date');
  }

  #onEpoch(change: EpochChange): void {
    this.#options.logger.warn({ change }, 'the log continues in a new epoch');
    for (const waiter of this.#waiters) waiter.resolve(false);
    if (change.complete) return;
    this.#options.metrics.logGaps.inc();
    this.#tellGap('the log was lost and recreated; your data may be out of date');
  }

  #onUnsendable(event: HubEvent, error: unknown): void {
    this.#options.metrics.logGaps.inc();
    this.#options.logger.error({ error, event: event.id }, 'an event could not be sent; a gap is reported to clients');
    this.#tellGap('an event could not be sent; your data may be out of date', new Set([event.tenant]));
  }

  #onContact(): void {
    this.#contactAtMs = this.#options.clock.elapsedMs();
    if (!this.#stale) return;
    this.#stale = false;
    this.#options.onLogState('up');
  }

  #checkContact(): void {
    if (this.#stale || this.#options.clock.elapsedMs() - this.#contactAtMs < staleAfterMs) return;
    this.#stale = true;
    this.#options.logger.warn({}, 'the log cannot be read; clients are notified');
    this.#options.onLogState('down');
  }
}
