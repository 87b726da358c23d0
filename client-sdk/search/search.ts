import type {
  SearchChange,
  SearchFacets,
  SearchHit,
  SearchQuery,
  SearchTotal,
} from '../../channels/protocol/search.ts';
import type { HubClientError } from '../hub-client-error.ts';

/** How a search is to be done, without its words. */
export type SearchOptions = Omit<SearchQuery, 'q'>;

/** New words of a live search, or those members of its query that are to be others: undefined takes one back to its default. */
export type SearchQueryChange = string | { readonly [Member in keyof SearchQuery]?: SearchQuery[Member] | undefined };

/**
 * State of a live search. `loading`: no result yet. `live`: the result changes with the catalog. `stale`: it may be out of
 * date, because the connection is down or the hub has to be asked again; it becomes `live` again by itself. `ended`: no more
 * updates.
 */
export type SearchStatus = 'loading' | 'live' | 'stale' | 'ended';

/** What a search has found. */
export interface SearchResult {
  /** The first hits, best first. */
  readonly hits: readonly SearchHit[];
  /** How many entities match. */
  readonly total: SearchTotal;
  /** How many of them have which values, for the fields that were asked for. */
  readonly facets: SearchFacets;
  /** How far it may be behind the catalog, in milliseconds; undefined while that is less than a second. */
  readonly staleMs: number | undefined;
  /** What was searched for. */
  readonly query: SearchQuery;
}

/** Result and state of a live search at one moment. The same object until something changes. */
export interface SearchSnapshot extends SearchResult {
  /** State of the result. */
  readonly status: SearchStatus;
  /** The result is of an earlier query than the last that was set; the one of that query is on its way. */
  readonly isSearching: boolean;
  /** Why it ended; null before, and if the application closed it. */
  readonly error: HubClientError | null;
}

/** Events of a {@link LiveSearch} and the values passed to their listeners. */
export interface SearchEvents {
  /**
   * A result as a whole: the first one, that of a new query, or what remains after a change of your rights. `hits` and the
   * other members of the search have it already.
   */
  result: SearchResult;
  /**
   * The result of the same query has changed. `changes` lead from the hits before to `result.hits`, in this order; none if
   * only total, facets or `staleMs` are others. After a reconnect this is the difference to what was known.
   */
  change: { readonly changes: readonly SearchChange[]; readonly result: SearchResult };
  /** The result changes with the catalog. Emitted again each time after it was `stale`. */
  live: undefined;
  /** The result may be out of date from here on. */
  stale: undefined;
  /** Your rights have changed. The former hits are gone already: drop what you copied from them. */
  policy: { readonly reason: string };
  /** Emitted last: null if the application closed it, else why it ended. */
  ended: HubClientError | null;
}

/**
 * The result of a search, kept up to date: first the hits as they are now, then every change of them. `for await` gives
 * the result each time that it has changed; a loop that is slower than the changes gets the newest.
 */
export interface LiveSearch extends AsyncIterable<SearchResult> {
  /** Its name on the wire, unique within the hub object; useful in logs. */
  readonly id: string;
  /** The first hits, best first. A new array with each change; an unchanged hit is the same object. */
  readonly hits: readonly SearchHit[];
  /** How many entities match. */
  readonly total: SearchTotal;
  /** How many of them have which values, for the fields that were asked for. */
  readonly facets: SearchFacets;
  /** How far the result may be behind the catalog, in milliseconds; undefined while that is less than a second. */
  readonly staleMs: number | undefined;
  /** What the hits were found for. During {@link isSearching} not what was set last. */
  readonly query: SearchQuery;
  /** State of the result. */
  readonly status: SearchStatus;
  /** The result is of an earlier query than the last that was set; the one of that query is on its way. */
  readonly isSearching: boolean;
  /** Fulfilled with the first result. Rejects with the reason if the search ends before; an unhandled rejection is not reported. */
  readonly live: Promise<void>;
  /**
   * Searches for something else: call it for each key that somebody presses. The old hits stay, and stay true, until those of
   * the new query are there. One request at a time is on its way; of the queries that wait meanwhile the last one counts.
   *
   * @throws HubClientError `closed` if the search has ended
   */
  setQuery(change: SearchQueryChange): void;
  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof SearchEvents>(name: Name, listener: (value: SearchEvents[Name]) => void): () => void;
  /** Calls the listener after each change of result or state. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Result and state in one object, the same until one of them changes. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly getSnapshot: () => SearchSnapshot;
  /** Ends the search here and at the hub. The result stays readable. Idempotent. */
  close(): void;
}

/** Searches of a hub: see `search` of a hub object. */
export interface HubSearch {
  /**
   * Opens a search that stays live.
   *
   * @throws HubClientError `closed` if the hub object is closed
   */
  (q: string, options?: SearchOptions): LiveSearch;
  /**
   * Searches once. Waits for the connection, and retries what a hub refuses for the moment only. Rejects with the reason
   * if the search is refused, or the hub object is closed before the result is there.
   */
  once(q: string, options?: SearchOptions): Promise<SearchResult>;
}
