import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts';
import { createIntakeMetrics, type IntakeMetrics } from './intake-metrics.ts';
import { createJournalMetrics, type JournalMetrics } from './journal-metrics.ts';
import { createSearchMetrics, type SearchMetrics } from './search-metrics.ts';

/** The numbers of one node. Names are stable; none is labelled by user or entity, and by tenant only what tenants pay for. */
export interface Metrics extends JournalMetrics, GatewayMetrics, IntakeMetrics, SearchMetrics {
  readonly registry: Registry;
  readonly eventsPublished: Counter;
  readonly dependencyUp: Gauge;
  readonly controlUnread: Counter<'problem' | 'kind'>;
  readonly damagedRecords: Counter<'kind'>;
  readonly storageMappedBytes: Gauge;
  readonly loopStalled: Gauge<'loop'>;
}

/** Seconds; from a tick on an idle node to a minute of outage. */
const latencyBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'pursight_' });
  // gauges that are named like counters; the same numbers are in the metrics without the suffix, by type
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
    ...createGatewayMetrics(counter, gauge, histogram),
    eventsPublished: counter('events_published_total', 'Events appended to the log by this node.'),
    ...createIntakeMetrics(counter, gauge),
    ...createJournalMetrics(counter, gauge),
    ...createSearchMetrics(counter, gauge, histogram),
    dependencyUp: gauge(
      'dependency_up',
      '1 while this node reaches the dependency: catalog, log, control bus, search.',
      ['dependency'],
    ),
    controlUnread: counter(
      'control_unread_total',
      'Control records that this node cannot read and skips, by problem (garbage, unknown-kind, newer-version) and kind.',
      ['problem', 'kind'],
    ),
    damagedRecords: counter(
      'damaged_records_total',
      'Stored records that cannot be read and are left out, each once by process, by kind (outbox, dead-letter, document).',
      ['kind'],
    ),
    storageMappedBytes: gauge(
      'storage_mapped_bytes',
      'Part of the resident memory: pages of the embedded data file, which the system reclaims when it needs memory.',
    ),
    loopStalled: gauge('loop_stalled', '1 while this loop has work waiting and makes no progress.', ['loop']),
  };
}
