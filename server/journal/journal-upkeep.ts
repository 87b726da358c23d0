import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { every, type Loop } from '../turns/every.ts';
import { journalReport } from './journal-report.ts';
import { mayRemove, type MayRemoveOptions } from './may-remove.ts';

export interface JournalUpkeepOptions extends MayRemoveOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly retentionMs: number;
  readonly isHolder: () => boolean;
  readonly upkeepEveryMs?: number;
  readonly retainEveryMs?: number;
}

/** Removed in one step: half a second of work for the store. */
const sliceEvents = 1000;

/** Measures the journal on every worker, so that one without a writer is noticed; removes what is old on the one that writes. */
export class JournalUpkeep {
  readonly #options: JournalUpkeepOptions;
  #loop: Loop | undefined;
  #retainedAtMs = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #lag = 0;

  constructor(options: JournalUpkeepOptions) {
    this.#options = options;
  }

  /** Events that the journal was behind the log when it was measured last. */
  get lag(): number {
    return this.#lag;
  }

  start(): void {
    this.#loop = every(this.#options.upkeepEveryMs ?? 15_000, () => this.#run(), { atOnce: true });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop?.stop();
  }

  /** Survives a store that is away. */
  async #run(): Promise<void> {
    const { clock, logger, isHolder, retainEveryMs = 60_000 } = this.#options;
    try {
      if (isHolder() && clock.elapsedMs() - this.#retainedAtMs >= retainEveryMs) {
        this.#retainedAtMs = clock.elapsedMs();
        if (await mayRemove(this.#options)) await this.#retain();
      }
      await this.#measure();
    } catch (error) {
      logger.warn({ error }, 'journal maintenance failed; it will be retried');
    }
  }

  async #retain(): Promise<void> {
    const { journal, clock, retentionMs } = this.#options;
    const beforeMs = clock.now() - retentionMs;
    let removed = sliceEvents;
    while (removed >= sliceEvents && !this.#stopped) removed = await journal.retain(beforeMs, sliceEvents);
  }

  async #measure(): Promise<void> {
    const { clock, metrics } = this.#options;
    const { partitions, oldestAtMs } = await journalReport(this.#options);
    this.#lag = partitions.reduce((sum, { lag }) => sum + lag, 0);
    metrics.journalLag.set(this.#lag);
    metrics.journalOldestAge.set(oldestAtMs === null ? 0 : Math.max(0, clock.now() - oldestAtMs) / 1000);
  }
}
