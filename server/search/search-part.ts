import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { Access } from '../control/access.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { LogFollower } from '../following/log-follower.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
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
  /** Who may come in. */
  readonly access: () => Access;
  readonly onNewer: (error: NewerForm) => void;
}

/**
 * The component `search`: an index of its own in each process that has it, built in the background after the start
 * and kept up with the log, and the searches over HTTP.
 */
export function createSearchPart(options: SearchPartOptions): Part {
  const { search: index, log, connectors, logger, onNewer } = options;
  options.access();
  const feed = new SearchFeed({ ...options, index });
  const onHole = (): void => {
    logger.warn({}, 'the log lost changes before they were indexed; the search index is built again');
    void feed.restart();
  };
  const follower = new LogFollower({ log, sink: feed, logger, onNewer, onHole, onWritten: () => undefined });
  return {
    routes: searchRoutes({ ...options, feed, searcher: new Searcher({ ...options, index }) }),
    watched: [{ name: 'search', waits: () => feed.isBusy, progress: () => feed.steps }],
    start: async () => {
      await follower.start();
      // of others with their first search
      for (const { profile } of connectors.values()) feed.build(profile.tenant);
    },
    stop: async () => {
      await follower.close();
      await feed.close();
    },
  };
}
