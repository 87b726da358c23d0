import type { Principal } from '../../channels/policy/principal.ts';
import type { CatalogStore, DeadLetter } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Intake } from '../ingest/intake.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { administrator } from './administrator.ts';
import { connectorFor } from './ingest-routes.ts';
import { json, numberParam, type Route, type RouteRequest } from '../http/router.ts';

export interface DeadLetterRoutesOptions {
  readonly store: CatalogStore;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: CurrentPolicy;
  readonly intake: Intake;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function deadLetterRoutes(options: DeadLetterRoutesOptions): readonly Route[] {
  const { store, connectors, policy, intake, logger, metrics } = options;
  const find = async (
    request: RouteRequest,
  ): Promise<{ readonly letter: DeadLetter; readonly principal: Principal }> => {
    const principal = await administrator(request, policy);
    const letter = await store.deadLetter(principal.tenant, request.params['id'] ?? '');
    if (letter === undefined) throw new HubError('not-found', 'id: no such dead letter');
    return { letter, principal };
  };

  const list = async (request: RouteRequest): Promise<object> => {
    const principal = await administrator(request, policy);
    const { query } = request.http;
    const connector = query.get('connector');
    const after = query.get('after');
    const limit = numberParam(request.http, 'limit', 100, 1000);
    const deadLetters = await store.deadLetters({
      tenant: principal.tenant,
      limit,
      ...(connector === null ? {} : { connector }),
      ...(after === null ? {} : { after }),
    });
    return { deadLetters };
  };

  /** Takes the bytes in as if they came now, by whoever may ingest them. What is rejected again stays. */
  const retry = async (request: RouteRequest): Promise<object> => {
    const { letter, principal } = await find(request);
    const connector = connectorFor(connectors, principal, letter.connector, policy);
    if (letter.cut !== undefined)
      throw new HubError(
        'message-too-large',
        'id: only a part of this message could be kept; have its source send it again',
      );
    const value = letter.bytes === null ? null : Buffer.from(letter.bytes, 'base64');
    const message = { value, key: null, headers: letter.headers, timestampMs: Date.parse(letter.at) };
    const [outcome] = await intake.takeMessages(connector, [message], { remember: false, setAside: false });
    if (outcome?.result === 'rejected') throw outcome.error;
    await store.deadLetterRemove(letter.tenant, letter.id);
    return { id: letter.id, result: outcome?.result ?? 'unchanged' };
  };

  /** For good, without taking it in. */
  const discard = async (request: RouteRequest): Promise<object> => {
    const { letter, principal } = await find(request);
    await store.deadLetterRemove(letter.tenant, letter.id);
    const { id, connector, code, origin } = letter;
    metrics.deadLettersDropped.inc({ connector, reason: 'discarded' });
    logger.info({ id, connector, code, origin, by: principal.sub }, 'a dead letter was discarded');
    return { id, result: 'discarded' };
  };

  return [
    { method: 'GET', path: '/v1/deadletters', handle: async (request) => json(await list(request)) },
    { method: 'GET', path: '/v1/deadletters/:id', handle: async (request) => json((await find(request)).letter) },
    { method: 'POST', path: '/v1/deadletters/:id/retry', handle: async (request) => json(await retry(request)) },
    { method: 'POST', path: '/v1/deadletters/:id/discard', handle: async (request) => json(await discard(request)) },
  ];
}
