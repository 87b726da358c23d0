import { z } from 'zod';
import { jsonObjectSchema, wireErrorSchema } from '../../channels/contract/common-schema.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json, jsonAnswer, jsonOf, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { bytes } from '../http/request-body.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Connector } from '../ingest/connector.ts';
import type { MessageOutcome } from '../ingest/batch-fold.ts';
import type { Intake } from '../ingest/intake.ts';
import { errorResponse } from '../transport/error-response.ts';
import type { HttpResponse } from '../transport/http.ts';

export interface IngestRoutesOptions {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: CurrentPolicy;
  readonly intake: Intake;
  readonly maxBodyBytes: number;
}

/** A connector of another tenant looks like none. */
export function connectorFor(
  connectors: ReadonlyMap<string, Connector>,
  principal: Principal,
  id: string,
  policy: CurrentPolicy,
): Connector {
  const connector = connectors.get(id);
  if (connector === undefined || connector.profile.tenant !== principal.tenant)
    throw new HubError('unknown-connector', 'connector: no such connector in your tenant');
  policy.assertMayIngest(principal, id);
  return connector;
}

/** 200 when everything was ingested; otherwise the status of the first rejection, with the fate of every message. */
function ingestResponse(outcomes: readonly MessageOutcome[]): HttpResponse {
  const count = (...results: readonly MessageOutcome['result'][]): number =>
    outcomes.filter((outcome) => results.includes(outcome.result)).length;
  const rejected = outcomes.flatMap((outcome, index) =>
    outcome.result === 'rejected' ? [{ index, ...outcome.error.toWire(), deadLetter: outcome.deadLetter }] : [],
  );
  const summary = { accepted: count('accepted', 'unchanged', 'part'), duplicates: count('duplicate'), rejected };
  const first = outcomes.find((outcome) => outcome.result === 'rejected');
  return first === undefined ? jsonOf(summary) : errorResponse(first.error, summary);
}

const event = {
  ...{ specversion: '1.0', id: 'one', source: '/catalog', type: 'gov.asset.updated', subject: 'orders' },
  data: { asset: { type: 'table', name: 'orders', domain: 'retail' } },
};
/** What the format of the connector reads. */
const messages = {
  'application/cloudevents+json': { schema: jsonObjectSchema, examples: { asset: event } },
  'application/cloudevents-batch+json': { schema: z.array(jsonObjectSchema), examples: { batch: [event] } },
  'application/json': { schema: jsonObjectSchema },
};
const summarySchema = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.array(z.object({ ...wireErrorSchema.shape, index: z.int(), deadLetter: z.string().exactOptional() })),
  })
  .meta({ id: 'IngestSummary' });
const ingestAnswer = ownResponse(jsonAnswer(summarySchema, { about: 'Everything is committed.' }));
const importedSchema = z.object({ entities: z.int(), events: z.int() });
const params = { connector: { about: 'Id of a connector of your tenant.', example: 'events' } };
const refusals = [
  ...(['unknown-connector', 'forbidden', 'invalid-message', 'unsupported-message', 'outside-namespace'] as const),
  ...(['limit-exceeded', 'unsupported-media-type', 'invalid-json', 'storage-unavailable', 'conflict'] as const),
] as const;
const ingestContract: RouteContract<'/v1/ingest/:connector'> = {
  ...{ id: 'ingest', group: 'Ingest', summary: 'Ingest native messages', params },
  description:
    'The bytes are what the format of the connector reads. If a message is rejected, the problem of the first one has the members of the summary, too; the others are still ingested.',
  problemMembers: summarySchema,
  errors: [...refusals, 'incomplete-message'],
};
const importContract: RouteContract<'/v1/import/:connector'> = {
  ...{ id: 'importBaseline', group: 'Ingest', summary: 'Import a baseline', params },
  errors: refusals,
};

async function* oneChunk(text: string): AsyncGenerator<string> {
  yield text;
}

export function ingestRoutes(options: IngestRoutesOptions): readonly Route[] {
  const { connectors, policy, intake, maxBodyBytes } = options;

  const authorised = ({ params, principal }: SignedInCall): Connector =>
    connectorFor(connectors, principal, params['connector'] ?? '', policy);

  const ingest = async (request: SignedInRequest<unknown, Uint8Array>): Promise<HttpResponse> => {
    const connector = authorised(request);
    const messages = connector.format.split(await request.body(), request.http.headers);
    return ingestResponse(await intake.takeMessages(connector, messages));
  };

  const importBaseline = async (request: SignedInRequest<unknown, Uint8Array>): Promise<object> => {
    const { format, profile } = authorised(request);
    if (format.readBaseline === undefined)
      throw new HubError('invalid-request', `connector: the format ${format.name} has no baselines`);
    const text = Buffer.from(await request.body()).toString('utf8');
    let entities = 0;
    let events = 0;
    for await (const changes of format.readBaseline(oneChunk(text), profile)) {
      entities += changes.length;
      events += await intake.takeChanges(
        profile.tenant,
        changes.map((change) => [change]),
      );
    }
    return { entities, events };
  };

  // which connector may be used is for the grants, and known when it is found
  const common = { method: 'POST', access: 'signed-in' } as const;
  return [
    route({
      ...{ ...common, path: '/v1/ingest/:connector', contract: ingestContract, answer: ingestAnswer },
      body: bytes(maxBodyBytes, messages),
      handle: ingest,
    }),
    route({
      ...{ ...common, path: '/v1/import/:connector', contract: importContract, answer: json(importedSchema) },
      body: bytes(maxBodyBytes, { 'application/x-ndjson': { schema: z.string() } }),
      handle: importBaseline,
    }),
  ];
}
