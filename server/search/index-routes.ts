import { json } from '../http/answers.ts';
import { type Route, route } from '../http/route.ts';
import type { IndexKeeper } from './keeper/index-keeper.ts';

/** The search index of all tenants: how it is, and what an operator wants of it. Counts only, no documents. */
export function indexRoutes(keeper: Pick<IndexKeeper, 'status' | 'order'>): readonly Route[] {
  const common = { access: 'operate', answer: json } as const;
  return [
    route({ ...common, method: 'GET', path: '/v1/search/index', handle: () => keeper.status() }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/search/index/rebuild',
      handle: async () => ({ id: await keeper.order('rebuild') }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/search/index/verify',
      handle: async () => ({ id: await keeper.order('verify') }),
    }),
  ];
}
