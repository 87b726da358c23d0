import type { Principal } from '../../../channels/policy/principal.ts';
import type { MetaStore } from '../../../channels/ports/meta-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { jsonAnswer, jsonOf, ownResponse } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { schemaBody } from '../../http/request-body.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../../http/route.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { maxViewsBytes, OwnViews, type TaggedViews, viewsSchema } from './own-views.ts';

const path = '/v1/me/views';
const common = { group: 'Session', params: {} } as const;
const readContract: RouteContract<typeof path> = {
  ...common,
  id: 'getMyViews',
  summary: 'Your saved views',
  errors: ['forbidden', 'filter-too-large', 'storage-unavailable'],
};
const replaceContract: RouteContract<typeof path> = {
  ...common,
  id: 'replaceMyViews',
  summary: 'Replace your saved views',
  requiredHeaders: ['if-match'],
  errors: [
    ...(['forbidden', 'filter-too-large', 'precondition-required', 'precondition-failed', 'limit-exceeded'] as const),
    'storage-unavailable',
  ],
};
const body = schemaBody({
  schema: viewsSchema,
  maxBytes: 2 * maxViewsBytes,
  examples: { one: { views: [{ name: 'Retail without owners', search: '?gap=no-owner&f={"domain":["retail"]}' }] } },
});
const answer = ownResponse(jsonAnswer(viewsSchema, { headers: ['etag'] }));

function tagged({ views, etag }: TaggedViews): HttpResponse {
  const response = jsonOf({ views });
  return { ...response, headers: { ...response.headers, etag } };
}

export interface ViewRoutesOptions {
  readonly store: MetaStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
}

/** What people keep for themselves; who may read nothing has nothing to ask, and keeps nothing. */
export function viewRoutes({ store, policy }: ViewRoutesOptions): readonly Route[] {
  const views = new OwnViews(store);
  const assertReader = (principal: Principal): void => {
    if (policy.classOf(principal).isEmpty) throw new HubError('forbidden', 'no grant allows you to read');
  };
  const read = async ({ principal }: SignedInCall): Promise<HttpResponse> => {
    assertReader(principal);
    return tagged(await views.of(principal));
  };
  type Replace = SignedInRequest<unknown, Awaited<ReturnType<typeof body.read>>>;
  const replace = async ({ principal, http, body: given }: Replace): Promise<HttpResponse> => {
    assertReader(principal);
    const ifMatch = http.headers['if-match'];
    if (ifMatch === undefined)
      throw new HubError('precondition-required', 'if-match: send the ETag of the views that you have seen');
    return tagged(await views.replace(principal, (await given()).views, ifMatch));
  };
  return [
    route({ method: 'GET', path, access: 'signed-in', contract: readContract, answer, handle: read }),
    route({ method: 'PUT', path, access: 'signed-in', contract: replaceContract, body, answer, handle: replace }),
  ];
}
