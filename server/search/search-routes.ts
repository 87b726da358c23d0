import { principalKey, type Principal } from '../../channels/policy/principal.ts';
import { parseSearchRequest, type SearchRequest } from '../../channels/search/search-request.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { jsonText } from '../http/answers.ts';
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

const searchQuery = {
  q: text(),
  strategy: text(),
  channel: text(),
  filter: jsonValue,
  facets: text(),
  sort: text(),
  limit: text(),
  highlight: text(),
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

const searchBody = jsonBody({ maxBytes: 64 * 1024, parse: parseSearchRequest });

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
  const common = { path: '/v1/search', access: 'signed-in', answer: jsonText } as const;
  return [
    route({ ...common, method: 'GET', query: searchQuery, handle: get }),
    route({ ...common, method: 'POST', body: searchBody, handle: post }),
  ];
}
