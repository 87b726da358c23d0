import { z } from 'zod';
import { HubError } from '../protocol/hub-error.ts';
import { type FacetField, facetFields, type SortField, sortFields } from '../protocol/search.ts';
import { parseUp } from '../protocol/up-schema.ts';
import { createSelection, type Selection } from '../subscription/selection.ts';
import type { SortKey } from './rank.ts';
import { type MatchStrategy, parseSearchWords, type SearchWords } from './search-words.ts';

/** Bounds of one request. */
export const requestLimits = { maxHits: 100, defaultHits: 20, maxSortKeys: 3 } as const;

const strategies = ['all', 'last'] as const satisfies readonly MatchStrategy[];
const { maxHits, maxSortKeys } = requestLimits;
const oneOf = (names: readonly string[]): string => `must be one of ${names.join(', ')}`;

/** The JSON form of a search; what is in `q`, `channel` and `filter` is checked by parseSearchRequest. */
export const searchRequestSchema = z.strictObject({
  q: z.string('must be a text').exactOptional(),
  strategy: z.enum(strategies, oneOf(strategies)).exactOptional(),
  channel: z.string('must be the name of a channel').exactOptional(),
  filter: z
    .unknown()
    .meta({ type: 'object', description: 'As in subscriptions: docs/protocol.md#filters.' })
    .optional(),
  facets: z
    .array(z.enum(facetFields, oneOf(facetFields)), 'must be a list of fields')
    .max(facetFields.length, `must have at most ${facetFields.length} fields`)
    .exactOptional(),
  sort: z
    .array(z.string('must be a text'), 'must be a list of fields, each with "-" before it for descending')
    .max(maxSortKeys, `must have at most ${maxSortKeys} fields`)
    .exactOptional(),
  limit: z
    .int(`must be a whole number from 1 to ${maxHits}`)
    .min(1, `must be a whole number from 1 to ${maxHits}`)
    .max(maxHits, `must be a whole number from 1 to ${maxHits}`)
    .exactOptional(),
  highlight: z.boolean('must be true or false').exactOptional(),
});

/** What a client asks of a search, read and within its bounds. */
export interface SearchRequest {
  readonly words: SearchWords;
  /** Channel and filter as one condition, as subscriptions have it. */
  readonly selection: Selection;
  readonly facets: readonly FacetField[];
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly highlight: boolean;
}

function isSortField(name: string): name is SortField {
  return sortFields.some((field) => field === name);
}

/** @throws HubError invalid-request */
function sortKeyOf(raw: string, index: number): SortKey {
  const isDescending = raw.startsWith('-');
  const field = isDescending ? raw.slice(1) : raw;
  if (!isSortField(field))
    throw new HubError('invalid-request', `sort.${index}: ${oneOf(sortFields)}, with "-" before it for descending`);
  return { field, isDescending };
}

/**
 * Reads a search from its JSON form. Without `q` everything matches; without `channel` assets are searched.
 * @throws HubError invalid-request, invalid-channel, invalid-filter, filter-too-large
 */
export function parseSearchRequest(raw: unknown): SearchRequest {
  const { q = '', strategy = 'all', channel = 'assets', ...rest } = parseUp(searchRequestSchema, raw);
  return {
    words: parseSearchWords(q, strategy),
    selection: createSelection(channel, rest.filter),
    facets: [...new Set(rest.facets)],
    sort: (rest.sort ?? []).map(sortKeyOf),
    limit: rest.limit ?? requestLimits.defaultHits,
    highlight: rest.highlight ?? true,
  };
}
