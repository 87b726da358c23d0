import { z } from 'zod';
import { jobSchema, wireJob } from '../../../channels/contract/job-schema.ts';
import type { Job } from '../../../channels/jobs/job.ts';
import { type Answer, json, jsonAnswer, jsonOf, ownResponse } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { type Query, wholeNumber } from '../../http/query.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../../http/route.ts';
import type { HttpResponse } from '../../transport/http.ts';
import type { JobEvent } from './job-state.ts';
import type { Jobs } from './jobs.ts';

export const jobId = { about: 'Id of one of your jobs.', example: 'V1StGXR8_Z5jdHi6B-myT1' };
const ofOne = { group: 'Bulk', params: { id: jobId } } as const;
const errors = ['not-found', 'job-conflict', 'conflict', 'storage-unavailable'] as const;

const listContract: RouteContract<'/v1/jobs'> = {
  ...{ id: 'listJobs', group: 'Bulk', summary: 'Your imports and exports, the newest first', params: {} },
  errors: ['storage-unavailable'],
};
const contracts = {
  get: { ...ofOne, id: 'getJob', summary: 'How far a job is', errors: ['not-found', 'storage-unavailable'] },
  cancel: {
    ...{ ...ofOne, id: 'cancelJob', summary: 'Cancel a job', errors },
    description: 'What is done of it stays done. What is cancelled already stays so.',
  },
} as const satisfies Record<string, RouteContract<'/v1/jobs/:id'>>;
const commitContract: RouteContract<'/v1/jobs/:id/commit'> = {
  ...{ ...ofOne, id: 'commitJob', summary: 'Do what a dry run has planned', errors: [...errors, 'rate-limited'] },
  description: 'Exactly that: a row whose asset is not as it was planned with is a conflict. Twice is once.',
};

const oneAnswer = json(jobSchema);

/** The answer to what begins a job. */
export const jobBegun: Answer<HttpResponse> = ownResponse(
  jsonAnswer(jobSchema, { status: 202, about: 'It is kept, and will be done.', headers: ['location'] }),
  jsonAnswer(jobSchema, { about: 'It had been sent before.', headers: ['location', 'idempotency-replayed'] }),
);

export function begunResponse(job: Job, isRepeated = false): HttpResponse {
  const { headers, ...response } = jsonOf(wireJob(job), isRepeated ? 200 : 202);
  const replayed = isRepeated ? { 'idempotency-replayed': 'true' } : {};
  return { ...response, headers: { ...headers, location: `/v1/jobs/${encodeURIComponent(job.id)}`, ...replayed } };
}

const listQuery = { limit: wholeNumber({ fallback: 100, max: 1000 }) };

/** What somebody does with his jobs, whatever they do. */
export function jobRoutes({ jobs }: { readonly jobs: Jobs }): readonly Route[] {
  const list = async ({ principal, query }: SignedInRequest<Query<typeof listQuery>, undefined>): Promise<object> => ({
    jobs: (await jobs.list(principal, query.limit)).map(wireJob),
  });
  const get = async ({ principal, params }: SignedInCall): Promise<object> =>
    wireJob(await jobs.find(principal, params['id'] ?? ''));
  const tell =
    (event: JobEvent) =>
    async ({ principal, params }: SignedInCall): Promise<object> =>
      wireJob(await jobs.tell(principal, params['id'] ?? '', event));

  const one = { path: '/v1/jobs/:id', access: 'signed-in', answer: oneAnswer } as const;
  return [
    route({
      ...{ method: 'GET', path: '/v1/jobs', access: 'signed-in', contract: listContract, query: listQuery },
      answer: json(z.object({ jobs: z.array(jobSchema) })),
      handle: list,
    }),
    route({ ...one, method: 'GET', contract: contracts.get, handle: get }),
    route({ ...one, method: 'DELETE', contract: contracts.cancel, handle: tell({ kind: 'cancelled' }) }),
    route({
      ...{ ...one, method: 'POST', path: '/v1/jobs/:id/commit', contract: commitContract },
      handle: tell({ kind: 'committed' }),
    }),
  ];
}
