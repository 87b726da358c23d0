/**
 * Moves committed events from the outbox to the log.
 * Rules that keep this lossless and in order: a row is deleted only when the log named the record's partition and
 * offset; after any failure the same rows are sent again; and before a version of an entity is sent, every lower
 * version that is still in the outbox goes first, also one that another process has left behind. An event may
 * therefore be duplicated in the log, and readers recognise the second by (tenant, urn, version).
 *
 * An event that the log always rejects (it is larger than the topic allows) waits in the outbox with the later ones of
 * its entity, and is tried periodically; everything else continues.
 * Asking the outbox before every send would read back all that was just written. It is not asked for an event that was
 * committed here a moment ago and follows the version that this process published last: nothing lower can be left.
 */
import { LRUCache } from 'lru-cache';
import { documentKey } from '../../channels/catalog/document.ts';
import { eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { type Outbox, outboxId, type OutboxRow } from '../../channels/ports/outbox.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { AppendResult, EventLog } from '../../channels/ports/event-log.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { WatchedLoop } from '../observability/progress-watch.ts';
import { every, type Loop } from '../turns/every.ts';

export interface PublisherOptions {
  readonly store: Outbox;
  readonly log: EventLog;
  readonly clock: Stopwatch;
  /** No other process writes into the store: what is in the outbox at the start was left behind. */
  readonly alone: boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The fewer requests, the less a busy process waits for answers. */
const batchRows = 2000;
const sweepRows = 2000;
/** With more characters of committed events than this in memory, commits wait: back-pressure. */
const maxQueuedLength = 10_000_000;
const sweepEveryMs = 1000;
/** Younger rows belong to a process that is about to publish them. */
const orphanAfterMs = 5000;
/** Well before another process takes a row for an orphan. */
const trustedForMs = 3000;
const maxRememberedEntities = 50_000;
const maxRetryMs = 2000;
/** An entity whose event the log does not take is left alone for that long. */
const heldForMs = 10_000;
/** So many entities at most are left out by the store; rows of others are read and passed over. */
const maxExcepted = 1000;
/** The outbox is measured with every so many sweeps. */
const sweepsPerMeasure = 5;

interface QueuedRow {
  readonly event: HubEvent;
  readonly entity: string;
  /** False for what the sweep has found: its owner may be publishing it right now. */
  readonly own: boolean;
  /** By the stopwatch: how long it waits here says whether others may have taken it, whatever its own time says. */
  readonly queuedAtMs: number;
}

function isForGood(error: Error): boolean {
  return error instanceof HubError && error.code === 'limit-exceeded';
}

function entityKeyOf(event: HubEvent): string {
  return documentKey(event.tenant, event.subject);
}

export class Publisher {
  readonly #options: PublisherOptions;
  /** Last version of an entity that is in the log and no longer in the outbox. */
  readonly #published = new LRUCache<string, number>({ max: maxRememberedEntities });
  /** Entities with an event that the log does not take: until when they are left alone. */
  readonly #held = new LRUCache<string, number>({ max: maxRememberedEntities });
  #queue: QueuedRow[] = [];
  /** How many entries of the queue came together: the store removes best as a whole what was committed as a whole. */
  #commits: number[] = [];
  #queuedLength = 0;
  #waiting: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #sweep: Loop | undefined;
  #stopped = false;
  #failures = 0;
  #sweeps = 0;
  #settled = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Publishes what a crash left behind, and from then on looks for it every second. */
  start(): void {
    this.#sweep = every(sweepEveryMs, () => this.#sweepOrphans(), { atOnce: true });
  }

  /** Takes over events with the duration of their commit. Resolves at once unless too many wait: then the caller has to wait (back-pressure). */
  async publish(events: readonly HubEvent[], committingMs = 0): Promise<void> {
    return this.#enqueue(events, { own: true, committingMs });
  }

  async #enqueue(
    events: readonly HubEvent[],
    { own, committingMs = 0 }: { readonly own: boolean; readonly committingMs?: number },
  ): Promise<void> {
    if (events.length === 0) return;
    const queuedAtMs = this.#options.clock.elapsedMs() - committingMs;
    for (const event of events) {
      this.#queue.push({ event, own, entity: entityKeyOf(event), queuedAtMs });
      this.#queuedLength += eventText(event).length;
    }
    this.#commits.push(events.length);
    this.#kick();
    if (this.#queuedLength > maxQueuedLength && !this.#stopped)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** For the progress watch. An event that the log rejects counts as settled, too: it waits in the outbox. */
  get watched(): WatchedLoop {
    return { name: 'publisher', waits: () => this.#queue.length > 0, progress: () => this.#settled };
  }

  /** Sends what is queued, unless the log cannot be reached; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
    await this.#sweep?.stop();
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
      const commits = this.#commitsOfBatch();
      const batch = this.#queue.slice(
        0,
        commits.reduce((sum, length) => sum + length, 0),
      );
      if (await this.#send(batch)) this.#forget(batch, commits.length);
      else if (this.#stopped) return;
      if (this.#queuedLength <= maxQueuedLength) for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  /** Whole commits up to `batchRows`, but at least one. */
  #commitsOfBatch(): readonly number[] {
    let rows = 0;
    const end = this.#commits.findIndex((length, index) => (rows += length) > batchRows && index > 0);
    return end === -1 ? [...this.#commits] : this.#commits.slice(0, end);
  }

  #forget(batch: readonly QueuedRow[], commits: number): void {
    this.#queue = this.#queue.slice(batch.length);
    this.#commits = this.#commits.slice(commits);
    for (const { event } of batch) this.#queuedLength -= eventText(event).length;
    this.#settled += batch.length;
  }

  /** True when all of the batch is in the log; otherwise it has waited and the same must be sent again. */
  async #send(queued: readonly QueuedRow[]): Promise<boolean> {
    try {
      const { rows: known, unsure } = this.#sort(queued);
      const rows = [...known, ...(await this.#withLowerVersions(unsure))];
      const confirmed = await this.#append(rows);
      this.#failures = 0;
      return confirmed === rows.length;
    } catch (error) {
      this.#failures += 1;
      this.#options.logger.warn(
        { error, failures: this.#failures, queued: this.#queue.length },
        'publishing is paused until the log can be written',
      );
      if (!this.#stopped)
        await new Promise((resolve) =>
          setTimeout(resolve, Math.min(maxRetryMs, 50 * 2 ** Math.min(this.#failures, 6))),
        );
      return false;
    }
  }

  /** Rows that follow what was published last, and the events for which the outbox must be asked. */
  #sort(queued: readonly QueuedRow[]): { readonly rows: readonly OutboxRow[]; readonly unsure: readonly HubEvent[] } {
    const reached = new Map<string, number>();
    const doubtful = new Set<string>();
    const oldestMs = this.#options.clock.elapsedMs() - trustedForMs;
    const left: QueuedRow[] = [];
    for (const each of queued) {
      const { event, entity, own, queuedAtMs } = each;
      const { version } = event.data;
      const published = this.#published.get(entity) ?? 0;
      if (this.#isHeld(entity) || (own && version <= published)) continue;
      left.push(each);
      if (own && version === (reached.get(entity) ?? published) + 1 && queuedAtMs > oldestMs)
        reached.set(entity, version);
      else doubtful.add(entity);
    }
    const sure = doubtful.size === 0 ? left : left.filter(({ entity }) => !doubtful.has(entity));
    const unsure = doubtful.size === 0 ? [] : left.filter(({ entity }) => doubtful.has(entity));
    return {
      rows: sure.map(({ event }) => ({ id: outboxId(event), event })),
      unsure: unsure.map(({ event }) => event),
    };
  }

  /** What the outbox still has of these entities: our rows, and any lower version that was left behind. */
  async #withLowerVersions(events: readonly HubEvent[]): Promise<readonly OutboxRow[]> {
    if (events.length === 0) return [];
    const entities = new Map(events.map((event) => [entityKeyOf(event), { tenant: event.tenant, urn: event.subject }]));
    const highest = new Map<string, number>();
    for (const event of events) {
      const entity = entityKeyOf(event);
      highest.set(entity, Math.max(highest.get(entity) ?? 0, event.data.version));
    }
    const rows = await this.#options.store.outboxOf([...entities.values()]);
    return rows.filter(({ event }) => event.data.version <= (highest.get(entityKeyOf(event)) ?? 0));
  }

  /** How many rows are settled: in the log, or held. */
  async #append(rows: readonly OutboxRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { log, store, metrics } = this.#options;
    const results = await log.append(rows.map((row) => row.event));
    const confirmed = rows.filter((_, index) => results[index]?.ok === true);
    await store.outboxRemove(confirmed.map((row) => row.id));
    // only now: a row that could not be removed must be found again
    for (const { event } of confirmed) this.#published.set(entityKeyOf(event), event.data.version);
    metrics.eventsPublished.inc(confirmed.length);
    this.#settled += confirmed.length;
    const held = new Set<OutboxRow | undefined>(rows.filter((row, index) => this.#hold(row.event, results[index])));
    const failed = results.find((result, index) => !result.ok && !held.has(rows[index]));
    if (failed !== undefined && !failed.ok) throw failed.error;
    return confirmed.length + held.size;
  }

  /** True when the log rejected the event permanently; logged once for its entity. */
  #hold(event: HubEvent, result: AppendResult | undefined): boolean {
    if (result === undefined || result.ok || !isForGood(result.error)) return false;
    const entity = entityKeyOf(event);
    if (!this.#isHeld(entity))
      this.#options.logger.error(
        { error: result.error, event: event.id },
        'the log rejected an event; it stays in the outbox',
      );
    this.#held.set(entity, this.#options.clock.elapsedMs() + heldForMs);
    return true;
  }

  #isHeld(entity: string): boolean {
    return (this.#held.get(entity) ?? 0) > this.#options.clock.elapsedMs();
  }

  /** All pages of what is old enough, so that no number of rows that wait hides the others. */
  async #sweepOrphans(): Promise<void> {
    const { store, logger, alone } = this.#options;
    const isFirst = this.#sweeps++ === 0;
    try {
      const minAgeMs = isFirst && alone ? 0 : orphanAfterMs;
      let after: string | undefined;
      do {
        const except = this.#heldEntities();
        const page = await store.outboxPending({ limit: sweepRows, minAgeMs, except, ...(after && { after }) });
        after = page.next;
        await this.#enqueue(this.#orphansOf(page.rows), { own: false });
      } while (after !== undefined && !this.#stopped);
      if (isFirst || this.#sweeps % sweepsPerMeasure === 0) await this.#measure();
    } catch (error) {
      logger.warn({ error }, 'the outbox could not be scanned');
    }
  }

  #orphansOf(rows: readonly OutboxRow[]): readonly HubEvent[] {
    const own = new Set(this.#queue.map(({ event }) => outboxId(event)));
    return rows
      .map(({ event }) => event)
      .filter((event) => !own.has(outboxId(event)) && !this.#isHeld(entityKeyOf(event)));
  }

  #heldEntities(): ReadonlySet<string> {
    return new Set([...this.#held.keys()].filter((entity) => this.#isHeld(entity)).slice(0, maxExcepted));
  }

  async #measure(): Promise<void> {
    const { store, metrics } = this.#options;
    const { rows, oldestAgeMs } = await store.outboxState();
    metrics.outboxRows.set(rows);
    metrics.outboxOldestAge.set(oldestAgeMs / 1000);
  }
}
