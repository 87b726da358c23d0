import type { Policy } from '../../channels/policy/policy.ts';
import type { CatalogStore, DeadLetter } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Intake } from '../ingest/intake.ts';
import { administrator } from './administrator.ts';
import { json, numberParam, type Route, type RouteRequest } from './router.ts';

export interface DeadLetterRoutesOptions {
  readonly store: CatalogStore;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: Policy;
  readonly intake: Intake;
}

/** A list shows everything but the bytes. */
function summary({ bytes, headers: _headers, ...rest }: DeadLetter): object {
  return { ...rest, size: bytes === null ? 0 : Math.floor((bytes.length * 3) / 4) };
}

export function deadLetterRoutes({ store, connectors, policy, intake }: DeadLetterRoutesOptions): readonly Route[] {
  const find = async (request: RouteRequest): Promise<DeadLetter> => {
    const principal = await administrator(request, policy);
    const letter = await store.deadLetter(principal.tenant, request.params['id'] ?? '');
    if (letter === undefined) throw new HubError('not-found', 'id: no such dead letter');
    return letter;
  };

  const list = async (request: RouteRequest): Promise<object> => {
    const principal = await administrator(request, policy);
    const { query } = request.http;
    const connector = query.get('connector');
    const after = query.get('after');
    const limit = numberParam(request.http, 'limit', 100, 1000);
    return {
      deadLetters: (
        await store.deadLetters({
          tenant: principal.tenant,
          limit,
          ...(connector === null ? {} : { connector }),
          ...(after === null ? {} : { after }),
        })
      ).map(summary),
    };
  };

  /** Takes the bytes in as if they came now. What is rejected again stays, with today's reason. */
  const retry = async (request: RouteRequest): Promise<object> => {
    const letter = await find(request);
    const connector = connectors.get(letter.connector);
    if (connector === undefined)
      throw new HubError('unknown-connector', `connector: ${letter.connector} is no longer configured`);
    const value = letter.bytes === null ? null : Buffer.from(letter.bytes, 'base64');
    const message = { value, key: null, headers: letter.headers, timestampMs: Date.parse(letter.at) };
    const [outcome] = await intake.takeMessages(connector, [message], { remember: false });
    if (outcome?.result === 'rejected') {
      if (outcome.deadLetter !== letter.id) await store.deadLetterRemove(letter.tenant, outcome.deadLetter);
      throw outcome.error;
    }
    await store.deadLetterRemove(letter.tenant, letter.id);
    return { id: letter.id, result: outcome?.result ?? 'unchanged' };
  };

  return [
    { method: 'GET', path: '/v1/deadletters', handle: async (request) => json(await list(request)) },
    { method: 'GET', path: '/v1/deadletters/:id', handle: async (request) => json(await find(request)) },
    { method: 'POST', path: '/v1/deadletters/:id/retry', handle: async (request) => json(await retry(request)) },
  ];
}
