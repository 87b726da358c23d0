import type { JsonObject } from '../event/json.ts';
import type { WireEntity } from './entity.ts';

/** Fields that a search result can be counted by: each has few values, or a list of them. */
export const facetFields = ['kind', 'type', 'platform', 'domain', 'owners', 'tags', 'status', 'severity'] as const;
/** One of {@link facetFields}. */
export type FacetField = (typeof facetFields)[number];

/** Fields with one value, by which a search result can be sorted. */
export const sortFields = ['name', 'type', 'fqn', 'platform', 'domain', 'status', 'severity', 'kind'] as const;
/** One of {@link sortFields}. */
export type SortField = (typeof sortFields)[number];

/** What is searched for, see docs/search.md. Without any member it finds all assets. */
export interface SearchQuery {
  /** The words. Default: none, everything matches. */
  readonly q?: string;
  /** `all` (default): each word. `last`: words are given up from the end where too few entities have all. */
  readonly strategy?: 'all' | 'last';
  /** Channel name. Default `assets`. */
  readonly channel?: string;
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Default: none. */
  readonly filter?: JsonObject;
  /** The result is counted by these. */
  readonly facets?: readonly FacetField[];
  /** Up to 3 fields, `-` before one for descending; they sort hits that match equally well. */
  readonly sort?: readonly (SortField | `-${SortField}`)[];
  /** Hits, 1 to 100. Default 20. */
  readonly limit?: number;
  /** Whether hits say where they match. Default true. */
  readonly highlight?: boolean;
}

/** Opens a live search in the session, or replaces the query of the one with this id. */
export interface SearchRequest extends SearchQuery {
  /** Chosen by the client, unique among the searches of its session: 1-64 of `A-Z a-z 0-9 _ - . :`. */
  readonly id: string;
  /** Number of the query, returned with its result: higher with each query of the same id. Default 0. */
  readonly rev?: number;
  /** True: only the result, which does not stay live. Default false. */
  readonly once?: boolean;
}

/** Ends the live search of this id. After the ack nothing comes for it any more. */
export interface UnsearchRequest {
  readonly id: string;
}

/** Answer to a {@link SearchRequest}: a `result` follows. */
export interface SearchedResult {
  readonly id: string;
  readonly rev: number;
  /** Opaque name under which changes of this result arrive; several searches may share one. Empty with `once`. */
  readonly room: string;
}

/** Where a text has words that were searched for. */
export interface SearchHighlight {
  /** Member that has the text. */
  readonly field: string;
  /** The text, or the part of it around the first match. */
  readonly text: string;
  /** First and behind the last UTF-16 unit of each match in `text`, ascending. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** One entity of a result. */
export interface SearchHit {
  /** The entity as it is now, as far as you may see it. */
  readonly entity: WireEntity;
  /** Absent with `highlight: false`. */
  readonly highlights?: readonly SearchHighlight[];
}

/** How many entities match. `atLeast` where counting them all is too much. */
export interface SearchTotal {
  /** The number. */
  readonly value: number;
  /** Whether it is this number or a lower bound. */
  readonly relation: 'exact' | 'atLeast';
}

/** How many of the matching entities have a value: by count, then by value, at most 100. */
export type SearchFacets = { readonly [Field in FacetField]?: readonly SearchFacetCount[] };

/** One value of a facet. */
export interface SearchFacetCount {
  /** The value. */
  readonly value: string | number | boolean;
  /** Entities that have it. */
  readonly count: number;
}

/** The result of a live search as it is now: replaces what the client has for it. */
export interface SearchResultMessage {
  readonly id: string;
  readonly rev: number;
  /** See {@link SearchedResult}; it replaces the room of an earlier result. */
  readonly room: string;
  /** Best first. */
  readonly hits: readonly SearchHit[];
  readonly total: SearchTotal;
  /** Of the fields that were asked for. */
  readonly facets: SearchFacets;
  /** How far behind the catalog this may be, in milliseconds; absent while it is less than a second. */
  readonly staleMs?: number;
  /** The rights of the session changed, and this result is what the new ones let it see. */
  readonly reason?: 'token';
}

/** One step from the list of hits before to the one after; the steps of a message are taken in their order. */
export type SearchChange = SearchEnter | SearchUpdate | SearchMove | SearchLeave;

/** A hit comes into the list. */
export interface SearchEnter {
  /** What becomes of the hit. */
  readonly kind: 'enter';
  /** Urn of the hit behind which it stands; null: it is the first. */
  readonly after: string | null;
  /** The hit. */
  readonly hit: SearchHit;
}

/** A hit is as it says now, at the same place. */
export interface SearchUpdate {
  /** What becomes of the hit. */
  readonly kind: 'update';
  /** It replaces the one of the same entity. */
  readonly hit: SearchHit;
}

/** A hit stands at another place. */
export interface SearchMove {
  /** What becomes of the hit. */
  readonly kind: 'move';
  /** Its entity. */
  readonly urn: string;
  /** Urn of the hit behind which it stands now; null: it is the first. */
  readonly after: string | null;
}

/** A hit is not in the list any more. */
export interface SearchLeave {
  /** What becomes of the hit. */
  readonly kind: 'leave';
  /** Its entity. */
  readonly urn: string;
}

/** How the results of a room changed. */
export interface SearchDeltaMessage {
  readonly room: string;
  readonly changes: readonly SearchChange[];
  /** Absent where it is as before. */
  readonly total?: SearchTotal;
  /** Absent where they are as before. */
  readonly facets?: SearchFacets;
  /** As in {@link SearchResultMessage}; absent: it is up to date again. */
  readonly staleMs?: number;
}
