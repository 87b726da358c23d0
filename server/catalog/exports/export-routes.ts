import { z } from 'zod';
import { filterSchema } from '../../../channels/contract/common-schema.ts';
import { contentLineSchema } from '../../../channels/contract/job-schema.ts';
import { documentKinds } from '../../../channels/event/head.ts';
import { ownResponse } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { schemaBody } from '../../http/request-body.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../../http/route.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { csvType, ndjsonType } from '../download/line-format.ts';
import { begunResponse, jobBegun, jobId } from '../jobs/job-routes.ts';
import { jobStream, type JobStreamOptions } from '../jobs/job-stream.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { assertFieldNames } from '../resources/field-names.ts';
import { assertContent, type ExportContentOptions, exportFormat, exportPieces } from './export-content.ts';
import { selectionOf } from './export-step.ts';

export interface ExportRoutesOptions extends JobStreamOptions, ExportContentOptions {
  readonly jobs: Jobs;
}

const path = '/v1/exports';
const maxBytes = 64 * 1024;

const contract: RouteContract<typeof path> = {
  ...{ id: 'createExport', group: 'Bulk', summary: 'Find all that matches, to be read when it is found', params: {} },
  errors: ['invalid-filter', 'filter-too-large', 'rate-limited', 'storage-unavailable'],
};
const contentContract: RouteContract<'/v1/exports/:id/content'> = {
  ...{ id: 'getExportContent', group: 'Bulk', summary: 'What an export has found, as you may see it now' },
  params: { id: jobId },
  errors: ['not-found', 'job-conflict', 'filter-too-large', 'storage-unavailable'],
};

const bodySchema = z
  .strictObject({
    format: z.enum(['csv', 'ndjson']),
    kind: z.enum(documentKinds).exactOptional().meta({ description: 'Default: asset. csv is for assets.' }),
    filter: filterSchema.exactOptional(),
    fields: z.array(z.string()).min(1).max(100).exactOptional(),
  })
  .meta({ id: 'NewExport' });
const body = schemaBody({
  ...{ maxBytes, schema: bodySchema },
  examples: { table: { format: 'csv', filter: { domain: 'retail' }, fields: ['name', 'owners'] } },
});

const contentAnswer = ownResponse({
  ...{ status: 200, about: 'Lines of JSON with one for the end, or a table; one that breaks off ends its connection.' },
  content: { [ndjsonType]: { schema: contentLineSchema }, [csvType]: { schema: z.string() } },
});

/** What matches a condition, as a file. */
export function exportRoutes(options: ExportRoutesOptions): readonly Route[] {
  const { jobs } = options;
  const create = async (request: SignedInRequest<unknown, z.infer<typeof bodySchema>>): Promise<HttpResponse> => {
    const { kind = 'asset', ...wanted } = await request.body();
    const order = { kind: 'export', of: kind, ...wanted } as const;
    // what cannot be done is refused now, and not by a worker
    selectionOf(order);
    if (wanted.format === 'ndjson') assertFieldNames(wanted.fields ?? [], 'fields');
    exportFormat(order);
    return begunResponse(await jobs.begin(request.principal, order));
  };
  const read = async ({ principal, params }: SignedInCall): Promise<HttpResponse> => {
    const job = await jobs.find(principal, params['id'] ?? '');
    const { mediaType, head, note } = exportFormat(assertContent(job));
    return jobStream(options, {
      ...{ principal, mediaType, head, pieces: exportPieces(options, job, principal) },
      end: (count) => note({ end: true, count }),
    });
  };
  return [
    route({ method: 'POST', path, access: 'signed-in', contract, body, answer: jobBegun, handle: create }),
    route({
      ...{ method: 'GET', path: '/v1/exports/:id/content', access: 'signed-in' },
      ...{ contract: contentContract, answer: contentAnswer, handle: read },
    }),
  ];
}
