import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { Settings } from '../config/settings.ts';
import type { HubAdapters } from '../node/hub-adapters.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Watched } from '../observability/progress-watch.ts';
import { Housekeeping } from './housekeeping.ts';
import { JournalWriter } from './journal-writer.ts';

export interface WorkerOptions {
  readonly settings: Settings;
  readonly adapters: Pick<HubAdapters, 'store' | 'log' | 'journal'>;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The component `worker`: what has to be done once in a deployment, whoever does it. */
export interface Worker {
  /** For whoever watches that it gets on. */
  readonly watched: Watched;
  start(): void;
  stop(): Promise<void>;
}

export function createWorker({ settings, adapters, ...common }: WorkerOptions): Worker {
  const { store, log, journal } = adapters;
  const housekeeping = new Housekeeping({
    ...common,
    store,
    splitWindowMs: settings.splitWindowMs,
    deadLetterLimits: {
      retentionMs: settings.deadLetterRetentionMs,
      maxCount: settings.deadLetterMaxCount,
      maxBytes: settings.deadLetterMaxBytes,
    },
  });
  const writer = new JournalWriter({ ...common, log, journal, retentionMs: settings.journalRetentionMs });
  return {
    watched: writer.watched,
    start() {
      housekeeping.start();
      writer.start();
    },
    async stop() {
      await Promise.all([housekeeping.stop(), writer.stop()]);
    },
  };
}
