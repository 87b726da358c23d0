import { z } from 'zod';
import { resultLineSchema } from '../../../channels/contract/job-schema.ts';
import { assetPatchSchema } from '../../../channels/contract/keyed-schema.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { ownResponse } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { parameter, type Query } from '../../http/query.ts';
import { parts } from '../../http/request-body.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../../http/route.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { csvType, ndjsonType } from '../download/line-format.ts';
import { begunResponse, jobBegun, jobId } from '../jobs/job-routes.ts';
import { jobStream, type JobStreamOptions } from '../jobs/job-stream.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { assertResults, type ImportResults } from './import-results.ts';
import type { ImportUpload } from './import-upload.ts';

export interface ImportRoutesOptions extends JobStreamOptions {
  readonly jobs: Jobs;
  readonly upload: ImportUpload;
  readonly results: ImportResults;
}

const path = '/v1/imports';

const contract: RouteContract<typeof path> = {
  ...{ id: 'createImport', group: 'Bulk', summary: 'Change many assets by a table or by lines of JSON', params: {} },
  description:
    'Each line of JSON is a merge patch of the keyed form with the `urn` and optionally the `etag` of the asset beside; without a urn it creates one. All rows are kept before the answer, and done afterwards as by single requests of yours.',
  headers: ['idempotency-key'],
  errors: ['rate-limited', 'conflict', 'idempotency-mismatch', 'filter-too-large', 'storage-unavailable'],
};
const resultsContract: RouteContract<'/v1/imports/:id/results'> = {
  ...{ id: 'getImportResults', group: 'Bulk', summary: 'What became, or would become, of each row' },
  params: { id: jobId },
  errors: ['not-found', 'job-conflict', 'storage-unavailable'],
};

const formats = ['csv', 'ndjson'] as const;

const query = {
  format: parameter(
    { about: 'Of the body.', schema: z.enum(formats), example: 'ndjson' },
    (raw, name): (typeof formats)[number] => {
      const found = formats.find((each) => each === raw);
      if (found === undefined) throw new HubError('invalid-request', `${name}: must be csv or ndjson`);
      return found;
    },
  ),
  dryRun: parameter(
    { about: '`true`: nothing is changed until the job is committed.', schema: z.boolean(), example: 'true' },
    (raw = 'false', name): boolean => {
      if (raw !== 'true' && raw !== 'false') throw new HubError('invalid-request', `${name}: must be true or false`);
      return raw === 'true';
    },
  ),
};

const line = z.object({ urn: z.string().exactOptional(), etag: z.string().exactOptional(), ...assetPatchSchema.shape });
const body = parts({
  [ndjsonType]: { schema: line, examples: { owner: { urn: 'urn:gov:demo:orders', owners: { ada: {} } } } },
  [csvType]: { schema: z.string() },
});

const resultsAnswer = ownResponse({
  ...{ status: 200, about: 'A line for each row, and one for the end; without that it broke off.' },
  content: { [ndjsonType]: { schema: resultLineSchema } },
});

type ImportRequest = SignedInRequest<Query<typeof query>, AsyncIterable<Uint8Array>>;

/** Many changes of assets from a file. */
export function importRoutes(options: ImportRoutesOptions): readonly Route[] {
  const { jobs, upload, results } = options;
  const create = async (request: ImportRequest): Promise<HttpResponse> => {
    const { principal, http } = request;
    const { job, isRepeated } = await upload.receive({
      ...{ principal, key: http.headers['idempotency-key'], body: await request.body() },
      order: { kind: 'import', ...request.query },
    });
    return begunResponse(job, isRepeated);
  };
  const read = async ({ principal, params }: SignedInCall): Promise<HttpResponse> => {
    const job = await jobs.find(principal, params['id'] ?? '');
    assertResults(job);
    return jobStream(options, {
      ...{ principal, mediaType: ndjsonType, head: '', pieces: results.lines(job, principal) },
      end: (count) => `${JSON.stringify({ end: true, count })}\n`,
    });
  };
  return [
    route({ method: 'POST', path, access: 'signed-in', contract, query, body, answer: jobBegun, handle: create }),
    route({
      ...{ method: 'GET', path: '/v1/imports/:id/results', access: 'signed-in' },
      ...{ contract: resultsContract, answer: resultsAnswer, handle: read },
    }),
  ];
}
