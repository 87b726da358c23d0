import type { Head } from '../event/head.ts';
import { type FacetCount, maxFacetValues } from '../ports/search-index.ts';
import type { FacetField } from '../protocol/search.ts';
import { compareText } from '../subscription/compare-text.ts';

/** The counts of one field as results have them: by count, then by value, at most {@link maxFacetValues}. */
export function mostFrequent(counts: readonly FacetCount[]): readonly FacetCount[] {
  return counts
    .toSorted((one, other) => other.count - one.count || compareText(String(one.value), String(other.value)))
    .slice(0, maxFacetValues);
}

/** How many of these heads have each value of the fields. */
export function facetsOf(
  heads: readonly Head[],
  fields: readonly FacetField[],
): { readonly [Field in FacetField]?: readonly FacetCount[] } {
  return Object.fromEntries(fields.map((field) => [field, mostFrequent(countsOf(heads, field))]));
}

function countsOf(heads: readonly Head[], field: FacetField): readonly FacetCount[] {
  const counts = new Map<string | number, number>();
  for (const head of heads)
    for (const value of new Set([head[field] ?? []].flat())) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count }));
}
