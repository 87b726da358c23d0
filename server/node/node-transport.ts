import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Settings } from '../config/settings.ts';
import { graphqlSocket } from '../graphql/socket/graphql-socket.ts';
import { withCors } from '../http/cors.ts';
import type { Route } from '../http/route.ts';
import { createRouter } from '../http/router.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import { createOriginCheck } from '../identity/origin-check.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { inboundOf } from '../session/budgets-of.ts';
import { answerPeer } from '../session/disconnect-peers.ts';
import type { Uws } from '../transport/uws/load-uws.ts';
import { createTransport } from '../transport/socket-io-transport.ts';
import type { Transport } from '../transport/transport.ts';
import { createAdmission } from './admission.ts';

export interface NodeTransportOptions {
  readonly settings: Pick<
    Settings,
    | 'env'
    | 'host'
    | 'port'
    | 'allowedOrigins'
    | 'publicUrl'
    | 'trustedProxies'
    | 'maxMessageBytes'
    | 'maxBufferedBytes'
    | 'inboundBytesPerSecond'
  >;
  readonly routes: readonly Route[];
  readonly verify: TokenVerifier;
  readonly policy: CurrentPolicy;
  /** Undefined where no part of this node holds connections: then all are refused. */
  readonly clients: Clients | undefined;
  /** Opaque adapter of the control bus. */
  readonly socketAdapter: unknown;
  readonly isRunning: () => boolean;
  readonly clock: Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A request has failed. */
  readonly onFault: (error: HubError) => void;
}

/** Of a node that refuses every handshake. */
const noClients: Omit<Clients, 'refusalFor' | 'disconnect' | 'position'> = {
  authenticate: async () => Promise.reject(new HubError('not-ready', 'this node is not a gateway')),
  onConnection: (connection) => connection.terminate(),
  onSocket: () => undefined,
  onSocketGone: () => undefined,
  onFlood: () => undefined,
  onSlowConsumer: () => undefined,
};

/** Pages of the hub itself may connect. */
function ownOrigin({ publicUrl }: Pick<Settings, 'publicUrl'>): readonly string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).origin];
}

/** WebSocket and HTTP of one node on one port. */
export function createNodeTransport(options: NodeTransportOptions, uws: Uws | undefined): Transport {
  const { settings, routes, verify, policy, clients, socketAdapter, isRunning, clock, logger, metrics, onFault } =
    options;
  const { host, port, maxMessageBytes, maxBufferedBytes, trustedProxies } = settings;
  const refusalOfOrigin = createOriginCheck({
    allowed: [...settings.allowedOrigins, ...ownOrigin(settings)],
    allowLoopback: settings.env === 'development',
  });
  const respond = createRouter({ routes, verify, policy, onError: onFault });
  const onBroken = (error: unknown): void => logger.error({ error }, 'connection failed and was closed');
  return createTransport(
    {
      ...{ host, port, maxMessageBytes, maxBufferedBytes, trustedProxies, socketAdapter },
      ...(clients ?? noClients),
      inbound: { ...inboundOf(settings), stopwatch: clock },
      admit: createAdmission({ clients, isRunning, refusalOfOrigin, metrics }),
      onHttp: withCors(respond, refusalOfOrigin),
      services: [graphqlSocket({ respond, verify, onFault: onBroken })],
      onFault: onBroken,
      onPeerRequest: (topic, payload) => answerPeer(clients, topic, payload),
    },
    uws,
  );
}
