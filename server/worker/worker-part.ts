import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { Settings } from '../config/settings.ts';
import { createBulkWorker } from '../catalog/jobs/bulk-worker.ts';
import type { Access } from '../control/access.ts';
import type { IntakePart } from '../ingest/intake-part.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import { Housekeeping } from './housekeeping.ts';

export interface WorkerPartOptions {
  readonly settings: Pick<
    Settings,
    | 'jobRetentionMs'
    | 'jobMaxBytes'
    | 'jobsMaxBytes'
    | 'splitWindowMs'
    | 'deadLetterRetentionMs'
    | 'deadLetterMaxCount'
    | 'deadLetterMaxBytes'
    | 'journalRetentionMs'
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
  readonly policy: CurrentPolicy;
  readonly ids: OpaqueIds;
  readonly turns: Turns;
  readonly access: () => Pick<Access, 'feed' | 'pending'>;
  readonly intake: () => Pick<IntakePart, 'commands'>;
}

/** The component `worker`: jobs that one node does for the whole deployment. */
export function createWorkerPart({ settings, ...options }: WorkerPartOptions): Part {
  const { splitWindowMs, journalRetentionMs } = settings;
  const deadLetterLimits = {
    retentionMs: settings.deadLetterRetentionMs,
    maxCount: settings.deadLetterMaxCount,
    maxBytes: settings.deadLetterMaxBytes,
  };
  const { access, intake, store } = options;
  const { feed, pending } = access();
  const jobs: readonly Part[] = [
    new Housekeeping({ ...options, splitWindowMs, deadLetterLimits }),
    new JournalWriter({ ...options, meta: store, retentionMs: journalRetentionMs }),
    createBulkWorker({
      ...{ ...options, commands: intake().commands, retentionMs: settings.jobRetentionMs },
      jobLimits: { maxBytes: settings.jobMaxBytes, keptBytes: settings.jobsMaxBytes },
      // a job outlasts the token by which it was begun, and ends when that is revoked
      assertGood: async (owner) => {
        await pending();
        feed.revocations.assertGood(owner);
      },
    }),
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
