import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import { Housekeeping } from './housekeeping.ts';
import { JournalWriter } from './journal-writer.ts';

export interface WorkerPartOptions {
  readonly settings: Pick<
    Settings,
    'splitWindowMs' | 'deadLetterRetentionMs' | 'deadLetterMaxCount' | 'deadLetterMaxBytes' | 'journalRetentionMs'
  >;
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onNewer: (error: NewerForm) => void;
}

/** The component `worker`: what has to be done once in a deployment, whoever does it. */
export function createWorkerPart({ settings, ...options }: WorkerPartOptions): Part {
  const housekeeping = new Housekeeping({
    ...options,
    splitWindowMs: settings.splitWindowMs,
    deadLetterLimits: {
      retentionMs: settings.deadLetterRetentionMs,
      maxCount: settings.deadLetterMaxCount,
      maxBytes: settings.deadLetterMaxBytes,
    },
  });
  const writer = new JournalWriter({ ...options, retentionMs: settings.journalRetentionMs });
  return {
    watched: [writer.watched],
    start() {
      housekeeping.start();
      writer.start();
    },
    async stop() {
      await Promise.all([housekeeping.stop(), writer.stop()]);
    },
  };
}
