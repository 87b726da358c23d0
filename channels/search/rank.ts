import { documentKey } from '../catalog/document.ts';
import { spreadHash } from '../event/hash.ts';
import type { Head } from '../event/head.ts';
import type { SortField } from '../protocol/search.ts';
import { compareText } from '../subscription/compare-text.ts';
import type { Match } from './match.ts';

/** Sorts documents that match equally well. Those without a value come last in both directions. */
export interface SortKey {
  readonly field: SortField;
  readonly isDescending: boolean;
}

export type SortValue = string | number | null;

/** What decides the place of a document in a result: a function of the search and the document alone. */
export interface Rank extends Match {
  /** One for each sort key. */
  readonly sort: readonly SortValue[];
  /** See {@link orderNumber}. */
  readonly ord: number;
  readonly urn: string;
}

/** As results are sorted: upper and lower case are the same. */
export function sortValue(head: Partial<Pick<Head, SortField>>, field: SortField): SortValue {
  const value = head[field] ?? null;
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** 53 bits of the identity of a document: an order for equals that stays when others come, go or are indexed anew. */
export function orderNumber(tenant: string, urn: string): number {
  const [high, low] = spreadHash(documentKey(tenant, urn));
  return high * 2 ** 21 + (low >>> 11);
}

function compareValues(one: SortValue, other: SortValue, isDescending: boolean): number {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? 1 : -1;
  const order =
    typeof one === 'string' && typeof other === 'string' ? compareText(one, other) : Number(one) - Number(other);
  return isDescending ? -order : order;
}

/** Relevance, sort keys, exactness, order number: below 0 where `one` comes first. A total order of documents. */
export function compareRanks(keys: readonly SortKey[], one: Rank, other: Rank): number {
  if (one.relevance !== other.relevance) return one.relevance - other.relevance;
  for (const [index, { isDescending }] of keys.entries()) {
    const order = compareValues(one.sort[index] ?? null, other.sort[index] ?? null, isDescending);
    if (order !== 0) return order;
  }
  return one.exactness - other.exactness || one.ord - other.ord || compareText(one.urn, other.urn);
}
