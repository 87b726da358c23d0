import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { Access } from '../control/access.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { Outbound } from '../part/outbound.ts';
import type { Part } from '../part/part.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { IndexKeeper } from './keeper/index-keeper.ts';
import { indexRoutes } from './index-routes.ts';
import { LiveSearches } from './live/live-searches.ts';
import { OwnIndexKeeper } from './keeper/own-index-keeper.ts';
import { SessionSearches } from './sessions/session-searches.ts';
import { SearchBudgets } from './search-budgets.ts';
import { searchRoutes } from './search-routes.ts';
import { Searcher } from './searcher.ts';
import { SharedIndexKeeper } from './keeper/shared-index-keeper.ts';

export interface SearchPartOptions {
  readonly mode: 'embedded' | 'cluster';
  readonly search: SearchIndex;
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly leases: Leases;
  readonly node: string;
  readonly policy: CurrentPolicy;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly outlet: Outlet;
  readonly clock: Clock & Stopwatch;
  readonly ids: Pick<OpaqueIds, 'room'>;
  readonly outbound: Pick<Outbound, 'publish'>;
  readonly clients: () => Clients | undefined;
  /** Who may come in. */
  readonly access: () => Access;
  readonly onNewer: (error: NewerForm) => void;
}

/** Live searches of the sessions of this process. */
function createLive(
  options: SearchPartOptions,
  searcher: Searcher,
  pending: () => Promise<void> | undefined,
): LiveSearches {
  const { search: index, store, turns, clock, logger, metrics, outlet, ids, outbound, clients } = options;
  return new LiveSearches({
    ...{ index, searcher, store, turns, clock, logger, metrics, outlet },
    pending,
    position: () => clients()?.position() ?? { epoch: '', vector: [] },
    publish: outbound.publish,
    nameOf: (...parts) => ids.room(...parts),
  });
}

/** The index of this process, or the one of all processes that have the component. */
function createKeeper(options: SearchPartOptions): IndexKeeper {
  const { search: index } = options;
  return index.engine.isShared
    ? new SharedIndexKeeper({ ...options, index })
    : new OwnIndexKeeper({ ...options, index });
}

/** The component `search`: an index that is kept up with the log, the searches over HTTP, and the live ones of its sessions. */
export function createSearchPart(options: SearchPartOptions): Part {
  const { search: index, mode, metrics, clock, outlet, logger, access } = options;
  const { isShared } = index.engine;
  const pending = (): Promise<void> | undefined => access().pending();
  access();
  const keeper = createKeeper(options);
  const searcher = new Searcher({ ...options, index });
  const budgets = new SearchBudgets(clock);
  const live = createLive(options, searcher, pending);
  const built = (tenant: string): Promise<void> => keeper.built(tenant);
  return {
    routes: [...searchRoutes({ ...options, built, searcher, budgets }), ...indexRoutes(keeper)],
    feature: new SessionSearches({ live, searcher, budgets, built, outlet, pending }),
    watched: [...keeper.watched, { name: 'live searches', waits: () => live.isBusy, progress: () => live.steps }],
    search: () => keeper.state(),
    // an embedded hub has no other node that could search meanwhile
    isPreparing: () => mode === 'cluster' && keeper.isPreparing(),
    refreshGauges: () => {
      metrics.searchLive.set(live.size);
      keeper.refreshGauges();
    },
    start: async () => {
      const { name: engine } = index.engine;
      logger.info(
        { engine },
        isShared ? 'searching in the index of all nodes' : 'searching in an index in the memory of this node',
      );
      await keeper.start();
      live.start();
    },
    stop: async () => {
      await live.close();
      await keeper.stop();
    },
  };
}
