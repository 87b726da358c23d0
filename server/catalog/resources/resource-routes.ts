import { keyedFormOf } from '../../../channels/catalog/keyed-form.ts';
import { keyedMediaType } from '../../../channels/contract/keyed-schema.ts';
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
import { assertMediaType } from '../contracts/edit-bodies.ts';
import type { Edited, Guard } from './command-run.ts';
import { findEntity } from './find-entity.ts';
import { repeatableOf } from './repeatable.ts';
import type { PatchBody } from './resource-contracts.ts';
import type { Resource } from './resource.ts';
import { matchesWeakly, representationOf } from './representation.ts';

export interface ResourceRoutesOptions {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

type Edit = SignedInRequest<unknown, JsonObject>;

/** Who replaces or deletes the whole has to know what he replaces. @throws HubError precondition-required */
function assertMatchGiven({ headers }: HttpRequest): void {
  if (headers['if-match'] === undefined)
    throw new HubError('precondition-required', 'if-match: send the ETag of what you have seen');
}

/** With the tag of what it shows. */
function tagged(body: object, etag: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const response = jsonOf(body);
  return { ...response, headers: { ...response.headers, etag, vary: 'authorization, accept', ...headers } };
}

function wantsKeyed({ headers }: HttpRequest): boolean {
  return (headers['accept'] ?? '')
    .split(',')
    .some((each) => each.split(';')[0]?.trim().toLowerCase() === keyedMediaType);
}

function keyedResponse(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, 'content-type': keyedMediaType } };
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
    return wantsKeyed(http) ? keyedResponse(tagged(keyedFormOf(shown), etag)) : tagged(shown, etag);
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

  const edit = async (request: SignedInCall, { raw, body }: PatchBody, replaces: boolean): Promise<HttpResponse> => {
    const { principal, params } = request;
    const guard = guardOf(request, raw);
    return editedResponse(
      kind,
      await commands.edit(principal, params['urn'] ?? '', { body, guard, mode: { replaces } }),
    );
  };
  const patched = async (request: SignedInRequest<unknown, PatchBody>): Promise<HttpResponse> =>
    edit(request, await request.body(), false);
  const replaced = async (request: Edit): Promise<HttpResponse> => {
    assertMediaType(request.http, 'application/json');
    assertMatchGiven(request.http);
    const body = await request.body();
    return edit(request, { raw: body, body }, true);
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
