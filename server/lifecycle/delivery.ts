import type { HubEvent } from '../../channels/event/hub-event.ts';
import { createOutlet, type Outlet } from '../delivery/outlet.ts';
import { outletMetrics } from '../delivery/outlet-metrics.ts';
import { createSocketSink } from '../delivery/socket-sink.ts';
import { Gateway } from '../gateway/gateway.ts';
import { MatchBudget } from '../gateway/match-budget.ts';
import { RoomRegistry } from '../gateway/room-registry.ts';
import type { Metrics } from '../observability/metrics.ts';
import { CatchUp } from '../resume/catch-up.ts';
import { createSeals, type Seals } from '../resume/seals.ts';
import { createOpaqueIds } from '../security/opaque-ids.ts';
import { createSealer } from '../security/sealer.ts';
import type { HubOptions } from './hub.ts';

/** The way from the log to the sockets: rooms, the tick that fills them, and what brings subscriptions up to it. */
export interface Delivery {
  readonly rooms: RoomRegistry;
  readonly matchBudget: MatchBudget;
  readonly gateway: Gateway;
  readonly catchUp: CatchUp;
  readonly seals: Seals;
  /** Told of everything of the catalog that leaves the hub. */
  readonly outlet: Outlet;
}

export interface DeliveryOptions {
  readonly hub: HubOptions;
  readonly metrics: Metrics;
  /** Key of wire ids and room names, the same for the life of the deployment. */
  readonly idKey: string;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  readonly publish: (room: string, packet: string) => void;
  readonly publishAll: (packet: string) => void;
  /** To all sessions of one tenant. */
  readonly publishTo: (tenant: string, packet: string) => void;
  /** The log cannot be read any more, or can again. */
  readonly onLogState: (state: 'up' | 'down') => void;
}

export function createDelivery({
  hub,
  metrics,
  idKey,
  pending,
  publish,
  publishAll,
  publishTo,
  onLogState,
}: DeliveryOptions): Delivery {
  const { settings, secrets, adapters, clock, logger, turns } = hub;
  const { store, log, journal } = adapters;
  const ids = createOpaqueIds(idKey);
  const wireId = (event: HubEvent): string => ids.event(event);
  const seals = createSeals(createSealer([secrets.secret, ...secrets.previousSecrets]));
  const rooms = new RoomRegistry((tenant, selection, policyClass) => ids.room(tenant, selection, policyClass));
  const { ringMaxBytes, ringMaxAgeMs, maxBufferedBytes, maxReplayEvents, replayMemoryBytes } = settings;
  const outlet = createOutlet([outletMetrics(metrics)]);
  const common = { log, store, journal, metrics, logger, wireId, outlet };
  const gateway = new Gateway({
    ...common,
    clock,
    rooms,
    ringMaxBytes,
    ringMaxAgeMs,
    maxBufferedBytes,
    sealCursor: (cursor) => seals.cursor(cursor),
    pending,
    sink: createSocketSink(publish),
    publishAll,
    publishTo,
    onLogState,
  });
  const catchUp = new CatchUp({
    ...common,
    gateway,
    seals,
    maxReplayEvents,
    replayMemoryBytes,
    turns,
    stopwatch: clock,
  });
  const matchBudget = new MatchBudget({
    perPrincipal: settings.maxMatchCostPerPrincipal,
    perTenant: settings.maxMatchCostPerTenant,
  });
  return { rooms, matchBudget, gateway, catchUp, seals, outlet };
}
