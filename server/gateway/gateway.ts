import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { Ring } from '../../channels/position/ring.ts';
import { covers, type Vector } from '../../channels/position/vector.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Logger } from '../observability/logger.ts';
import { LogReader } from './log-reader.ts';
import { createTickPublisher, type TickPublisher } from './publish-tick.ts';
import type { RoomRegistry } from './room-registry.ts';
import { TickPace } from './tick-pace.ts';

const tickEvents = 512;
const sliceMs = 4;
const sliceEvents = 64;
/** After a tick that gave one room that much: time for healthy clients to take it before more is put on top. */
const burstPauseMs = 5;
/** An idle log still answers every second; silence of this length means it cannot be read. */
const staleAfterMs = 5000;

export interface GatewayOptions {
  readonly log: EventLog;
  readonly store: CatalogStore;
  readonly rooms: RoomRegistry;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly ringMaxBytes: number;
  readonly ringMaxAgeMs: number;
  /** Unread bytes at which a connection is closed; a burst is handed out in slices well below it. */
  readonly maxBufferedBytes: number;
  readonly wireId: (event: HubEvent) => string;
  readonly publish: (room: string, packet: string) => void;
  readonly notify: (code: 'stale' | 'fresh' | 'gap', message: string) => void;
}

/**
 * Drives the log to the rooms: reads, waits for the pace, publishes a tick, and yields to the event loop between
 * ticks so that pings, subscriptions and answers are never starved by a flood of events.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #reader: LogReader;
  readonly #publishTick: TickPublisher;
  readonly #pace = new TickPace();
  readonly #ring: Ring;
  #scheduled = false;
  #stopped = false;
  /** Past the events that are only read back at start. */
  #live = false;
  #contactAtMs: number;
  #stale = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#contactAtMs = options.clock.now();
    const { log, clock, ringMaxAgeMs } = options;
    this.#ring = new Ring(log.partitionCount, {
      maxBytes: Math.ceil(options.ringMaxBytes / log.partitionCount),
      maxAgeMs: ringMaxAgeMs,
    });
    this.#publishTick = createTickPublisher({
      rooms: options.rooms,
      store: options.store,
      wireId: options.wireId,
      publish: options.publish,
      onDelivered: (room, events) => options.metrics.deliveries.inc(room.members * events),
      onFault: (event, error) => this.#onUnsendable(event, error),
    });
    this.#reader = new LogReader({
      log,
      ring: this.#ring,
      ringMaxAgeMs,
      now: () => clock.now(),
      onQueued: () => this.#schedule(),
      onGap: (gap) => this.#onGap(gap),
      onContact: () => this.#onContact(),
      onFault: (error) => options.logger.warn({ error }, 'the log reader recovered from a fault'),
    });
  }

  /** Resolves when the node knows everything that the log held at the start. */
  async start(): Promise<void> {
    this.#watch = setInterval(() => this.#checkContact(), 1000);
    this.#watch.unref();
    await this.#reader.start();
    this.#live = true;
    this.#contactAtMs = this.#options.clock.now();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    await this.#reader.stop();
  }

  /** False while the log cannot be read. */
  get fresh(): boolean {
    return !this.#stale;
  }

  get ringBytes(): number {
    return this.#ring.bytes;
  }

  get vector(): Vector {
    return this.#reader.vector;
  }

  /** True when everything up to `target` has been published. */
  hasReached(target: Vector): boolean {
    return covers(this.#reader.vector, target);
  }

  #schedule(leastDelayMs = 0): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    const delayMs = Math.max(leastDelayMs, this.#pace.next());
    if (delayMs === 0) setImmediate(() => void this.#tick());
    else setTimeout(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    const { metrics, clock, logger } = this.#options;
    const startedAt = performance.now();
    const burstBytes = this.#options.maxBufferedBytes / 4;
    let processed = 0;
    let roomBytes = 0;
    while (
      processed < tickEvents &&
      roomBytes < burstBytes &&
      this.#reader.queued > 0 &&
      (processed === 0 || performance.now() - startedAt < sliceMs)
    ) {
      const { entries, done } = this.#reader.next(Math.min(sliceEvents, tickEvents - processed), burstBytes);
      roomBytes += await this.#publish(entries.map((entry) => entry.event));
      if (this.#live)
        for (const { event } of entries)
          metrics.endToEnd.observe(Math.max(0, clock.now() - Date.parse(event.recordedtime)) / 1000);
      processed += entries.length;
      done();
    }
    metrics.eventsOut.inc(processed);
    metrics.tickSeconds.observe((performance.now() - startedAt) / 1000);
    this.#scheduled = false;
    if (this.#reader.queued > 0) this.#schedule(roomBytes < burstBytes ? 0 : burstPauseMs);
    logger.trace({ processed }, 'tick');
  }

  /** A store that cannot be read delays the tick; the events stay queued and nothing is passed over. */
  async #publish(events: readonly HubEvent[]): Promise<number> {
    for (let attempt = 1; !this.#stopped; attempt++) {
      try {
        return await this.#publishTick(events);
      } catch (error) {
        this.#options.logger.warn({ error, attempt }, 'publishing waits for the catalog store');
        await new Promise((resolve) => setTimeout(resolve, Math.min(2000, 100 * attempt)));
      }
    }
    return 0;
  }

  #onGap(gap: { readonly partition: number; readonly expected: number; readonly found: number }): void {
    this.#options.metrics.logGaps.inc();
    this.#options.logger.error({ gap }, 'records of the log are gone; clients are told of a gap');
    this.#options.notify('gap', 'events were lost in the log; what you hold may be out of date');
  }

  #onUnsendable(event: HubEvent, error: unknown): void {
    this.#options.metrics.logGaps.inc();
    this.#options.logger.error({ error, event: event.id }, 'an event could not be sent; clients are told of a gap');
    this.#options.notify('gap', 'an event could not be sent; what you hold may be out of date');
  }

  #onContact(): void {
    this.#contactAtMs = this.#options.clock.now();
    if (!this.#stale) return;
    this.#stale = false;
    this.#options.notify('fresh', 'the log can be read again');
  }

  #checkContact(): void {
    if (this.#stale || this.#options.clock.now() - this.#contactAtMs < staleAfterMs) return;
    this.#stale = true;
    this.#options.logger.warn({}, 'the log cannot be read; clients are told');
    this.#options.notify('stale', 'the log cannot be read just now; events will follow');
  }
}
