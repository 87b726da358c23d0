import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { Access } from '../control/access.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { LogFollower } from '../following/log-follower.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { Outbound } from '../part/outbound.ts';
import type { Part } from '../part/part.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { LiveSearches } from './live/live-searches.ts';
import { SessionSearches } from './sessions/session-searches.ts';
import { SearchBudgets } from './search-budgets.ts';
import { SearchFeed } from './search-feed.ts';
import { searchRoutes } from './search-routes.ts';
import { Searcher } from './searcher.ts';

export interface SearchPartOptions {
  readonly search: SearchIndex;
  readonly store: DocumentStore;
  readonly log: EventLog;
  readonly policy: CurrentPolicy;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly outlet: Outlet;
  readonly clock: Stopwatch;
  readonly ids: Pick<OpaqueIds, 'room'>;
  readonly outbound: Pick<Outbound, 'publish'>;
  readonly clients: () => Clients | undefined;
  /** Who may come in. */
  readonly access: () => Access;
  readonly onNewer: (error: NewerForm) => void;
}

/** Live searches of the sessions of this process. */
function createLive(options: SearchPartOptions, searcher: Searcher): LiveSearches {
  const { search: index, store, turns, clock, logger, metrics, outlet, ids, outbound, clients, access } = options;
  return new LiveSearches({
    ...{ index, searcher, store, turns, clock, logger, metrics, outlet },
    pending: () => access().pending(),
    position: () => clients()?.position() ?? { epoch: '', vector: [] },
    publish: outbound.publish,
    nameOf: (...parts) => ids.room(...parts),
  });
}

/**
 * The component `search`: an index of its own in each process that has it, built in the background after the start
 * and kept up with the log, the searches over HTTP, and the live ones of its sessions.
 */
export function createSearchPart(options: SearchPartOptions): Part {
  const { search: index, log, connectors, logger, onNewer, metrics, clock, outlet } = options;
  options.access();
  const feed = new SearchFeed({ ...options, index });
  const onHole = (): void => {
    logger.warn({}, 'the log lost changes before they were indexed; the search index is built again');
    void feed.restart();
  };
  const follower = new LogFollower({ log, sink: feed, logger, onNewer, onHole, onWritten: () => undefined });
  const searcher = new Searcher({ ...options, index });
  const budgets = new SearchBudgets(clock);
  const live = createLive(options, searcher);
  const built = (tenant: string): Promise<void> => feed.built(tenant);
  return {
    routes: searchRoutes({ ...options, feed, searcher, budgets }),
    feature: new SessionSearches({ live, searcher, budgets, built, outlet }),
    watched: [
      { name: 'search', waits: () => feed.isBusy, progress: () => feed.steps },
      { name: 'live searches', waits: () => live.isBusy, progress: () => live.steps },
    ],
    refreshGauges: () => metrics.searchLive.set(live.size),
    start: async () => {
      await follower.start();
      live.start();
      // of others with their first search
      for (const { profile } of connectors.values()) feed.build(profile.tenant);
    },
    stop: async () => {
      await live.close();
      await follower.close();
      await feed.close();
    },
  };
}
