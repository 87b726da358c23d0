import { z } from 'zod';
import { timeSchema } from '../../channels/contract/common-schema.ts';
import type { DeadLetterStore, DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
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

const listQuery = {
  connector: text({ about: 'Only those of this connector.', example: 'events' }),
  after: text({ about: 'Id of the last one of the page before.' }),
  limit: wholeNumber({ fallback: 100, max: 1000 }),
};

const summary = {
  ...{ id: z.string(), tenant: z.string(), connector: z.string(), code: z.string(), reason: z.string() },
  ...{ at: timeSchema, attempts: z.int(), size: z.int() },
  origin: z.object({
    transport: z.enum(['kafka', 'http', 'import']),
    topic: z.string().exactOptional(),
    partition: z.int().exactOptional(),
    offset: z.int().exactOptional(),
  }),
  cut: z.object({ bytes: z.int(), headers: z.int() }).exactOptional(),
};
const summarySchema = z.object(summary).meta({ id: 'DeadLetterSummary' });
const letterSchema = z
  .object({
    ...summary,
    headers: z.record(z.string(), z.string()),
    bytes: z.string().nullable().meta({ description: 'Base64 of the message.' }),
  })
  .meta({ id: 'DeadLetter' }) satisfies z.ZodType<DeadLetter>;
const outcomeSchema = z.object({
  id: z.string(),
  result: z.enum(['accepted', 'unchanged', 'duplicate', 'part', 'discarded']),
});
const id = { about: 'Id of the dead letter, as in the list.', example: 'b9f0c1d2e3f4a5b6' };
const ofOne = { group: 'Operations', params: { id } } as const;
const contracts = {
  get: { ...ofOne, id: 'getDeadLetter', summary: 'A message that could not be ingested, whole', errors: ['not-found'] },
  retry: {
    ...{ ...ofOne, id: 'retryDeadLetter', summary: 'Ingest a dead letter again' },
    errors: [
      ...(['not-found', 'unknown-connector', 'message-too-large', 'invalid-message', 'unsupported-message'] as const),
      ...(['incomplete-message', 'outside-namespace', 'limit-exceeded', 'storage-unavailable'] as const),
      ...(['invalid-json', 'unsupported-media-type'] as const),
    ],
  },
  discard: { ...ofOne, id: 'discardDeadLetter', summary: 'Remove a dead letter for good', errors: ['not-found'] },
} as const satisfies Record<string, RouteContract<'/v1/deadletters/:id'>>;
const listContract: RouteContract<'/v1/deadletters'> = {
  ...{ id: 'listDeadLetters', group: 'Operations', summary: 'Messages that could not be ingested, the newest first' },
  params: {},
  errors: ['storage-unavailable'],
};

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

  const access = 'administer';
  const path = '/v1/deadletters/:id';
  const change = { method: 'POST', access, answer: json(outcomeSchema) } as const;
  return [
    route({
      ...{ method: 'GET', path: '/v1/deadletters', access, contract: listContract, query: listQuery },
      answer: json(z.object({ deadLetters: z.array(summarySchema) })),
      handle: list,
    }),
    route({ method: 'GET', path, access, contract: contracts.get, answer: json(letterSchema), handle: find }),
    route({ ...change, path: `${path}/retry`, contract: contracts.retry, handle: retry }),
    route({ ...change, path: `${path}/discard`, contract: contracts.discard, handle: discard }),
  ];
}
