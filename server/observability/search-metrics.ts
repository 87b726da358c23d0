import type { Counter, Gauge, Histogram } from 'prom-client';
import type { MakeCounter, MakeGauge } from './journal-metrics.ts';

export interface SearchMetrics {
  readonly searchDocuments: Gauge;
  readonly searchBuilding: Gauge;
  readonly searchUnindexed: Counter<'problem'>;
  readonly searchHitsRefused: Counter;
  readonly searchLive: Gauge;
  readonly searchRequeries: Counter<'reason'>;
  readonly searchWriting: Gauge;
  readonly searchAppliedLag: Gauge;
  readonly searchBatchSeconds: Histogram;
  readonly searchRowsStale: Counter;
}

export function createSearchMetrics(
  counter: MakeCounter,
  gauge: MakeGauge,
  histogram: (name: string, help: string) => Histogram,
): SearchMetrics {
  return {
    searchDocuments: gauge(
      'search_documents',
      'Documents in the search index, of all tenants: of this node, or with Meilisearch as its writer counted them last.',
    ),
    searchBuilding: gauge(
      'search_building',
      'Tenants whose search index this node is building, with Meilisearch 1 while it builds an index; searches of what was never built are answered with not-ready meanwhile.',
    ),
    searchUnindexed: counter(
      'search_unindexed_total',
      'Documents that cannot be found by all their words, by problem: text-too-long (only the end is missing), fault and refused (see the log).',
      ['problem'],
    ),
    searchHitsRefused: counter(
      'search_hits_refused_total',
      'Hits of the index that were not shown because the document has changed since or is not visible; many mean that the index is behind.',
    ),
    searchLive: gauge('search_live', 'Different live searches of this node.'),
    searchRequeries: counter(
      'search_requeries_total',
      'Runs of live searches on the index, by reason: first (a new search), list (hits may be missing), counts (only total or facets may be wrong).',
      ['reason'],
    ),
    searchWriting: gauge('search_writing', '1 on the node that writes the index in Meilisearch.'),
    searchAppliedLag: gauge(
      'search_applied_lag_seconds',
      'On the writer: age of the oldest event that is not in the index in Meilisearch; with none waiting, how long the last one took.',
    ),
    searchBatchSeconds: histogram(
      'search_batch_seconds',
      'Time of one batch from the request until Meilisearch has indexed it. It grows with the index.',
    ),
    searchRowsStale: counter(
      'search_rows_stale_total',
      'Rows that were not written because the index had a newer version: a few after another node has taken over.',
    ),
  };
}
