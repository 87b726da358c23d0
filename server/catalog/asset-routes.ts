import type { JsonObject } from '../../channels/event/json.ts';
import { principalKey } from '../../channels/policy/principal.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { jsonOf } from '../http/answers.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { HttpRequest, HttpResponse } from '../transport/http.ts';
import type { AssetCommands, Edited, Guard } from './asset-commands.ts';
import * as contracts from './contracts/asset-contracts.ts';
import { createBody, patchBody, putBody } from './contracts/edit-bodies.ts';
import { findAsset } from './find-asset.ts';
import { repeatableOf } from './repeatable.ts';
import { matchesWeakly, representationOf } from './representation.ts';

export interface AssetRoutesOptions {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
  readonly commands: AssetCommands;
}

type Edit = SignedInRequest<unknown, JsonObject>;

function assertMediaType({ headers }: HttpRequest, expected: string): void {
  const given = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (given !== expected) throw new HubError('unsupported-media-type', `content-type: must be ${expected}`);
}

/** Who replaces or deletes the whole has to know what he replaces. @throws HubError precondition-required */
function assertMatchGiven({ headers }: HttpRequest): void {
  if (headers['if-match'] === undefined)
    throw new HubError('precondition-required', 'if-match: send the ETag of the asset as you have seen it');
}

/** With the tag of what it shows. */
function tagged(body: object, etag: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const response = jsonOf(body);
  return { ...response, headers: { ...response.headers, etag, vary: 'authorization', ...headers } };
}

function editedResponse({ representation, changes, event, isRepeated }: Edited): HttpResponse {
  const { asset, etag } = representation;
  return tagged({ asset, etag, changes, event }, etag, isRepeated ? { 'idempotency-replayed': 'true' } : {});
}

/** Assets one by one: reading them, and what people say of them. */
export function assetRoutes(options: AssetRoutesOptions): readonly Route[] {
  const { store, policy, ids, outlet, commands } = options;

  const get = async ({ params, principal, http }: SignedInCall): Promise<HttpResponse> => {
    const policyClass = policy.classOf(principal);
    const document = await findAsset(store, policyClass, params['urn'] ?? '');
    const { asset, etag, delivered } = representationOf(document, policyClass, ids);
    const known = http.headers['if-none-match'];
    if (known !== undefined && matchesWeakly(known, etag)) return { status: 304, headers: { etag } };
    outlet.fetched({ owner: principalKey(principal) }, [delivered]);
    return tagged(asset, etag);
  };

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
    return editedResponse(await commands.edit(principal, params['urn'] ?? '', { body, guard, mode: { replaces } }));
  };

  const create = async (request: Edit): Promise<HttpResponse> => {
    assertMediaType(request.http, 'application/json');
    const body = await request.body();
    const created = await commands.create(request.principal, body, guardOf(request, body));
    const response = editedResponse(created);
    const location = `/v1/assets/${encodeURIComponent(created.urn)}`;
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

  const common = { path: '/v1/assets/:urn', access: 'signed-in', answer: contracts.editedAnswer } as const;
  const [patch, put] = [edit('application/merge-patch+json', false), edit('application/json', true)];
  const { createAsset, createdAnswer, getAsset, assetAnswer, deleteAsset, deletedAnswer } = contracts;
  return [
    route({
      ...{ path: '/v1/assets', access: 'signed-in', method: 'POST', contract: createAsset, answer: createdAnswer },
      body: createBody,
      handle: create,
    }),
    route({ ...common, method: 'GET', contract: getAsset, answer: assetAnswer, handle: get }),
    route({ ...common, method: 'PATCH', contract: contracts.patchAsset, body: patchBody, handle: patch }),
    route({ ...common, method: 'PUT', contract: contracts.replaceAsset, body: putBody, handle: put }),
    route({ ...common, method: 'DELETE', contract: deleteAsset, answer: deletedAnswer, handle: remove }),
  ];
}
