import type { CatalogStore, DeadLetter, PartialMessage } from '../../channels/ports/catalog-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface HousekeepingOptions {
  readonly store: CatalogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly splitWindowMs: number;
  readonly everyMs?: number;
}

function deadLetterOf(partial: PartialMessage, nowIso: string): DeadLetter {
  const have = Object.keys(partial.parts).length;
  return {
    id: `partial-${partial.id.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`,
    tenant: partial.tenant,
    connector: partial.connector,
    code: 'incomplete-message',
    reason: `split message ${partial.id}: only ${have} of ${partial.count} parts came in time`,
    at: nowIso,
    origin: { transport: 'kafka' },
    headers: {},
    bytes: Buffer.from(JSON.stringify(partial.parts)).toString('base64'),
    attempts: 1,
  };
}

/** Jobs that keep the store from growing with what nobody waits for any more. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#again(), this.#options.everyMs ?? 10_000);
    this.#timer.unref();
    this.#again();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One round; survives a store that is away. */
  async run(): Promise<void> {
    const { store, clock, logger, metrics } = this.#options;
    try {
      await this.#setAsideIncomplete();
      await store.expire(clock.now());
      metrics.deadLettersHeld.set(await store.deadLetterCount());
    } catch (error) {
      logger.warn({ error }, 'housekeeping will try again');
    }
  }

  #again(): void {
    this.#running = this.run();
  }

  async #setAsideIncomplete(): Promise<void> {
    const { store, clock, splitWindowMs, metrics } = this.#options;
    const stale = await store.partialsBefore(new Date(clock.now() - splitWindowMs).toISOString(), 100);
    for (const partial of stale) {
      const result = await store.commit({
        documents: [],
        outbox: [],
        positions: [],
        messageIds: [],
        partials: [],
        deadLetters: [deadLetterOf(partial, new Date(clock.now()).toISOString())],
        completedPartials: [{ id: partial.id, expectedVersion: partial.version }],
      });
      if (result.ok) metrics.deadLetters.inc({ connector: partial.connector, code: 'incomplete-message' });
    }
  }
}
