import { canonicalJson } from '../../../channels/event/json.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';

/** A request with an Idempotency-Key, by the ids that are committed with what it changes. */
export interface RepeatableRequest {
  /** Of who sends it, to what, with which key. */
  readonly id: string;
  /** Both: the id, and the id with what the request says. */
  readonly all: readonly [id: string, content: string];
}

const maxKeyLength = 200;

export interface RequestFacts {
  readonly principal: Principal;
  /** Method and path. */
  readonly route: string;
  readonly body: unknown;
}

/** undefined for a request without a key. @throws HubError invalid-request */
export function repeatableOf(
  key: string | undefined,
  { principal, route, body }: RequestFacts,
  ids: Pick<OpaqueIds, 'request'>,
): RepeatableRequest | undefined {
  if (key === undefined) return undefined;
  if (key === '' || key.length > maxKeyLength)
    throw new HubError('invalid-request', `idempotency-key: must have 1 to ${maxKeyLength} characters`);
  const { tenant, sub } = principal;
  const facts = canonicalJson([sub, route, key]);
  const id = ids.request(tenant, facts);
  return { id, all: [id, ids.request(tenant, `${facts}${canonicalJson(body)}`)] };
}

/**
 * Both ids are committed together: of a request that says something else under the same key only the first is known.
 * @throws HubError idempotency-mismatch
 */
export function assertSameRequest(request: RepeatableRequest | undefined, known: readonly string[]): void {
  if (request?.all.every((id) => known.includes(id)) === true) return;
  throw new HubError('idempotency-mismatch', 'idempotency-key: it was used for another request; use a new key');
}
