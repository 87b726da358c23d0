import type { Metrics } from '../../observability/metrics.ts';
import type { OutletListener } from './outlet.ts';

/** Counts what leaves the hub. */
export function outletMetrics(metrics: Metrics): OutletListener {
  return {
    published: ({ members }) => metrics.deliveries.inc(members),
    replayed: (_reader, _room, events) => metrics.replayedEvents.inc(events.length),
    shown: ({ members }, documents) => metrics.documentsOut.inc(members * documents.length),
    fetched: (_reader, documents) => metrics.documentsOut.inc(documents.length),
    joined: () => metrics.roomMembers.inc(),
    left: () => metrics.roomMembers.dec(),
  };
}
