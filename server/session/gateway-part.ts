import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Settings } from '../config/settings.ts';
import { LogLag } from '../delivery/tick/log-lag.ts';
import type { Health } from '../observability/health.ts';
import type { WatchedLoop } from '../observability/progress-watch.ts';
import type { Clients } from '../part/clients.ts';
import type { Outbound } from '../part/outbound.ts';
import type { SessionFeature } from '../part/session-feature.ts';
import type { Part } from '../part/part.ts';
import type { Access } from '../control/access.ts';
import { ConnectGate } from '../limits/connect-gate.ts';
import { ConnectionLimits } from '../limits/connection-limits.ts';
import { type BudgetSettings, principalBudgets } from './budgets-of.ts';
import { createSealer } from '../sealing/sealer.ts';
import { StreamMembers, withStreams } from '../streams/stream-members.ts';
import { streamRoutes } from '../streams/stream-routes.ts';
import { StreamSessions } from '../streams/stream-sessions.ts';
import { StreamTickets } from '../streams/stream-tickets.ts';
import { createSocketSink } from '../delivery/outlet/socket-sink.ts';
import type { Route } from '../http/route.ts';
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts';
import { refreshGatewayGauges } from './gateway-gauges.ts';
import { OutageNotices } from './outage-notices.ts';
import { type Admission, SessionRegistry } from './session-registry.ts';

type OwnSettings = BudgetSettings &
  Pick<
    Settings,
    | 'maxConnections'
    | 'maxConnectionsPerAddress'
    | 'connectRate'
    | 'maxSubscriptions'
    | 'drainMs'
    | 'maxBufferedBytes'
    | 'trustedProxies'
  >;

export interface GatewayPartOptions extends Pick<
  DeliveryOptions,
  'secrets' | 'log' | 'journal' | 'clock' | 'logger' | 'turns' | 'metrics' | 'ids' | 'outlet' | 'onNewer'
> {
  readonly settings: DeliveryOptions['settings'] & OwnSettings;
  readonly store: DeliveryOptions['store'] & MetaStore;
  readonly mode: 'embedded' | 'cluster';
  readonly node: string;
  readonly policy: CurrentPolicy;
  readonly bus: ControlBus;
  readonly access: () => Access;
  readonly outbound: Outbound;
  readonly features: () => readonly SessionFeature[];
  /** What the node reaches now. Never rejects. */
  readonly dependencies: () => Promise<Health['dependencies']>;
}

interface Pieces {
  readonly access: Access;
  readonly outages: OutageNotices;
  readonly delivery: Delivery;
  readonly limits: ConnectionLimits;
  readonly members: StreamMembers;
}

function createSessions(options: GatewayPartOptions, { access, outages, delivery, limits }: Pieces): SessionRegistry {
  const { settings, clock, logger, metrics, policy, bus, node, outlet, features } = options;
  const { rooms, matchBudget, catchUp, seals } = delivery;
  return new SessionRegistry({
    ...{ node, clock, logger, metrics, policy, bus, outlet, rooms, matchBudget, catchUp, seals, limits, outages },
    features,
    verify: access.verify,
    gate: new ConnectGate({ ratePerSecond: settings.connectRate, stopwatch: clock, random: Math.random }),
    budgets: principalBudgets(settings, clock),
    maxSubscriptions: settings.maxSubscriptions,
    messagesPerSecond: settings.subscribeRate,
    revocations: access.feed.revocations,
    pending: access.pending,
  });
}

/** How long a request for the past waits for a node that is behind. */
const catchUpMs = 5000;

/** Streams over HTTP, as another kind of connections of the same sessions. */
function streamRoutesOf(
  { settings, secrets, clock, metrics, log }: GatewayPartOptions,
  { access, delivery, limits, members }: Pieces,
  {
    sessions,
    onSlowConsumer,
    isOpen,
  }: Pick<Clients, 'onSlowConsumer'> & {
    readonly sessions: SessionRegistry;
    readonly isOpen: () => boolean;
  },
): readonly Route[] {
  const { maxBufferedBytes, trustedProxies } = settings;
  const cursor = (): string => delivery.gateway.cursor;
  return streamRoutes({
    streams: new StreamSessions({
      ...{ sessions, limits, members, cursor, maxBufferedBytes, trustedProxies, onSlowConsumer, isOpen },
    }),
    tickets: new StreamTickets(createSealer([secrets.secret, ...secrets.previousSecrets]), clock),
    verify: access.verify,
    assertGood: access.assertGood,
    onRefused: ({ code }) => metrics.refusals.inc({ code }),
    caughtUp: async () => {
      if (await delivery.gateway.untilReached(await log.ends(), catchUpMs)) return;
      throw new HubError('not-ready', 'this node is behind the log', { retryAfterMs: 1000 });
    },
  });
}

