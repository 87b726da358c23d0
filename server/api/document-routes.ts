import { isGone } from '../../channels/catalog/document.ts';
import { publicDocument } from '../../channels/event/wire-event.ts';
import type { Policy } from '../../channels/policy/policy.ts';
import type { CatalogStore, FindQuery } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import { writtenForms } from '../../channels/subscription/written-forms.ts';
import { OwnedTurns } from '../resume/owned-turns.ts';
import { createPolicyClasses } from '../security/policy-classes.ts';
import type { HttpResponse } from '../transport/http.ts';
import { json, numberParam, type Route, type RouteRequest } from './router.ts';

/** Of one answer: it is held as a whole until the client has taken it. */
const pageBytes = 2 * 1024 * 1024;

function filterParam(raw: string | null): unknown {
  if (raw === null) return undefined;
  try {
    return JSON.parse(raw) as unknown;
  } catch (cause) {
    throw new HubError('invalid-json', 'filter: must be JSON', { cause });
  }
}

/** Pages that are read for a tenant at once: each takes its time of every turn of the event loop. */
const pagesOfTenant = 2;

/** The catalog as it is now, judged by the same rules as live events. */
export function documentRoutes({
  store,
  policy,
}: {
  readonly store: CatalogStore;
  readonly policy: Policy;
}): readonly Route[] {
  const classOf = createPolicyClasses(policy);
  const turns = new OwnedTurns(pagesOfTenant);

  const get = async (request: RouteRequest): Promise<HttpResponse> => {
    const principal = await request.principal();
    const { mayRead } = classOf(principal);
    const urns = writtenForms(request.params['urn'] ?? '');
    const found = await store.getMany(urns.map((urn) => ({ tenant: principal.tenant, urn })));
    const document = found.find((each) => each !== undefined && !isGone(each) && mayRead(each.head));
    if (document === undefined) throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
    return json(publicDocument(document));
  };

  const find = async (request: RouteRequest): Promise<HttpResponse> => {
    const principal = await request.principal();
    const { query } = request.http;
    const selection = createSelection(query.get('channel') ?? 'assets', filterParam(query.get('filter')));
    const after = query.get('after');
    const policyClass = classOf(principal);
    const page: FindQuery = {
      tenant: principal.tenant,
      filter: { op: 'and', args: [policyClass.readable, selection.filter] },
      maxBytes: pageBytes,
      limit: numberParam(request.http, 'limit', 100, 1000),
      ...(after === null ? {} : { afterUrn: after }),
    };
    return turns.run(principal.tenant, async () => {
      const { documents, next } = await store.find(page);
      // the store may compare in another way than live events do
      const shown = documents.filter(({ head }) => selection.matches(head) && policyClass.mayRead(head));
      const answer = json({ documents: shown.map(publicDocument), ...(next === undefined ? {} : { next }) });
      // the next page not in the same turn of the event loop
      await new Promise((resolve) => setImmediate(resolve));
      return answer;
    });
  };

  return [
    { method: 'GET', path: '/v1/documents', handle: find },
    { method: 'GET', path: '/v1/documents/*urn', handle: get },
  ];
}
