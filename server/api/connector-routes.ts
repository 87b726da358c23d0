import { z } from 'zod';
import type { Principal } from '../../channels/policy/principal.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { parseUp } from '../../channels/protocol/up-schema.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Logger } from '../observability/logger.ts';
import { administrator } from './administrator.ts';
import { readJson } from '../http/read-body.ts';
import { json, type Route, type RouteRequest } from '../http/router.ts';

export interface ConnectorRoutesOptions {
  readonly store: CatalogStore;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly policy: CurrentPolicy;
  /** Undefined for a connector that reads no topic here. */
  readonly sourceOf: (connector: string) => ConnectorSource | undefined;
  readonly logger: Logger;
}

const maxBodyBytes = 1024;
const bodySchema = z.strictObject({ to: z.enum(['beginning', 'end']) });

async function wantedPlace({ http }: RouteRequest): Promise<'beginning' | 'end'> {
  return parseUp(bodySchema, await readJson(http, maxBodyBytes)).to;
}

/** Where the connectors of a tenant stand, and the decision where one goes on that refuses its topic. */
export function connectorRoutes(options: ConnectorRoutesOptions): readonly Route[] {
  const { store, connectors, policy, sourceOf, logger } = options;

  const stateOf = async ({ profile, topic }: Connector): Promise<object> => {
    const positions = (await store.positionsOf(profile.id)).filter((position) => position.topic === topic);
    return {
      id: profile.id,
      topic: topic ?? null,
      partitions: positions.map(({ partition, next, refused }) => ({ partition, next, refused: refused ?? null })),
    };
  };

  const list = async (request: RouteRequest): Promise<object> => {
    const { tenant } = await administrator(request, policy);
    const own = [...connectors.values()].filter(({ profile }) => profile.tenant === tenant);
    return { connectors: await Promise.all(own.map(stateOf)) };
  };

  /** A connector of another tenant looks like none. */
  const find = async (
    request: RouteRequest,
  ): Promise<{ readonly connector: Connector; readonly topic: string; readonly principal: Principal }> => {
    const principal = await administrator(request, policy);
    const connector = connectors.get(request.params['connector'] ?? '');
    if (connector?.profile.tenant !== principal.tenant)
      throw new HubError('unknown-connector', 'connector: no such connector in your tenant');
    const { topic } = connector;
    if (topic === undefined) throw new HubError('invalid-request', 'connector: it reads no topic');
    return { connector, topic, principal };
  };

  const reset = async (request: RouteRequest): Promise<object> => {
    const { connector, topic, principal } = await find(request);
    const to = await wantedPlace(request);
    const source = sourceOf(connector.profile.id);
    if (source === undefined) throw new HubError('invalid-request', 'connector: it reads no topic here');
    const positions = to === 'end' ? await source.ends() : [];
    await store.resetPositions({ connector: connector.profile.id, topic }, positions);
    const fields = { connector: connector.profile.id, topic, to, positions, by: principal.sub };
    logger.warn(fields, 'an operator has set where a connector goes on');
    return stateOf(connector);
  };

  return [
    { method: 'GET', path: '/v1/connectors', handle: async (request) => json(await list(request)) },
    { method: 'POST', path: '/v1/connectors/:connector/reset', handle: async (request) => json(await reset(request)) },
  ];
}
