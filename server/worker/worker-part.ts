import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { Settings } from '../config/settings.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import { Housekeeping } from './housekeeping.ts';

export interface WorkerPartOptions {
  readonly settings: Pick<
    Settings,
    'splitWindowMs' | 'deadLetterRetentionMs' | 'deadLetterMaxCount' | 'deadLetterMaxBytes' | 'journalRetentionMs'
  >;
  /** Each job depends on the roles that it needs. */
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onNewer: (error: NewerForm) => void;
}

/** The component `worker`: jobs that one node does for the whole deployment. */
export function createWorkerPart({ settings, ...options }: WorkerPartOptions): Part {
  const { splitWindowMs, journalRetentionMs } = settings;
  const deadLetterLimits = {
    retentionMs: settings.deadLetterRetentionMs,
    maxCount: settings.deadLetterMaxCount,
    maxBytes: settings.deadLetterMaxBytes,
  };
  const jobs: readonly Part[] = [
    new Housekeeping({ ...options, splitWindowMs, deadLetterLimits }),
    new JournalWriter({ ...options, meta: options.store, retentionMs: journalRetentionMs }),
  ];
  return {
    watched: jobs.flatMap(({ watched = [] }) => watched),
    async start() {
      for (const job of jobs) await job.start?.();
    },
    async stop() {
      await Promise.all(jobs.map(async (job) => job.stop?.()));
    },
  };
}