function clientsOf(
  { logger, metrics }: GatewayPartOptions,
  { limits, delivery }: Pieces,
  sessions: SessionRegistry,
): Clients {
  return {
    refusalFor: (address) => limits.refusalFor(address),
    onSocket: (address) => limits.take(address),
    onSocketGone: (address) => limits.release(address),
    authenticate: (handshake) => sessions.admit(handshake),
    onConnection: (connection, admitted) => sessions.open(connection, admitted as Admission),
    onSlowConsumer: (connection) => {
      metrics.slowConsumers.inc();
      sessions.closedAsSlow(connection);
      logger.info({ connection }, 'slow consumer closed');
    },
    onFlood: (connection) => {
      metrics.refusals.inc({ code: 'rate-limited' });
      sessions.closedAsFlood(connection);
      logger.info({ connection }, 'connection closed: inbound rate limit exceeded');
    },
    disconnect: (tenant, session) => sessions.disconnect(tenant, session),
    position: () => delivery.gateway.position,
  };
}

function limitsOf({
  maxConnections,
  maxConnectionsPerAddress,
  maxConnectionsPerPrincipal,
}: OwnSettings): ConnectionLimits {
  return new ConnectionLimits({
    perNode: maxConnections,
    perAddress: maxConnectionsPerAddress,
    perPrincipal: maxConnectionsPerPrincipal,
  });
}

/** Delivery waits for records that were read and for what the log holds beyond; after a stall nothing is sent before it is known what was revoked. */
function watchedOf({ delivery: { gateway }, access }: Pieces, lag: LogLag): readonly WatchedLoop[] {
  return [
    { name: 'gateway', waits: () => gateway.queued > 0 || lag.behind > 0, progress: () => gateway.revision },
    { name: 'control', waits: () => access.pending() !== undefined, progress: () => undefined },
  ];
}

/** The component `gateway`: holds the connections of clients and delivers the log to them. */
export function createGatewayPart(options: GatewayPartOptions): Part {
  const { settings, log, clock, logger, metrics, outbound, mode, features } = options;
  const access = options.access();
  const members = new StreamMembers();
  const publishAll = (packet: string): void => {
    outbound.publishAll(packet);
    members.all(packet);
  };
  const outages = new OutageNotices({ look: options.dependencies, publishAll, stopwatch: clock });
  const delivery = createDelivery({
    ...options,
    pending: access.pending,
    sink: withStreams(createSocketSink(outbound.publish), members),
    publishAll,
    publishTo: (tenant, packet) => sessions.publishTo(tenant, packet),
    onLogState: (state) => outages.tell('log', state),
    onDelivered: (events) => {
      for (const feature of features()) feature.delivered?.(events);
    },
    onLost: () => {
      for (const feature of features()) feature.lost?.();
    },
  });
  const limits = limitsOf(settings);
  const pieces = { access, outages, delivery, limits, members };
  const sessions = createSessions(options, pieces);
  access.onRevoked(() => sessions.endRevoked());
  const { gateway, catchUp } = delivery;
  const lag = new LogLag({ log, position: () => gateway.position, metrics, logger });
  const clients = clientsOf(options, pieces, sessions);
  let isOpen = false;
  return {
    clients,
    routes: streamRoutesOf(options, pieces, { ...clients, sessions, isOpen: () => isOpen }),
    watched: watchedOf(pieces, lag),
    logFresh: () => gateway.fresh,
    refreshGauges: () => refreshGatewayGauges({ metrics, sessions, limits, delivery }),
    async start() {
      await gateway.start();
      lag.start();
      outages.start();
      members.start({ atBoundary: (work) => gateway.atBoundary(work), cursor: () => gateway.cursor });
      isOpen = true;
    },
    async leave() {
      isOpen = false;
      // an embedded hub has no other node to which anybody could move
      if (mode === 'cluster') await sessions.drain(settings.drainMs);
    },
    async stop() {
      members.stop();
      await lag.stop();
      await outages.stop();
      await gateway.stop();
      catchUp.stop();
      sessions.endAll(new HubError('shutting-down', 'this node is stopping; reconnect', { retryAfterMs: 500 }));
    },
  };
}
