import type { JsonObject } from '../../../channels/event/json.ts';
import { principalKey } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import { jsonOf } from '../../http/answers.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../../http/route.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import type { HttpRequest, HttpResponse } from '../../transport/http.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import type { Edited, Guard } from './command-run.ts';
import { findEntity } from './find-entity.ts';
import { repeatableOf } from './repeatable.ts';
import type { Resource } from './resource.ts';
import { matchesWeakly, representationOf } from './representation.ts';

export interface ResourceRoutesOptions {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

type Edit = SignedInRequest<unknown, JsonObject>;

function assertMediaType({ headers }: HttpRequest, expected: string): void {
  const given = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (given !== expected) throw new HubError('unsupported-media-type', `content-type: must be ${expected}`);
}

/** Who replaces or deletes the whole has to know what he replaces. @throws HubError precondition-required */
function assertMatchGiven({ headers }: HttpRequest): void {
  if (headers['if-match'] === undefined)
    throw new HubError('precondition-required', 'if-match: send the ETag of what you have seen');
}

/** With the tag of what it shows. */
function tagged(body: object, etag: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const response = jsonOf(body);
  return { ...response, headers: { ...response.headers, etag, vary: 'authorization', ...headers } };
}

function editedResponse(kind: DocumentKind, { representation, changes, event, isRepeated }: Edited): HttpResponse {
  const { shown, etag } = representation;
  return tagged({ [kind]: shown, etag, changes, event }, etag, isRepeated ? { 'idempotency-replayed': 'true' } : {});
}

/** Entities of a kind one by one: reading them, and what people do to them. */
export function resourceRoutes(options: ResourceRoutesOptions, resource: Resource): readonly Route[] {
  const { edits } = resource;
  return [readRoute(options, resource), ...(edits === undefined ? [] : editRoutes(options, { ...resource, edits }))];
}

function readRoute({ store, policy, ids, outlet }: ResourceRoutesOptions, { kind, contracts }: Resource): Route {
  const get = async ({ params, principal, http }: SignedInCall): Promise<HttpResponse> => {
    const policyClass = policy.classOf(principal);
    const document = await findEntity(store, policyClass, params['urn'] ?? '', kind);
    const { shown, etag, delivered } = representationOf(document, policyClass, ids);
    const known = http.headers['if-none-match'];
    if (known !== undefined && matchesWeakly(known, etag)) return { status: 304, headers: { etag } };
    outlet.fetched({ owner: principalKey(principal) }, [delivered]);
    return tagged(shown, etag);
  };
  const { read: contract, answers } = contracts;
  const common = { path: `/v1/${kind}s/:urn`, access: 'signed-in', method: 'GET' } as const;
  return route({ ...common, contract, answer: answers.read, handle: get });
}

function editRoutes(
  { ids }: ResourceRoutesOptions,
  { kind, contracts, edits }: Resource & Required<Pick<Resource, 'edits'>>,
): readonly Route[] {
  const { commands, bodies } = edits;
  const guardOf = ({ http, principal }: SignedInCall, body: unknown): Guard => ({
    ifMatch: http.headers['if-match'],
    repeatable: repeatableOf(
      http.headers['idempotency-key'],
      { principal, route: `${http.method} ${http.path}`, body },
      ids,
    ),
  });

  const edit = (mediaType: string, replaces: boolean) => async (request: Edit) => {
    const { http, principal, params } = request;
    assertMediaType(http, mediaType);
    if (replaces) assertMatchGiven(http);
    const body = await request.body();
    const guard = guardOf(request, body);
    const edited = await commands.edit(principal, params['urn'] ?? '', { body, guard, mode: { replaces } });
    return editedResponse(kind, edited);
  };

  const create = async (request: Edit): Promise<HttpResponse> => {
    assertMediaType(request.http, 'application/json');
    const body = await request.body();
    const created = await commands.create(request.principal, body, guardOf(request, body));
    const response = editedResponse(kind, created);
    const location = `/v1/${kind}s/${encodeURIComponent(created.urn)}`;
    return { ...response, status: created.isRepeated ? 200 : 201, headers: { ...response.headers, location } };
  };

  const remove = async (request: SignedInCall): Promise<HttpResponse> => {
    assertMatchGiven(request.http);
    await commands.remove(request.principal, request.params['urn'] ?? '', {
      ifMatch: request.http.headers['if-match'],
      repeatable: undefined,
    });
    return { status: 204 };
  };

  const { answers, create: createContract, patch, replace, remove: removeContract } = contracts;
  const ofAll = { path: `/v1/${kind}s`, access: 'signed-in' } as const;
  const ofOne = { path: `/v1/${kind}s/:urn`, access: 'signed-in' } as const;
  const [patched, replaced] = [edit('application/merge-patch+json', false), edit('application/json', true)];
  const edited = { ...ofOne, answer: answers.edited } as const;
  return [
    route({
      ...{ ...ofAll, method: 'POST', contract: createContract, body: bodies.create, answer: answers.created },
      handle: create,
    }),
    route({ ...edited, method: 'PATCH', contract: patch, body: bodies.patch, handle: patched }),
    route({ ...edited, method: 'PUT', contract: replace, body: bodies.replace, handle: replaced }),
    route({ ...ofOne, method: 'DELETE', contract: removeContract, answer: answers.removed, handle: remove }),
  ];
}
