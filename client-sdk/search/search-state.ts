/*
 * What one live search is to the hub, as data. next-search.ts moves it; search-registry.ts acts on it.
 *
 * A search is not resumed: each link asks for it anew and gets a whole result. So the state has what the application was
 * shown last, the content, and for each link what was asked there. One link is the source: its deltas lead on from the
 * content. While there are two links (`goaway`), the older is the source until the newer has its result; from then on what
 * the older says is ignored, unless the newer breaks.
 *
 *   searching --accepted--> accepted --result--> standing --query--> searching
 *      ^  |                                          |
 *      |  +--refused--> waiting <--delta that does not fit
 *      |  +--not ready--> building
 *      +------retry--------+
 *
 * A result may also come unasked, after a change of rights: only one that follows `accepted` is the answer.
 *
 * A link that searches for a new query goes on with the deltas of the result before: the hub changes from one to the other
 * with the new result, so the room of an attachment is that of its last result.
 *
 * Revisions number the queries of a search and grow. The content never goes back to a lower one: two links may answer
 * different queries, in any order.
 */
import type {
  SearchChange,
  SearchDeltaMessage,
  SearchFacets,
  SearchHit,
  SearchQuery,
  SearchRequest,
  SearchResultMessage,
  SearchTotal,
} from '../../channels/protocol/search.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { SearchStatus } from './search.ts';

/** A query and its number. */
export interface Query {
  readonly rev: number;
  readonly query: SearchQuery;
}

/** What the application is shown. */
export interface Content extends Query {
  readonly hits: readonly SearchHit[];
  readonly total: SearchTotal;
  readonly facets: SearchFacets;
  readonly staleMs: number | undefined;
}

/** The search on one link. */
export interface Attachment {
  /**
   * `searching`: a request is on its way. `accepted`: its result is. `standing`: the result is there. `waiting`: until it is
   * asked again. `building`: the same, and the result will be there in a moment.
   */
  readonly phase: 'searching' | 'accepted' | 'standing' | 'waiting' | 'building';
  /** What was asked last. */
  readonly asked: Query;
  /** Where the deltas of its last result come; null: there is none to go on from. */
  readonly room: string | null;
}

/** One search at one moment. Never changed in place; no attachment is left once `isEnded`. */
export interface SearchState {
  readonly id: string;
  /** The first result is all that is wanted. */
  readonly isOnce: boolean;
  readonly wanted: Query;
  /** Null before the first result. */
  readonly content: Content | null;
  /** Number of the link whose deltas apply to the content; null: it is out of date. */
  readonly source: number | null;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Deltas in a row that did not fit. */
  readonly misfits: number;
  /** By number of the link; a later link has a higher one. */
  readonly attachments: ReadonlyMap<number, Attachment>;
  readonly isEnded: boolean;
}

/** All but `close` and `query` belong to a link. */
export type SearchEvent =
  | { readonly type: 'close' }
  /** The application wants another. */
  | { readonly type: 'query'; readonly query: SearchQuery }
  | (SearchLinkEvent & { readonly link: number });

/** What one link tells of a search, in the order in which the hub said it. */
export type SearchLinkEvent =
  /** There is a link. `isOffered`: its hub searches. */
  | { readonly type: 'up'; readonly isOffered: boolean }
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly error: HubClientError }
  | { readonly type: 'result'; readonly message: Omit<SearchResultMessage, 'id'> }
  | { readonly type: 'delta'; readonly message: SearchDeltaMessage }
  /** The hub could not go on after a change of rights. */
  | { readonly type: 'ended'; readonly error: HubClientError }
  /** The time of a `retry` effect has come. */
  | { readonly type: 'retry' }
  | { readonly type: 'down' };

/** What the application is told, in order, once the content and status of the new state are shown. */
export type SearchSinkEffect =
  | { readonly type: 'result' }
  | { readonly type: 'change'; readonly changes: readonly SearchChange[] }
  | { readonly type: 'policy'; readonly reason: string }
  | { readonly type: 'end'; readonly error: HubClientError | null };

/** What an event leads to, in order: for the application's side, or for the hub on one link. */
export type SearchEffect =
  | SearchSinkEffect
  | { readonly type: 'request'; readonly link: number; readonly asked: Query }
  /** End it at the hub. */
  | { readonly type: 'leave'; readonly link: number }
  /** Tell `retry` after the backoff for so many failures, and not before what the hub asks for. */
  | { readonly type: 'retry'; readonly link: number; readonly failures: number; readonly retryAfterMs: number };

/** A search that stands on no link yet. */
export function newSearch(id: string, query: SearchQuery, isOnce = false): SearchState {
  return {
    id,
    isOnce,
    wanted: { rev: 1, query },
    content: null,
    source: null,
    refusals: 0,
    misfits: 0,
    attachments: new Map(),
    isEnded: false,
  };
}

/** The message of a `request`. */
export function searchRequestOf({ id, isOnce }: SearchState, { rev, query }: Query): SearchRequest {
  return { id, rev, ...query, ...(isOnce && { once: true }) };
}

/** What the application may think of the content. */
export function statusOf({ content, source, isEnded }: SearchState): SearchStatus {
  if (isEnded) return 'ended';
  if (source !== null) return 'live';
  return content === null ? 'loading' : 'stale';
}

/** True if a link need not be waited for: it has its result, or will not have one soon. */
export function isSearchSettled({ attachments }: SearchState, link: number): boolean {
  const phase = attachments.get(link)?.phase;
  return phase === 'standing' || phase === 'waiting';
}
