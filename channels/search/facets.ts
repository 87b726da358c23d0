import type { Head } from '../event/head.ts';
import { type FacetCount, maxFacetValues } from '../ports/search-index.ts';
import type { FacetField } from '../protocol/search.ts';
import { compareText } from '../subscription/compare-text.ts';
import { BestHits } from './best-hits.ts';

/** Takes the counts of one field, and keeps what results have: by count, then by value, at most {@link maxFacetValues}. */
export function frequentValues(): BestHits<FacetCount> {
  return new BestHits(
    maxFacetValues,
    (one, other) => other.count - one.count || compareText(String(one.value), String(other.value)),
  );
}

export function mostFrequent(counts: ReadonlyMap<FacetCount['value'], number>): readonly FacetCount[] {
  const found = frequentValues();
  for (const [value, count] of counts) found.add({ value, count });
  return found.items;
}

/** How many of these heads have each value of the fields. */
export function facetsOf(
  heads: readonly Head[],
  fields: readonly FacetField[],
): { readonly [Field in FacetField]?: readonly FacetCount[] } {
  return Object.fromEntries(fields.map((field) => [field, countsOf(heads, field)]));
}

function countsOf(heads: readonly Head[], field: FacetField): readonly FacetCount[] {
  const counts = new Map<string | number, number>();
  for (const head of heads)
    for (const value of new Set([head[field] ?? []].flat())) counts.set(value, (counts.get(value) ?? 0) + 1);
  return mostFrequent(counts);
}
