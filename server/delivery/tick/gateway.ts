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
import { Boundary } from './boundary.ts';
import { GapNotices } from './gap-notices.ts';
import { LogContact } from './log-contact.ts';
import { PositionWaiters } from './position-waiters.ts';
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
  /** Events that were handed over. */
  readonly onDelivered: (events: readonly HubEvent[]) => void;
  /** Events were lost: clients are told of a gap. */
  readonly onLost: () => void;
  /** To all sessions of one tenant. */
  readonly publishTo: (tenant: string, packet: string) => void;
  /** The log cannot be read any more, or can again. */
  readonly onLogState: (state: 'up' | 'down') => void;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
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
  readonly #boundary: Boundary;
  readonly #gaps: GapNotices;
  readonly #waiters = new PositionWaiters();
  readonly #contact: LogContact;
  /** Past the events that are only read back at start. */
  #live = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { log, clock, ringMaxAgeMs } = options;
    this.#boundary = new Boundary(options.logger);
    this.#gaps = new GapNotices(options);
    this.#contact = new LogContact({ clock, logger: options.logger, onState: options.onLogState });
    this.#publishTick = createTickPublisher({
      rooms: options.rooms,
      store: options.store,
      wireId: options.wireId,
      sink: options.sink,
      outlet: options.outlet,
      onDelivered: options.onDelivered,
      onFault: (event, error) => this.#gaps.ofEvent(event, error),
      onStale: (rooms, error) =>
        options.logger.warn({ error, rooms: rooms.length }, 'the catalog cannot be read; rooms are notified as stale'),
    });
    this.#withoutRepeats = createRepeatFilter({
      epoch: () => this.#reader.epoch,
      journal: options.journal,
      ring: () => this.#reader.ring,
      remembersSinceMs: () => this.#reader.remembersSinceMs,
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
      onGap: (gap) => this.#gaps.ofLog(gap),
      onEpoch: (change) => this.#onEpoch(change),
      onContact: () => this.#contact.heard(),
      onFault: (error) => options.logger.warn({ error }, 'the log reader recovered from an error'),
      onNewer: options.onNewer,
    });
  }

  /** Resolves when the node knows everything that the log held at the start. */
  async start(): Promise<void> {
    this.#contact.start();
    await this.#reader.start();
    this.#live = true;
    this.#beat.start();
    this.#contact.heard();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#contact.stop();
    this.#beat.stop();
    this.#waiters.giveUp();
    await this.#reader.stop();
  }

  /** False while the log cannot be read. */
  get fresh(): boolean {
    return this.#contact.fresh;
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
    this.#boundary.at(work);
  }

  /** True once everything before `target` has been published; false if that does not come in time. */
  async untilReached(target: Vector, timeoutMs: number): Promise<boolean> {
    if (covers(this.#reader.vector, target)) return true;
    if (this.#stopped) return false;
    return this.#waiters.until(target, timeoutMs);
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
    this.#waiters.reached(this.#reader.vector);
    return roomBytes < burstBytes ? 0 : burstPauseMs;
  }

  /** Publishes one portion and continues behind it, also where that fails: then a gap is reported to clients. */
  #handOut(portion: Portion): Promise<number> | number {
    this.#boundary.leave();
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
    done();
    this.#boundary.reach();
    return bytes;
  }

  #onUnpublished(portion: Portion, error: unknown): number {
    const events = portion.entries.map(({ event }) => event);
    this.#gaps.ofPortion(events, portion.records, error);
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

  #onEpoch(change: EpochChange): void {
    this.#options.logger.warn({ change }, 'the log continues in a new epoch');
    this.#waiters.giveUp();
    if (!change.complete) this.#gaps.ofEpoch();
  }
}
