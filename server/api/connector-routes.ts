import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import { z } from 'zod';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { schemaBody } from '../http/request-body.ts';
import { type Route, route, type SignedInCall } from '../http/route.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Logger } from '../observability/logger.ts';

export interface ConnectorRoutesOptions {
  readonly store: IntakeStore;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Undefined for a connector that reads no topic here. */
  readonly sourceOf: (connector: string) => ConnectorSource | undefined;
  readonly logger: Logger;
}

const bodySchema = z.strictObject({ to: z.enum(['beginning', 'end']) });
const placeBody = schemaBody({ maxBytes: 1024, schema: bodySchema, examples: { end: { to: 'end' } } });

const refusedSchema = z.unknown().meta({ description: 'Why the position of the partition is not used; null: it is.' });
const connectorSchema = z
  .object({
    id: z.string(),
    topic: z.string().nullable(),
    partitions: z.array(z.object({ partition: z.int(), next: z.int(), refused: refusedSchema })),
  })
  .meta({ id: 'Connector' });
const listContract: RouteContract<'/v1/connectors'> = {
  ...{ id: 'listConnectors', group: 'Operations', summary: 'Connectors of your tenant and their positions' },
  params: {},
  errors: ['storage-unavailable'],
};
const resetContract: RouteContract<'/v1/connectors/:connector/reset'> = {
  ...{ id: 'resetConnector', group: 'Operations', summary: 'Set the position of a connector that refuses its topic' },
  params: { connector: { about: 'Id of a connector that reads a topic.', example: 'events' } },
  errors: ['unknown-connector', 'storage-unavailable'],
};

/** Positions of the connectors of a tenant, and the reset of one that refuses its topic. */
export function connectorRoutes(options: ConnectorRoutesOptions): readonly Route[] {
  const { store, connectors, sourceOf, logger } = options;

  const stateOf = async ({ profile, topic }: Connector): Promise<object> => {
    const positions = (await store.positionsOf(profile.id)).filter((position) => position.topic === topic);
    return {
      id: profile.id,
      topic: topic ?? null,
      partitions: positions.map(({ partition, next, refused }) => ({ partition, next, refused: refused ?? null })),
    };
  };

  const list = async ({ principal }: SignedInCall): Promise<object> => {
    const own = [...connectors.values()].filter(({ profile }) => profile.tenant === principal.tenant);
    return { connectors: await Promise.all(own.map(stateOf)) };
  };

  /** A connector of another tenant looks like none. */
  const find = ({ params, principal }: SignedInCall): { readonly connector: Connector; readonly topic: string } => {
    const connector = connectors.get(params['connector'] ?? '');
    if (connector?.profile.tenant !== principal.tenant)
      throw new HubError('unknown-connector', 'connector: no such connector in your tenant');
    const { topic } = connector;
    if (topic === undefined) throw new HubError('invalid-request', 'connector: it has no topic');
    return { connector, topic };
  };

  const reset = async (
    call: SignedInCall,
    place: () => Promise<{ readonly to: 'beginning' | 'end' }>,
  ): Promise<object> => {
    const { connector, topic } = find(call);
    const { to } = await place();
    const source = sourceOf(connector.profile.id);
    if (source === undefined) throw new HubError('invalid-request', 'connector: this node reads no topic for it');
    const positions = to === 'end' ? await source.ends() : [];
    await store.resetPositions({ connector: connector.profile.id, topic }, positions);
    const fields = { connector: connector.profile.id, topic, to, positions, by: call.principal.sub };
    logger.warn(fields, 'an operator reset the position of a connector');
    return stateOf(connector);
  };

  const access = 'administer';
  return [
    route({
      ...{ method: 'GET', path: '/v1/connectors', access, contract: listContract },
      answer: json(z.object({ connectors: z.array(connectorSchema) })),
      handle: list,
    }),
    route({
      method: 'POST',
      path: '/v1/connectors/:connector/reset',
      access,
      contract: resetContract,
      body: placeBody,
      answer: json(connectorSchema),
      handle: (request) => reset(request, request.body),
    }),
  ];
}
