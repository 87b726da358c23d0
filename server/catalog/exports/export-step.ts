import { z } from 'zod';
import type { Job } from '../../../channels/jobs/job.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { createSelection, type Selection } from '../../../channels/subscription/selection.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { JobStep, WorkOn } from '../jobs/job-worker.ts';

export interface ExportStepOptions {
  readonly store: Pick<DocumentStore, 'find'>;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly turns: Turns;
}

/** Read at once: some milliseconds. */
const [pageDocuments, pageBytes] = [200, 128 * 1024];
/** Behind every urn. */
const theEnd = '\u{10FFFF}';

const urnsSchema = z.array(z.string());

/** The urns of a part. */
export function urnsIn(text: string): readonly string[] {
  return urnsSchema.parse(JSON.parse(text));
}

/** What is to be found. @throws HubError invalid-filter, filter-too-large */
export function selectionOf(order: Pick<Extract<Job['order'], { kind: 'export' }>, 'of' | 'filter'>): Selection {
  return createSelection(`${order.of}s`, order.filter);
}

/**
 * Exports: what matches and its owner may read, a page at a time. Only the urns are kept: what is behind them is judged and
 * masked when it is handed over, so that nothing outlives a right or a purge.
 */
export function exportStep({ store, policy, turns }: ExportStepOptions): WorkOn {
  return async (job): Promise<JobStep | undefined> => {
    const { tenant, order, owner, after = '', progress } = job;
    if (order.kind !== 'export') throw new HubError('internal', 'an import was taken for an export');
    if (after === theEnd) return undefined;
    const selection = selectionOf(order);
    const { readable, mayRead } = policy.classOf(owner);
    await turns.next(tenant);
    const filter = { op: 'and', args: [readable, selection.filter] } as const;
    const page = await store.find({ tenant, filter, afterUrn: after, limit: pageDocuments, maxBytes: pageBytes });
    // the store may compare in another way than live events do
    const urns = page.documents.filter(({ head }) => selection.matches(head) && mayRead(head)).map(({ urn }) => urn);
    const text = JSON.stringify(urns);
    return {
      event: {
        ...{ kind: 'stepped', bytes: Buffer.byteLength(text) },
        progress: { ...progress, rows: progress.rows + urns.length },
        found: { parts: job.parts + 1, after: page.next ?? theEnd },
      },
      parts: [{ series: 'urns', number: job.parts, text }],
    };
  };
}
