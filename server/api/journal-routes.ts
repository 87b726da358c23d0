import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { HttpResponse } from '../transport/http.ts';
import { journalReport } from '../worker/journal-report.ts';
import { operator } from './administrator.ts';
import { json, type Route, type RouteRequest } from '../http/router.ts';

export interface JournalRoutesOptions {
  readonly policy: CurrentPolicy;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly retentionMs: number;
}

/** How far the journal reaches back, and how far it is behind the log. Counts of the whole deployment, no events. */
export function journalRoutes({ policy, log, journal, retentionMs }: JournalRoutesOptions): readonly Route[] {
  const show = async (request: RouteRequest): Promise<HttpResponse> => {
    await operator(request, policy);
    const { oldestAtMs, ...report } = await journalReport({ log, journal });
    const oldestAt = oldestAtMs === null ? null : new Date(oldestAtMs).toISOString();
    return json({ ...report, oldestAt, retentionMs });
  };
  return [{ method: 'GET', path: '/v1/journal', handle: show }];
}
