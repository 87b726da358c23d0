import { number, type SettingEntry } from './setting-entry.ts';

/** Settings of imports and exports. */
export const jobSettings = {
  jobRetentionMs: {
    env: 'PURSIGHT_JOB_RETENTION_MS',
    kind: number(60_000, 315_360_000_000),
    default: '604800000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long imports and exports are kept after their last change, with their rows and results.',
  },
  jobMaxBytes: {
    env: 'PURSIGHT_JOB_MAX_BYTES',
    kind: number(65_536, 1_099_511_627_776),
    default: '268435456',
    unit: 'bytes',
    group: 'ingest',
    help: 'Maximum size of the rows of an import, and of the list of what an export has found.',
  },
  jobsMaxBytes: {
    env: 'PURSIGHT_JOBS_MAX_BYTES',
    kind: number(1_048_576, 1_099_511_627_776),
    default: '1073741824',
    unit: 'bytes',
    group: 'ingest',
    help: 'Maximum total size per tenant of what is kept of imports and exports that have ended. Beyond it the oldest are removed and logged.',
  },
} as const satisfies Record<string, SettingEntry>;
