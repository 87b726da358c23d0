import type { ExportOrder, Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { JobStore } from '../../../channels/ports/job-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import { csvLines, type LineFormat, ndjsonLines } from '../download/line-format.ts';
import { shownLines, type ShownLinesOptions } from '../download/shown-lines.ts';
import { urnsIn } from './export-step.ts';

export interface ExportContentOptions extends ShownLinesOptions {
  readonly store: Pick<DocumentStore, 'getMany'> & { readonly jobs: JobStore };
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
}

/** Read at once: a document may have 384 KiB. */
const documentsAtOnce = 20;

/** What an export was told, if it has ended well. @throws HubError job-conflict */
export function assertContent({ order, state }: Job): ExportOrder {
  if (order.kind !== 'export') throw new HubError('job-conflict', 'id: the job is an import; read its results');
  if (state !== 'done')
    throw new HubError('job-conflict', `id: the job is ${state}; its content is there when it is done`);
  return order;
}

/** How it is written. @throws HubError invalid-request for fields that there are not */
export function exportFormat({ format, of, fields }: ExportOrder): LineFormat {
  if (format === 'ndjson') return ndjsonLines(fields);
  if (of !== 'asset') throw new HubError('invalid-request', 'format: csv is for assets; use ndjson');
  return csvLines(fields);
}

/** What the export has found, as whoever asks may see it now; what he may not see any more is left out. */
export async function* exportPieces(
  options: ExportContentOptions,
  job: Job,
  principal: Principal,
): AsyncGenerator<readonly string[]> {
  const { store, policy, turns } = options;
  const order = assertContent(job);
  const format = exportFormat(order);
  for (let number = 0; number < job.parts; number++) {
    const [part] = await store.jobs.parts(job, { series: 'urns', from: number, limit: 1 });
    const urns = part === undefined ? [] : urnsIn(part.text);
    for (let from = 0; from < urns.length; from += documentsAtOnce) {
      await turns.next(job.tenant);
      const keys = urns.slice(from, from + documentsAtOnce).map((urn) => ({ tenant: job.tenant, urn }));
      const found = (await store.getMany(keys)).filter((document) => document !== undefined);
      const request = { principal, policyClass: policy.classOf(principal), kind: order.of, format };
      yield await shownLines(options, request, found);
    }
  }
}
