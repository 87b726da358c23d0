import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createJournalMetrics, type JournalMetrics } from './journal-metrics.ts';

/** The numbers of one node. Names are stable; none is labelled by user or entity. */
export interface Metrics extends JournalMetrics {
  readonly registry: Registry;
  readonly connections: Gauge;
  readonly sockets: Gauge;
  readonly subscriptions: Gauge;
  readonly rooms: Gauge;
  readonly eventsIn: Counter<'connector'>;
  readonly messagesIn: Counter<'connector' | 'result'>;
  readonly eventsPublished: Counter;
  readonly eventsOut: Counter;
  readonly deliveries: Counter;
  readonly tickSeconds: Histogram;
  readonly endToEnd: Histogram;
  readonly connectorLag: Gauge<'connector' | 'partition'>;
  readonly outboxRows: Gauge;
  readonly resumes: Counter<'outcome'>;
  readonly replayedEvents: Counter;
  readonly slowConsumers: Counter;
  readonly refusals: Counter<'code'>;
  readonly deadLetters: Counter<'connector' | 'code'>;
  readonly deadLettersHeld: Gauge;
  readonly logGaps: Counter;
  readonly logLag: Gauge;
  readonly dependencyUp: Gauge;
  readonly controlUnreadable: Counter;
  readonly loopStalled: Gauge<'loop'>;
  readonly engine: Gauge<'engine'>;
  readonly ringBytes: Gauge;
}

/** Seconds; from a tick on an idle node to a minute of outage. */
const latencyBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'pursight_' });
  // gauges that are named like counters; the same numbers stand by type in metrics without the suffix
  for (const what of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`pursight_nodejs_active_${what}_total`);
  const registers = [registry];
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> => new Counter({ name: `pursight_${name}`, help, labelNames, registers });
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> =>
    new Gauge({ name: `pursight_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string): Histogram =>
    new Histogram({ name: `pursight_${name}`, help, buckets: latencyBuckets, registers });
  return {
    registry,
    connections: gauge('connections', 'Sessions connected to this node.'),
    sockets: gauge('sockets', 'Connections to this node, also of those who have not said who they are.'),
    subscriptions: gauge('subscriptions', 'Subscriptions of all sessions of this node.'),
    rooms: gauge('rooms', 'Rooms (selection x policy class) of this node.'),
    messagesIn: counter(
      'messages_in_total',
      'Native messages read, by result: accepted, unchanged, duplicate, part, rejected.',
      ['connector', 'result'],
    ),
    eventsIn: counter('events_in_total', 'Canonical events that native messages gave.', ['connector']),
    eventsPublished: counter('events_published_total', 'Events appended to the log by this node.'),
    eventsOut: counter('events_out_total', 'Events of the log processed by the gateway of this node.'),
    deliveries: counter('deliveries_total', 'Events handed to subscriptions: events times members of each room.'),
    tickSeconds: histogram('tick_seconds', 'Duration of one tick: match, authorise, encode, publish.'),
    endToEnd: histogram(
      'end_to_end_seconds',
      'From acceptance of a change by the hub to its hand-over to the sockets of this node.',
    ),
    connectorLag: gauge('connector_lag', 'Messages not yet read at the source, by connector and partition.', [
      'connector',
      'partition',
    ]),
    outboxRows: gauge('outbox_rows', 'Committed events waiting in this process to be published to the log.'),
    resumes: counter(
      'resumes_total',
      'Subscriptions that wanted to go on from a cursor or time, by outcome: recovered, or the reason why not.',
      ['outcome'],
    ),
    replayedEvents: counter('replayed_events_total', 'Events sent to subscriptions before they were live.'),
    ...createJournalMetrics(counter, gauge),
    slowConsumers: counter('slow_consumer_closes_total', 'Connections closed because they read too slowly.'),
    refusals: counter('refusals_total', 'Requests and connections refused, by error code.', ['code']),
    deadLetters: counter('dead_letters_total', 'Native messages set aside, by error code.', ['connector', 'code']),
    deadLettersHeld: gauge('dead_letters_held', 'Dead letters now in the store.'),
    logLag: gauge('log_lag', 'Events of the log that this gateway has not processed yet.'),
    logGaps: counter('log_gaps_total', 'Holes found in the log; each was told to clients.'),
    dependencyUp: gauge('dependency_up', '1 while this node reaches it: the catalog, the log, the control bus.', [
      'dependency',
    ]),
    controlUnreadable: counter('control_unreadable_total', 'Control messages that were none of the hub; passed over.'),
    loopStalled: gauge('loop_stalled', '1 while something waits for this loop and it gets no step further.', ['loop']),
    engine: gauge('websocket_engine', '1 for the WebSocket engine in use.', ['engine']),
    ringBytes: gauge('ring_bytes', 'Size of the in-memory tail of the log.'),
  };
}
