import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import { type EventJournal, journalLease } from '../../channels/ports/event-journal.ts';
import type { EventLog, LogGap } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import { LeasedFollower } from '../following/leased-follower.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { WatchedLoop } from '../observability/progress-watch.ts';
import type { Part } from '../part/part.ts';
import { createJournalSink } from './journal-sink.ts';
import { JournalUpkeep } from './journal-upkeep.ts';

export interface JournalWriterOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly retentionMs: number;
  /** Where the forms of what is stored are declared. */
  readonly meta: Pick<MetaStore, 'getMeta'>;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
  /** Duration of the lease. Another worker takes over when it was not renewed for this long. */
  readonly claimMs?: number;
  readonly renewEveryMs?: number;
  readonly upkeepEveryMs?: number;
  readonly retainEveryMs?: number;
}

/**
 * Keeps the journal up with the log: of all workers the one that holds the claim copies the log and removes what is
 * old; the others stand by.
 */
export class JournalWriter implements Part {
  readonly #upkeep: JournalUpkeep;
  readonly #follower: LeasedFollower;

  constructor(options: JournalWriterOptions) {
    const { journal, leases, logger, metrics, claimMs } = options;
    const onHole = (gap: LogGap): void => {
      metrics.journalHoles.inc();
      logger.warn(
        { ...gap },
        'the log lost records before they were journaled; nothing before this gap can be resumed',
      );
    };
    this.#follower = new LeasedFollower({
      ...options,
      name: 'the journal',
      lease: leases.lease(journalLease),
      // if the log is the journal it need not be copied
      sink: journal.isLog ? undefined : createJournalSink({ ...options, onHole }),
      onHolding: (holds) => metrics.journalWriting.set(holds ? 1 : 0),
      onWritten: (events) => metrics.journalRows.inc(events),
      onHole,
      ...(claimMs === undefined ? {} : { ttlMs: claimMs }),
    });
    this.#upkeep = new JournalUpkeep({ ...options, isHolder: () => this.#follower.holds });
  }

  /** For the progress watch. Those that stand by wait for nothing. */
  get watched(): readonly WatchedLoop[] {
    const waits = (): boolean => this.#follower.holds && this.#upkeep.lag > 0;
    return [{ name: 'journal', waits, progress: () => this.#follower.writes }];
  }

  start(): void {
    this.#follower.start();
    this.#upkeep.start();
  }

  /** Another worker may take over at once. */
  async stop(): Promise<void> {
    await this.#follower.end();
    await this.#upkeep.stop();
    await this.#follower.release();
  }
}
