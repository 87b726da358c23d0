import type { DeadLetterStore, DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import { type Query, text, wholeNumber } from '../http/query.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Intake } from '../ingest/intake.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { connectorFor } from './ingest-routes.ts';

export interface DeadLetterRoutesOptions {
  readonly store: DeadLetterStore;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: CurrentPolicy;
  readonly intake: Intake;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const listQuery = { connector: text(), after: text(), limit: wholeNumber({ fallback: 100, max: 1000 }) };

export function deadLetterRoutes(options: DeadLetterRoutesOptions): readonly Route[] {
  const { store, connectors, policy, intake, logger, metrics } = options;
  const find = async ({ params, principal }: SignedInCall): Promise<DeadLetter> => {
    const letter = await store.deadLetter(principal.tenant, params['id'] ?? '');
    if (letter === undefined) throw new HubError('not-found', 'id: no such dead letter');
    return letter;
  };

  const list = async ({ principal, query }: SignedInRequest<Query<typeof listQuery>, undefined>): Promise<object> => {
    const { connector, after, limit } = query;
    const deadLetters = await store.deadLetters({
      tenant: principal.tenant,
      limit,
      ...(connector === undefined ? {} : { connector }),
      ...(after === undefined ? {} : { after }),
    });
    return { deadLetters };
  };

  /** Ingests the bytes again, for a principal that may ingest them. What is rejected again stays. */
  const retry = async (call: SignedInCall): Promise<object> => {
    const letter = await find(call);
    const connector = connectorFor(connectors, call.principal, letter.connector, policy);
    if (letter.cut !== undefined)
      throw new HubError('message-too-large', 'id: this message was truncated; its source has to send it again');
    const value = letter.bytes === null ? null : Buffer.from(letter.bytes, 'base64');
    const message = { value, key: null, headers: letter.headers, timestampMs: Date.parse(letter.at) };
    const [outcome] = await intake.takeMessages(connector, [message], { remember: false, setAside: false });
    if (outcome?.result === 'rejected') throw outcome.error;
    await store.deadLetterRemove(letter.tenant, letter.id);
    return { id: letter.id, result: outcome?.result ?? 'unchanged' };
  };

  /** For good, without taking it in. */
  const discard = async (call: SignedInCall): Promise<object> => {
    const letter = await find(call);
    await store.deadLetterRemove(letter.tenant, letter.id);
    const { id, connector, code, origin } = letter;
    metrics.deadLettersDropped.inc({ connector, reason: 'discarded' });
    logger.info({ id, connector, code, origin, by: call.principal.sub }, 'dead letter discarded');
    return { id, result: 'discarded' };
  };

  const common = { access: 'administer', answer: json } as const;
  return [
    route({ ...common, method: 'GET', path: '/v1/deadletters', query: listQuery, handle: list }),
    route({ ...common, method: 'GET', path: '/v1/deadletters/:id', handle: find }),
    route({ ...common, method: 'POST', path: '/v1/deadletters/:id/retry', handle: retry }),
    route({ ...common, method: 'POST', path: '/v1/deadletters/:id/discard', handle: discard }),
  ];
}
