import type { Head } from '../event/head.ts';
import type { Vector } from '../position/vector.ts';
import type { FacetField } from '../protocol/search.ts';
import type { Requirement } from '../search/attributes.ts';
import type { SearchText } from '../search/document-texts.ts';
import type { SortKey } from '../search/rank.ts';
import type { SearchWords } from '../search/search-words.ts';
import type { Filter, FilterValue } from '../subscription/filter.ts';

/** Values of one field at most, the most frequent ones. */
export const maxFacetValues = 100;

/** Head fields that are seen by whoever meets a requirement. A field, or an element of a list, is in one of them. */
export interface VisibleFields {
  readonly requirement: Requirement;
  readonly fields: Partial<Head>;
}

/** One document as an index takes it: made by `indexRowOf` alone, so that all engines index the same. */
export interface IndexRow {
  readonly tenant: string;
  readonly urn: string;
  readonly version: number;
  /** Decides between equals: `orderNumber` of tenant and urn. */
  readonly ord: number;
  /** What grants are judged on: nothing of it is hidden. */
  readonly head: Head;
  /** What filters, facets and sort keys of clients may see. */
  readonly visible: readonly VisibleFields[];
  readonly texts: readonly SearchText[];
}

/** Names a document that is not in the catalog any more. */
export interface RemovedRow {
  readonly tenant: string;
  readonly urn: string;
  readonly version: number;
}

/** Up to where an index has what the log says: for each partition of the epoch the offset after the last record. */
export interface IndexPosition {
  readonly epoch: string;
  readonly vector: Vector;
}

/** Changes of documents, and the position of the log that is reached with them. A document is in it once at most. */
export interface IndexBatch {
  readonly rows: readonly IndexRow[];
  readonly removed: readonly RemovedRow[];
  /** undefined: the position stays. */
  readonly position?: IndexPosition;
}

/** A search of one policy class in one tenant. */
export interface IndexQuery {
  readonly tenant: string;
  readonly words: SearchWords;
  /** What the class may read, over `IndexRow.head`. */
  readonly grants: Filter;
  /** What the client asked for, over the fields that the class sees: one that it does not see is missing. */
  readonly filter: Filter;
  /** Those that the class meets. Words, fields and facets of others are as if they were not there. */
  readonly requirements: readonly Requirement[];
  readonly facets: readonly FacetField[];
  readonly sort: readonly SortKey[];
  /** Hits at most, from 1 to {@link maxSearchHits}. */
  readonly limit: number;
}

/** Hits of one search at most. */
export const maxSearchHits = 1000;

/** One of the documents that match, as the index knows it: it may be newer by now, deleted or hidden. */
export interface IndexHit {
  readonly urn: string;
  readonly version: number;
}

/** How many documents of a result have a value. */
export interface FacetCount {
  readonly value: Exclude<FilterValue, null>;
  readonly count: number;
}

/** What an index knows of a search. */
export interface IndexResult {
  /** In the order of `compareRanks`. */
  readonly hits: readonly IndexHit[];
  /** `atLeast` where the engine stopped counting. */
  readonly total: { readonly value: number; readonly relation: 'exact' | 'atLeast' };
  /** For each field that was asked for, over all that match: by count, then by value, at most {@link maxFacetValues}. */
  readonly facets: { readonly [Field in FacetField]?: readonly FacetCount[] };
  /** The hits know at least this much of the log; undefined: nothing was indexed yet. */
  readonly position: IndexPosition | undefined;
  /** How long the engine worked on it, where it can tell that from waiting for others. */
  readonly tookMs?: number;
  /** The engine ran out of time: the hits match, but better ones may be missing. */
  readonly isCutShort?: true;
}

/** Tells a writer that its time is over; an `AbortSignal` is one. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** What became of a batch. */
export interface IndexReport {
  /** Rows and removals that were passed over because a newer version is held. */
  readonly stale: number;
  /** Rows that the engine does not take, each for itself; all others are indexed. */
  readonly refused: readonly { readonly tenant: string; readonly urn: string; readonly problem: string }[];
  /** Tenants of which nothing was there: they are new, or what was there is lost. */
  readonly begun?: readonly string[];
}

/** What users of an engine have to know of it. */
export interface SearchEngine {
  /** For log lines and reports. */
  readonly name: string;
  /** One index for all processes, which survives them: one process writes it. False: each process has its own. */
  readonly isShared: boolean;
  /** How it stores documents: another text means that an index which was built before has to be built again. */
  readonly form: string;
  /** False: the best hits come first, but not in the exact order of `compareRanks`; see `searchWindow`. */
  readonly isRanked: boolean;
}

/** An index that is built beside the one that is searched. */
export interface IndexBuild {
  readonly name: string;
  /** @throws HubError conflict when it was adopted, or another was begun */
  apply(batch: IndexBatch, stop?: StopSignal): Promise<IndexReport>;
}

/** Some of the documents of a tenant. */
export interface IndexPage {
  readonly hits: readonly IndexHit[];
  /** `after` of the next page; undefined when there is none. */
  readonly next: string | undefined;
}

/**
 * A search engine, which proposes: it gives urns and versions, and whoever serves a result loads these documents, judges,
 * matches and renders them. So an index that is behind, or wrong, can leave something out but never show too much.
 *
 * - `apply` is visible to later searches and as durable as the engine is when it resolves. Applying the same again changes
 *   nothing; a version older than the one that is held is passed over. A row that the engine does not take does not keep
 *   the others from being indexed. Nothing is sent any more once `stop` is aborted, and it rejects.
 * - Words match and rank by `Matcher` and `compareRanks`, filters mean what `compileFilter` does.
 * - Totals and facets count only what `grants`, `filter` and `requirements` let through. Where an engine cannot say exactly
 *   what these mean, it gives all hits that may match, and withholds the counts: a total of `atLeast` 0, and no facets.
 * - A build is empty when it begins and is not searched before it is adopted. Adopting replaces all documents and the
 *   position at once: each search sees either all of the old or all of the new.
 * - Every method rejects with `storage-unavailable` where the engine cannot be reached.
 */
export interface SearchIndex {
  readonly engine: SearchEngine;
  apply(batch: IndexBatch, stop?: StopSignal): Promise<IndexReport>;
  search(query: IndexQuery): Promise<IndexResult>;
  /** Where to go on; undefined: the index has to be built from the store. */
  position(): Promise<IndexPosition | undefined>;
  /** Begins an index beside this one, and forgets one that was begun before. */
  begin(build: string): Promise<IndexBuild>;
  /**
   * The index that was begun last is searched from now on; no effect if it is already, so that it may be tried again.
   * @throws HubError conflict if it has another name, or knows less of the log than the one that it would replace
   */
  adopt(build: string): Promise<void>;
  /** Name of the build that is searched; undefined before the first was adopted. */
  build(): Promise<string | undefined>;
  /** Frees what an adopted build has replaced: to be called when no search from before can still run. */
  retire(): Promise<void>;
  /** The versions that are held, in the order of the keys; undefined for what is not. */
  versions(tenant: string, urns: readonly string[]): Promise<readonly (number | undefined)[]>;
  /** The engine keeps a tenant as it should, whatever somebody has changed by hand; its documents are another matter. */
  restore?(tenant: string): Promise<void>;
  /** Documents of a tenant, in any order that stays; what changes meanwhile may be missing. */
  list(tenant: string, after: string | undefined, limit: number): Promise<IndexPage>;
  /** Forgets all documents and the position: the index is as new. */
  clear(): Promise<void>;
  /** Number of documents of all tenants. */
  count(): Promise<number>;
  close(): Promise<void>;
}
