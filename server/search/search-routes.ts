import { z } from 'zod';
import { filterSchema } from '../../channels/contract/common-schema.ts';
import { searchAnswerSchema } from '../../channels/contract/search-schema.ts';
import { principalKey, type Principal } from '../../channels/policy/principal.ts';
import { parseSearchRequest, type SearchRequest, searchRequestSchema } from '../../channels/search/search-request.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { jsonText } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { jsonValue, type Query, type QueryDeclaration, text } from '../http/query.ts';
import { jsonBody } from '../http/request-body.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { SearchBudgets } from './search-budgets.ts';
import type { IndexKeeper } from './keeper/index-keeper.ts';
import type { Searcher } from './searcher.ts';

interface SearchRoutesOptions {
  readonly built: IndexKeeper['built'];
  readonly searcher: Searcher;
  readonly budgets: SearchBudgets;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

const strategy = z.enum(['all', 'last']).meta({ default: 'all' });
const searchQuery = {
  q: text({ about: 'The words; none: everything matches.', example: 'orders' }),
  strategy: text({ about: 'Whether each word must be there, or words are given up from the end.', schema: strategy }),
  channel: text({ about: 'Where to search.', example: 'assets' }),
  filter: jsonValue({ about: 'Conditions on the entity.', schema: filterSchema, example: '{"domain":"retail"}' }),
  facets: text({ about: 'Fields to count by, with commas between.', example: 'type,owners' }),
  sort: text({ about: 'At most three fields, with commas between; `-` before one for descending.', example: '-name' }),
  limit: text({ about: 'Hits, 1 to 100.', schema: z.int().min(1).max(100).meta({ default: 20 }), example: '10' }),
  highlight: text({ about: 'Whether to say where the words are.', schema: z.boolean().meta({ default: true }) }),
} satisfies QueryDeclaration;

function listOf(raw: string | undefined): readonly string[] | undefined {
  return raw === undefined || raw === '' ? undefined : raw.split(',');
}

function flagOf(raw: string | undefined): unknown {
  return raw === 'true' || raw === 'false' ? raw === 'true' : raw;
}

/** The parameters as the JSON form has them; what is not there is left out. */
function fromQuery(query: Query<typeof searchQuery>): object {
  const { facets, sort, limit, highlight } = query;
  const members = {
    ...query,
    facets: listOf(facets),
    sort: listOf(sort),
    limit: limit !== undefined && /^\d+$/.test(limit) ? Number(limit) : limit,
    highlight: flagOf(highlight),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const searchBody = jsonBody({
  maxBytes: 64 * 1024,
  parse: parseSearchRequest,
  schema: searchRequestSchema,
  examples: {
    words: { q: 'customer orders', filter: { domain: 'retail' }, facets: ['type'], sort: ['-severity'], limit: 10 },
  },
});

const common = {
  ...({ group: 'Search', summary: 'Search the catalog as it is now', params: {} } as const),
  errors: [
    ...(['invalid-request', 'invalid-channel', 'invalid-filter', 'filter-too-large', 'rate-limited'] as const),
    ...(['not-ready', 'storage-unavailable'] as const),
  ],
} as const;
const contracts = {
  get: { ...common, id: 'search' },
  post: { ...common, id: 'searchByBody', description: 'The same as JSON, for long filters.' },
} as const satisfies Record<string, RouteContract>;

/** One search of the catalog as it is now, judged by the same rules as live events. */
export function searchRoutes({ built, searcher, budgets, policy, outlet }: SearchRoutesOptions): readonly Route[] {
  const answer = async (principal: Principal, request: SearchRequest): Promise<string> => {
    await built(principal.tenant);
    const owner = principalKey(principal);
    const search = () => searcher.search(request, policy.classOf(principal));
    const { members, delivered } = await budgets.run(owner, search);
    outlet.fetched({ owner }, delivered);
    return `{${members}}`;
  };
  const get = ({ principal, query }: SignedInRequest<Query<typeof searchQuery>, undefined>): Promise<string> =>
    answer(principal, parseSearchRequest(fromQuery(query)));
  const post = async ({ principal, body }: SignedInRequest<unknown, SearchRequest>): Promise<string> =>
    answer(principal, await body());
  const own = { path: '/v1/search', access: 'signed-in', answer: jsonText(searchAnswerSchema) } as const;
  return [
    route({ ...own, method: 'GET', contract: contracts.get, query: searchQuery, handle: get }),
    route({ ...own, method: 'POST', contract: contracts.post, body: searchBody, handle: post }),
  ];
}
