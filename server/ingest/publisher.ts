/**
 * Moves committed events from the outbox to the log.
 *
 * Rules that keep this lossless and in order: a row is deleted only when the log named the record's partition and
 * offset; after any failure the same rows are sent again; and before a version of an entity is sent, every lower
 * version that is still in the outbox goes first, also one that another process has left behind. An event may
 * therefore stand twice in the log, and readers recognise the second by (tenant, urn, version).
 */
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { CatalogStore, OutboxRow } from '../../channels/ports/catalog-store.ts';
import { outboxId } from '../../channels/ports/catalog-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface PublisherOptions {
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const batchRows = 500;
/** More committed events than this in memory make whoever commits wait. */
const maxQueued = 10_000;
const sweepEveryMs = 1000;
/** Younger rows belong to a process that is about to publish them. */
const orphanAfterMs = 3000;
const maxRetryMs = 2000;

export class Publisher {
  readonly #options: PublisherOptions;
  #queue: HubEvent[] = [];
  #waiting: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #stopped = false;
  #failures = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Publishes what a crash left behind, and from then on looks for it every second. */
  start(): void {
    const again = (): void => {
      if (this.#stopped) return;
      this.#sweep = setTimeout(() => void this.#sweepOrphans().finally(again), sweepEveryMs);
      this.#sweep.unref();
    };
    void this.#sweepOrphans().finally(again);
  }

  /** Takes committed events over. Resolves at once unless too many wait: then the caller must wait too. */
  async publish(events: readonly HubEvent[]): Promise<void> {
    if (events.length === 0) return;
    this.#queue.push(...events);
    this.#kick();
    if (this.#queue.length > maxQueued) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Sends what is queued, unless the log cannot be reached; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#sweep);
    for (const resolve of this.#waiting.splice(0)) resolve();
    await this.#running;
  }

  #kick(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 && !this.#stopped) this.#kick();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, batchRows);
      if (await this.#send(batch)) this.#queue = this.#queue.slice(batch.length);
      else if (this.#stopped) return;
      if (this.#queue.length <= maxQueued) for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  /** True when all of the batch stands in the log; otherwise it has waited and the same must be sent again. */
  async #send(events: readonly HubEvent[]): Promise<boolean> {
    try {
      const rows = await this.#withLowerVersions(events);
      const confirmed = await this.#append(rows);
      this.#failures = 0;
      return confirmed === rows.length;
    } catch (error) {
      this.#failures += 1;
      this.#options.logger.warn(
        { error, failures: this.#failures, queued: this.#queue.length },
        'publishing waits for the log',
      );
      if (!this.#stopped)
        await new Promise((resolve) =>
          setTimeout(resolve, Math.min(maxRetryMs, 50 * 2 ** Math.min(this.#failures, 6))),
        );
      return false;
    }
  }

  /** What the outbox still has of these entities: our rows, and any lower version that was left behind. */
  async #withLowerVersions(events: readonly HubEvent[]): Promise<readonly OutboxRow[]> {
    const entities = new Map(
      events.map((event) => [`${event.tenant}|${event.subject}`, { tenant: event.tenant, urn: event.subject }]),
    );
    const highest = new Map<string, number>();
    for (const event of events) {
      const entity = `${event.tenant}|${event.subject}`;
      highest.set(entity, Math.max(highest.get(entity) ?? 0, event.data.version));
    }
    const rows = await this.#options.store.outboxOf([...entities.values()]);
    return rows.filter(({ event }) => event.data.version <= (highest.get(`${event.tenant}|${event.subject}`) ?? 0));
  }

  async #append(rows: readonly OutboxRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { log, store, metrics } = this.#options;
    const results = await log.append(rows.map((row) => row.event));
    const confirmed = rows.filter((_, index) => results[index]?.ok === true);
    const failed = results.find((result) => !result.ok);
    await store.outboxRemove(confirmed.map((row) => row.id));
    metrics.eventsPublished.inc(confirmed.length);
    if (failed !== undefined && !failed.ok) throw failed.error;
    return confirmed.length;
  }

  async #sweepOrphans(): Promise<void> {
    try {
      const oldest = new Date(this.#options.clock.now() - orphanAfterMs).toISOString();
      const pending = await this.#options.store.outboxPending(batchRows);
      const own = new Set(this.#queue.map(outboxId));
      const orphans = pending.filter((row) => row.event.recordedtime < oldest && !own.has(row.id));
      await this.publish(orphans.map((row) => row.event));
    } catch (error) {
      this.#options.logger.warn({ error }, 'the outbox could not be looked through');
    }
  }
}
