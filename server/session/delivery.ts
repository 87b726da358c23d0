import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../observability/logger.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { RoomSink } from '../delivery/outlet/room-sink.ts';
import { Gateway } from '../delivery/tick/gateway.ts';
import { MatchBudget } from '../delivery/tick/match-budget.ts';
import { RoomRegistry } from '../delivery/tick/room-registry.ts';
import type { Metrics } from '../observability/metrics.ts';
import { CatchUp } from '../delivery/join/catch-up.ts';
import { createSeals, type Seals } from '../delivery/join/seals.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { createSealer } from '../sealing/sealer.ts';

/** The way from the log to the sockets: rooms, the tick that fills them, and what brings subscriptions up to it. */
export interface Delivery {
  readonly rooms: RoomRegistry;
  readonly matchBudget: MatchBudget;
  readonly gateway: Gateway;
  readonly catchUp: CatchUp;
  readonly seals: Seals;
}

export interface DeliveryOptions {
  readonly settings: Pick<
    Settings,
    | 'ringMaxBytes'
    | 'ringMaxAgeMs'
    | 'maxBufferedBytes'
    | 'maxReplayEvents'
    | 'maxViewEntities'
    | 'replayMemoryBytes'
    | 'maxMatchCostPerPrincipal'
    | 'maxMatchCostPerTenant'
  >;
  readonly secrets: Pick<Secrets, 'secret' | 'previousSecrets'>;
  readonly store: DocumentStore;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly turns: Turns;
  readonly metrics: Metrics;
  readonly ids: OpaqueIds;
  readonly outlet: Outlet;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  /** What rooms hand over, for connections of every kind. */
  readonly sink: RoomSink;
  readonly publishAll: (packet: string) => void;
  /** To all sessions of one tenant. */
  readonly publishTo: (tenant: string, packet: string) => void;
  /** The log cannot be read any more, or can again. */
  readonly onLogState: (state: 'up' | 'down') => void;
  /** Events that were handed over to clients. */
  readonly onDelivered: (events: readonly HubEvent[]) => void;
  /** Events were lost on the way to clients. */
  readonly onLost: () => void;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { settings, secrets, store, log, journal, clock, logger, turns, metrics, ids, outlet, onNewer } = options;
  const { pending, sink, publishAll, publishTo, onLogState, onDelivered, onLost } = options;
  const wireId = (event: HubEvent): string => ids.event(event);
  const seals = createSeals(createSealer([secrets.secret, ...secrets.previousSecrets]));
  const rooms = new RoomRegistry((tenant, selection, policyClass) => ids.room(tenant, selection, policyClass));
  const { ringMaxBytes, ringMaxAgeMs, maxBufferedBytes, maxReplayEvents, maxViewEntities, replayMemoryBytes } =
    settings;
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
    sink,
    publishAll,
    publishTo,
    onLogState,
    onDelivered,
    onLost,
    onNewer,
  });
  const catchUp = new CatchUp({
    ...common,
    gateway,
    seals,
    maxReplayEvents,
    maxViewEntities,
    replayMemoryBytes,
    turns,
    stopwatch: clock,
  });
  const matchBudget = new MatchBudget({
    perPrincipal: settings.maxMatchCostPerPrincipal,
    perTenant: settings.maxMatchCostPerTenant,
  });
  return { rooms, matchBudget, gateway, catchUp, seals };
}
