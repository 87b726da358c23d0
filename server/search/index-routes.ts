import { z } from 'zod';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Route, route } from '../http/route.ts';
import type { IndexKeeper, IndexStatus } from './keeper/index-keeper.ts';
import { reportSchema } from './keeper/index-orders.ts';

const statusSchema = z.object({
  engine: z.string(),
  state: z.enum(['up', 'building', 'down']),
  documents: z.int().nullable(),
  writer: z.string().nullable(),
  build: z.string().nullable(),
  behind: z.int().nullable(),
  last: reportSchema.nullable(),
}) satisfies z.ZodType<IndexStatus>;
const common = { group: 'Operations', params: {}, errors: ['storage-unavailable'] } as const;
const contracts = {
  status: { ...common, id: 'getSearchIndex', summary: 'How the search index is' },
  rebuild: { ...common, id: 'rebuildSearchIndex', summary: 'Build a new search index beside the present one' },
  verify: { ...common, id: 'verifySearchIndex', summary: 'Compare the search index with the catalog' },
} as const satisfies Record<string, RouteContract>;

/** The search index of all tenants: how it is, and what an operator wants of it. Counts only, no documents. */
export function indexRoutes(keeper: Pick<IndexKeeper, 'status' | 'order'>): readonly Route[] {
  const access = 'operate';
  const common = { method: 'POST', access, answer: json(z.object({ id: z.string() })) } as const;
  return [
    route({
      ...{ method: 'GET', path: '/v1/search/index', access, contract: contracts.status, answer: json(statusSchema) },
      handle: () => keeper.status(),
    }),
    route({
      ...common,
      path: '/v1/search/index/rebuild',
      contract: contracts.rebuild,
      handle: async () => ({ id: await keeper.order('rebuild') }),
    }),
    route({
      ...common,
      path: '/v1/search/index/verify',
      contract: contracts.verify,
      handle: async () => ({ id: await keeper.order('verify') }),
    }),
  ];
}
