import type { Counter, Gauge, Histogram } from 'prom-client';
import type { MakeCounter, MakeGauge } from './journal-metrics.ts';

/** The numbers of what clients connect to, and of how events reach them. */
export interface GatewayMetrics {
  readonly connections: Gauge;
  readonly sockets: Gauge;
  readonly subscriptions: Gauge;
  readonly rooms: Gauge;
  readonly eventsOut: Counter;
  readonly deliveries: Counter;
  readonly tickSeconds: Histogram;
  readonly endToEnd: Histogram;
  readonly resumes: Counter<'outcome'>;
  readonly replayedEvents: Counter;
  readonly documentsOut: Counter;
  readonly roomMembers: Gauge;
  readonly slowConsumers: Counter;
  readonly refusals: Counter<'code'>;
  readonly logGaps: Counter;
  readonly logLag: Gauge;
  readonly ringBytes: Gauge;
  readonly replayBytes: Gauge<'use'>;
  readonly matchCost: Gauge<'tenant'>;
  readonly engine: Gauge<'engine'>;
}

export function createGatewayMetrics(
  counter: MakeCounter,
  gauge: MakeGauge,
  histogram: (name: string, help: string) => Histogram,
): GatewayMetrics {
  return {
    connections: gauge('connections', 'Sessions connected to this node.'),
    sockets: gauge('sockets', 'Connections to this node, including unauthenticated ones.'),
    subscriptions: gauge('subscriptions', 'Subscriptions of all sessions of this node.'),
    rooms: gauge('rooms', 'Rooms (selection x policy class) of this node.'),
    eventsOut: counter('events_out_total', 'Events of the log processed by the gateway of this node.'),
    deliveries: counter('deliveries_total', 'Events delivered to subscriptions: events times members of each room.'),
    tickSeconds: histogram('tick_seconds', 'Duration of one tick: match, authorise, encode, publish.'),
    endToEnd: histogram(
      'end_to_end_seconds',
      'From acceptance of a change by the hub to its handover to the sockets of this node.',
    ),
    resumes: counter(
      'resumes_total',
      'Subscriptions that asked to resume from a cursor or time, by outcome: recovered, or the reason why not.',
      ['outcome'],
    ),
    replayedEvents: counter('replayed_events_total', 'Events sent to subscriptions before they were live.'),
    documentsOut: counter('documents_out_total', 'Documents sent: in snapshots of views, and by GET /v1/documents.'),
    roomMembers: gauge(
      'room_members',
      'Sessions that receive live events of a room, summed over all rooms of this node.',
    ),
    slowConsumers: counter('slow_consumer_closes_total', 'Connections closed because they read too slowly.'),
    refusals: counter('refusals_total', 'Requests and connections refused, by error code.', ['code']),
    logGaps: counter('log_gaps_total', 'Gaps found in the log; each was reported to clients.'),
    logLag: gauge('log_lag', 'Consumer lag of this gateway: events of the log not yet processed.'),
    ringBytes: gauge('ring_bytes', 'Size of the in-memory tail of the log.'),
    replayBytes: gauge('replay_bytes', 'Memory used by replays, by use: cached for resumes, and being sent.', ['use']),
    matchCost: gauge(
      'match_cost',
      'Matching cost of the subscriptions of a tenant for each of its events, in comparisons.',
      ['tenant'],
    ),
    engine: gauge('websocket_engine', '1 for the WebSocket engine in use.', ['engine']),
  };
}
