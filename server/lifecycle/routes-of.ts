import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import { connectorRoutes } from '../api/connector-routes.ts';
import { deadLetterRoutes } from '../api/dead-letter-routes.ts';
import { documentRoutes } from '../api/document-routes.ts';
import { ingestRoutes } from '../api/ingest-routes.ts';
import { journalRoutes } from '../api/journal-routes.ts';
import { logRoutes } from '../api/log-routes.ts';
import { revocationRoutes } from '../api/revocation-routes.ts';
import type { Route } from '../api/router.ts';
import { sessionRoutes } from '../api/session-routes.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Intake } from '../ingest/intake.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RevocationFeed } from '../security/revocation-feed.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { Transport } from '../transport/transport.ts';
import type { Delivery } from './delivery.ts';
import type { HubOptions } from './hub.ts';

/** What the routes of the component `api` speak for. */
export interface ApiParts {
  readonly hub: HubOptions;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly intake: Intake;
  readonly delivery: Delivery;
  readonly feed: RevocationFeed;
  readonly metrics: Metrics;
  readonly sessions: Pick<SessionRegistry, 'disconnect'>;
  /** Made after the routes. */
  readonly transport: () => Pick<Transport, 'askPeers'>;
}

/** What a node asks the others, to close a session that is theirs. */
export const disconnectTopic = 'disconnect';

export function apiRoutes({
  hub,
  connectors,
  intake,
  delivery,
  feed,
  sessions,
  metrics,
  transport,
}: ApiParts): readonly Route[] {
  const { settings, file, adapters, components, clock, logger } = hub;
  const { policy } = file;
  const { store, bus, log, readBaseline } = adapters;
  const sourceOf = (id: string): ConnectorSource | undefined => {
    const config = file.connectors.find((connector) => connector.id === id);
    return config === undefined ? undefined : adapters.sourceOf(config);
  };
  return [
    ...ingestRoutes({ connectors, policy, intake, readBaseline, maxBodyBytes: settings.maxBodyBytes }),
    ...deadLetterRoutes({ store, connectors, policy, intake, logger, metrics }),
    ...connectorRoutes({ store, connectors, policy, sourceOf, logger }),
    ...documentRoutes({ store, policy, turns: hub.turns, outlet: delivery.outlet }),
    ...journalRoutes({ policy, adapters, retentionMs: settings.journalRetentionMs }),
    ...logRoutes({
      policy,
      log,
      stopwatch: clock,
      position: () => (components.has('gateway') ? delivery.gateway.position : undefined),
    }),
    ...revocationRoutes({ policy, store, feed, clock, maxTokenLifetimeMs: settings.maxTokenLifetimeMs }),
    ...sessionRoutes({
      policy,
      bus,
      disconnectHere: (tenant, id) => sessions.disconnect(tenant, id),
      disconnectElsewhere: async (tenant, id) =>
        (await transport().askPeers(disconnectTopic, { tenant, id })).some(
          (answer) => (answer as { disconnected?: unknown }).disconnected === true,
        ),
    }),
  ];
}
