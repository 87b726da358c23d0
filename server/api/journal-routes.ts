import { z } from 'zod';
import { timeSchema } from '../../channels/contract/common-schema.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Route, route } from '../http/route.ts';
import { journalReport } from '../journal/journal-report.ts';

export interface JournalRoutesOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly retentionMs: number;
}

const journalSchema = z.object({
  epoch: z.string(),
  holder: z.string().nullable(),
  oldestAt: timeSchema.nullable(),
  retentionMs: z.number(),
  partitions: z.array(z.object({ partition: z.int(), low: z.int(), high: z.int(), lag: z.int() })),
});
const contract: RouteContract<'/v1/journal'> = {
  ...{ id: 'getJournal', group: 'Operations', summary: 'How far the journal reaches back, and how far it is behind' },
  params: {},
  errors: ['storage-unavailable'],
};

/** How far the journal reaches back, and how far it is behind the log. Counts of the whole deployment, no events. */
export function journalRoutes({ log, journal, leases, retentionMs }: JournalRoutesOptions): readonly Route[] {
  const show = async (): Promise<object> => {
    const { oldestAtMs, ...report } = await journalReport({ log, journal, leases });
    const oldestAt = oldestAtMs === null ? null : new Date(oldestAtMs).toISOString();
    return { ...report, oldestAt, retentionMs };
  };
  return [
    route({
      method: 'GET',
      path: '/v1/journal',
      access: 'operate',
      contract,
      answer: json(journalSchema),
      handle: show,
    }),
  ];
}
