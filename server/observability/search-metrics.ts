import type { Counter, Gauge } from 'prom-client';
import type { MakeCounter, MakeGauge } from './journal-metrics.ts';

export interface SearchMetrics {
  readonly searchDocuments: Gauge;
  readonly searchBuilding: Gauge;
  readonly searchUnindexed: Counter<'problem'>;
  readonly searchHitsRefused: Counter;
  readonly searchLive: Gauge;
  readonly searchRequeries: Counter<'reason'>;
}

export function createSearchMetrics(counter: MakeCounter, gauge: MakeGauge): SearchMetrics {
  return {
    searchDocuments: gauge('search_documents', 'Documents in the search index of this node, of all tenants.'),
    searchBuilding: gauge(
      'search_building',
      'Tenants whose search index this node is building; their searches are answered with not-ready meanwhile.',
    ),
    searchUnindexed: counter(
      'search_unindexed_total',
      'Documents that cannot be found by all their words, by problem: text-too-long (only the end is missing), fault (see the log).',
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
  };
}
