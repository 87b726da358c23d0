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
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts';
import { refreshGatewayGauges } from './gateway-gauges.ts';
import { OutageNotices } from './outage-notices.ts';
import { type Admission, SessionRegistry } from './session-registry.ts';

type OwnSettings = BudgetSettings &
  Pick<Settings, 'maxConnections' | 'maxConnectionsPerAddress' | 'connectRate' | 'maxSubscriptions' | 'drainMs'>;

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
  const { publish, publishAll } = outbound;
  const outages = new OutageNotices({ look: options.dependencies, publishAll, stopwatch: clock });
  const delivery = createDelivery({
    ...options,
    pending: access.pending,
    publish,
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
  const limits = new ConnectionLimits({
    perNode: settings.maxConnections,
    perAddress: settings.maxConnectionsPerAddress,
    perPrincipal: settings.maxConnectionsPerPrincipal,
  });
  const pieces = { access, outages, delivery, limits };
  const sessions = createSessions(options, pieces);
  access.onRevoked(() => sessions.endRevoked());
  const { gateway, catchUp } = delivery;
  const lag = new LogLag({ log, position: () => gateway.position, metrics, logger });
  return {
    clients: clientsOf(options, pieces, sessions),
    watched: watchedOf(pieces, lag),
    logFresh: () => gateway.fresh,
    refreshGauges: () => refreshGatewayGauges({ metrics, sessions, limits, delivery }),
    async start() {
      await gateway.start();
      lag.start();
      outages.start();
    },
    async leave() {
      // an embedded hub has no other node to which anybody could move
      if (mode === 'cluster') await sessions.drain(settings.drainMs);
    },
    async stop() {
      await lag.stop();
      await outages.stop();
      await gateway.stop();
      catchUp.stop();
      sessions.endAll(new HubError('shutting-down', 'this node is stopping; reconnect', { retryAfterMs: 500 }));
    },
  };
}
