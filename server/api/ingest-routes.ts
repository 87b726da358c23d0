import type { Change } from '../../channels/catalog/change.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Connector } from '../ingest/connector.ts';
import type { MessageOutcome } from '../ingest/batch-fold.ts';
import type { Intake } from '../ingest/intake.ts';
import type { HttpResponse } from '../transport/http.ts';
import { readBody } from '../http/read-body.ts';
import { json, type Route, type RouteRequest } from '../http/router.ts';

/** Reads a baseline from text; see adapters/formats. */
export type ReadBaseline = (
  chunks: AsyncIterable<string>,
  profile: ConnectorProfile,
) => AsyncIterable<readonly Change[]>;

export interface IngestRoutesOptions {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: CurrentPolicy;
  readonly intake: Intake;
  readonly readBaseline: ReadBaseline;
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

/** 200 when everything was taken in; otherwise the status of the first rejection, with the fate of every message. */
function ingestResponse(outcomes: readonly MessageOutcome[]): HttpResponse {
  const count = (...results: readonly MessageOutcome['result'][]): number =>
    outcomes.filter((outcome) => results.includes(outcome.result)).length;
  const rejected = outcomes.flatMap((outcome, index) =>
    outcome.result === 'rejected' ? [{ index, ...outcome.error.toWire(), deadLetter: outcome.deadLetter }] : [],
  );
  const summary = { accepted: count('accepted', 'unchanged', 'part'), duplicates: count('duplicate'), rejected };
  const first = outcomes.find((outcome) => outcome.result === 'rejected');
  return first === undefined ? json(summary) : json({ error: first.error.toWire(), ...summary }, first.error.status);
}

async function* oneChunk(text: string): AsyncGenerator<string> {
  yield text;
}

export function ingestRoutes(options: IngestRoutesOptions): readonly Route[] {
  const { connectors, policy, intake, maxBodyBytes } = options;

  const authorised = async (request: RouteRequest): Promise<Connector> =>
    connectorFor(connectors, await request.principal(), request.params['connector'] ?? '', policy);

  const ingest = async (request: RouteRequest): Promise<HttpResponse> => {
    const connector = await authorised(request);
    const body = await readBody(request.http, maxBodyBytes);
    const messages = connector.format.split(body, request.http.headers);
    return ingestResponse(await intake.takeMessages(connector, messages));
  };

  const importBaseline = async (request: RouteRequest): Promise<HttpResponse> => {
    const connector = await authorised(request);
    const body = await readBody(request.http, maxBodyBytes);
    let entities = 0;
    let events = 0;
    for await (const changes of options.readBaseline(oneChunk(Buffer.from(body).toString('utf8')), connector.profile)) {
      entities += changes.length;
      events += await intake.takeChanges(
        connector.profile.tenant,
        changes.map((change) => [change]),
      );
    }
    return json({ entities, events });
  };

  return [
    { method: 'POST', path: '/v1/ingest/:connector', handle: ingest },
    { method: 'POST', path: '/v1/import/:connector', handle: importBaseline },
  ];
}
