import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { SearchQuery } from '../../channels/protocol/search.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveSearch, SearchOptions, SearchSnapshot } from '../search/search.ts';

const nothing = {
  hits: [],
  total: { value: 0, relation: 'exact' },
  facets: {},
  staleMs: undefined,
  query: {},
} as const;
const loading: SearchSnapshot = { ...nothing, status: 'loading', isSearching: true, error: null };
const ended: SearchSnapshot = { ...nothing, status: 'ended', isSearching: false, error: null };

/**
 * The result and status of a live search, for as long as the component is mounted. The component renders again when either
 * changes. With other words or options the old hits stay until those of the new query are there (`isSearching`). Equal
 * options may be another object each time. A query that is refused ends the search, with `error`; the next query opens another.
 *
 * @example
 * const { hits, total, isSearching } = useSearch(hub, text, { filter: { type: 'table' }, limit: 10 });
 */
export function useSearch(hub: Hub, q: string, options: SearchOptions = {}): SearchSnapshot {
  const text = JSON.stringify({ ...options, q });
  const store = useMemo(() => mountedSearch(hub), [hub]);
  // before the subscription, which opens the search
  useEffect(() => store.want(JSON.parse(text) as SearchQuery), [store, text]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
}

interface MountedSearch extends Pick<LiveSearch, 'subscribe' | 'getSnapshot'> {
  readonly want: (query: SearchQuery) => void;
}

/** Opened when React subscribes and closed when it unsubscribes: a search opened while rendering might never be closed. */
function mountedSearch(hub: Hub): MountedSearch {
  let wanted: SearchQuery = {};
  let search: LiveSearch | undefined;
  let changed: (() => void) | undefined;
  const open = (): void => {
    if (hub.status === 'closed' || changed === undefined) return;
    const { q = '', ...options } = wanted;
    search = hub.search(q, options);
    search.subscribe(changed);
  };
  return {
    getSnapshot: () => search?.getSnapshot() ?? (hub.status === 'closed' ? ended : loading),
    want: (query) => {
      const gone = Object.fromEntries(Object.keys(wanted).map((name) => [name, undefined]));
      wanted = query;
      if (search === undefined || changed === undefined) return;
      if (search.status !== 'ended') return search.setQuery({ ...gone, ...query });
      open();
      changed();
    },
    subscribe: (listener) => {
      changed = listener;
      open();
      return () => {
        changed = undefined;
        search?.close();
      };
    },
  };
}
