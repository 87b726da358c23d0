import { z } from 'zod';
import type { FacetCount, IndexPosition, IndexQuery, IndexResult } from '../../channels/ports/search-index.ts';
import type { FacetField } from '../../channels/protocol/search.ts';
import { mostFrequent } from '../../channels/search/facets.ts';
import type { SearchWords, Segment } from '../../channels/search/search-words.ts';
import { headFields } from '../../channels/subscription/head-fields.ts';
import { placesOf, rawPlaces, searchedAttributes, sortAttribute } from './attribute-names.ts';
import { allDocuments } from './condition.ts';
import { filterText } from './filter-text.ts';
import { readAnswer } from './from-meili-error.ts';
import { cutoffMs } from './index-settings.ts';
import { type Condition, valueOf } from './stored-value.ts';
import { positionId } from './stored-row.ts';

/** Asks for the record of the position. */
export function positionQuery(indexUid: string): object {
  return { indexUid, q: '', limit: 1, attributesToRetrieve: ['id', 'b', 'q', 'e', 'n'] };
}

/** The record of the position in an index with documents. */
export function tenantPositionQuery(indexUid: string): object {
  return { ...positionQuery(indexUid), filter: 's = 1' };
}

/** A word that is matched as it is written, and alone. */
function isPlain({ budget, isPrefix, from }: Segment, segments: readonly Segment[]): boolean {
  const isPart = segments.some((each) => each.length > 1 && each.from <= from && from < each.from + each.length);
  return budget === 0 && !isPrefix && !isPart;
}

/**
 * The words as the server reads them, and whether no other documents match than are meant. Each word that was in quotes is in
 * quotes of its own, because the server would else look for them side by side, and not where it may be given up: the server
 * gives up none in quotes. What is excluded comes first, because it would else stand between words that may be one; at last
 * a space, unless the last word may be the beginning of one.
 */
export function queryText({ segments, not, isOpen, strategy }: SearchWords): Condition {
  const words = segments.filter(({ length }) => length === 1);
  const isGivenUp = ({ from }: Segment): boolean => strategy === 'last' && from > 0;
  const plain = words.filter((segment) => isPlain(segment, segments));
  const isQuoted = new Set(plain.filter((segment) => !isGivenUp(segment)));
  const typed = words.map((segment) => (isQuoted.has(segment) ? `"${segment.word}"` : segment.word));
  const text = `${[...not.map((word) => `-${word}`), ...typed].join(' ')}${isOpen ? '' : ' '}`;
  return { text, isExact: isQuoted.size === plain.length };
}

/** One search. `isExact` is false where words or filters let more through than they mean. */
export function hitsQuery(indexUid: string, query: IndexQuery): { readonly body: object; readonly isExact: boolean } {
  const { words, grants, filter, requirements, facets, sort, limit } = query;
  const places = placesOf(requirements);
  const conditions = [filterText(grants, rawPlaces), filterText(filter, places)];
  const typed = queryText(words);
  const body = {
    indexUid,
    q: typed.text,
    page: 1,
    hitsPerPage: limit,
    filter: [allDocuments, ...conditions.map(({ text }) => text)],
    attributesToRetrieve: ['u', 'v', 'b'],
    attributesToSearchOn: searchedAttributes(requirements),
    matchingStrategy: words.strategy,
    facets: facets.flatMap((field) => places(field).map(({ attribute }) => attribute)),
    sort: sort.map(({ field, isDescending }) => `${sortAttribute(field)}:${isDescending ? 'desc' : 'asc'}`),
  };
  return { body, isExact: [typed, ...conditions].every(({ isExact }) => isExact) };
}

const positionsSchema = z.object({ hits: z.array(z.unknown()) });
const positionSchema = z.object({
  ...{ b: z.string(), q: z.number() },
  ...{ e: z.string().optional(), n: z.array(z.int().nonnegative()).optional() },
});
const hitsSchema = z.object({
  hits: z.array(z.object({ u: z.string(), v: z.number(), b: z.string() })),
  totalHits: z.number(),
  processingTimeMs: z.number(),
  facetDistribution: z.record(z.string(), z.record(z.string(), z.number())).optional(),
});
const answersSchema = z.object({ results: z.array(z.unknown()) });

/** The record of a position, and the build that it belongs to. */
export interface PositionRecord {
  readonly build: string;
  readonly order: number;
  readonly position: IndexPosition | undefined;
}

export function answersOf(raw: unknown): readonly unknown[] {
  return readAnswer(answersSchema, raw).results;
}

/** undefined: there is none, or what is there was not written by a hub; either way the index has to be built. */
export function positionOf(answer: unknown): PositionRecord | undefined {
  const [raw] = readAnswer(positionsSchema, answer).hits;
  const { data: record } = positionSchema.safeParse(raw);
  if (record === undefined) return undefined;
  const { b: build, q: order, e: epoch, n: vector } = record;
  return { build, order, position: epoch === undefined || vector === undefined ? undefined : { epoch, vector } };
}

type Distribution = Readonly<Record<string, Readonly<Record<string, number>>>>;

function countsOf(field: FacetField, query: IndexQuery, distribution: Distribution): readonly FacetCount[] {
  const type = headFields[field]?.type ?? 'string';
  const counts = new Map<string | number, number>();
  for (const { attribute } of placesOf(query.requirements)(field))
    for (const [stored, count] of Object.entries(distribution[attribute] ?? {})) {
      const value = valueOf(stored, type);
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + count);
    }
  return mostFrequent(counts);
}

/** The result of one search, and the build that its hits are from; undefined where there are none. */
export interface HitsAnswer {
  readonly build: string | undefined;
  readonly result: Omit<IndexResult, 'position'>;
}

export function hitsOf(answer: unknown, query: IndexQuery, isExact: boolean): HitsAnswer {
  const { hits, totalHits, processingTimeMs, facetDistribution = {} } = readAnswer(hitsSchema, answer);
  const counted: Pick<IndexResult, 'total' | 'facets'> = isExact
    ? {
        total: { value: totalHits, relation: 'exact' },
        facets: Object.fromEntries(query.facets.map((field) => [field, countsOf(field, query, facetDistribution)])),
      }
    : { total: { value: 0, relation: 'atLeast' }, facets: {} };
  return {
    build: hits[0]?.b,
    result: {
      hits: hits.map(({ u: urn, v: version }) => ({ urn, version })),
      ...counted,
      // the server does not say that it gave up
      ...(processingTimeMs >= cutoffMs ? { isCutShort: true } : {}),
    },
  };
}

/** Nothing was indexed for this tenant. */
export function noHits({ facets }: IndexQuery): Omit<IndexResult, 'position'> {
  return {
    hits: [],
    total: { value: 0, relation: 'exact' },
    facets: Object.fromEntries(facets.map((field) => [field, []])),
  };
}

/** Asks which versions of some documents are held; of all, page by page, without ids. */
export function versionsQuery(options: {
  readonly ids?: readonly string[];
  readonly offset?: number;
  readonly limit: number;
}): object {
  return { ...options, fields: ['id', 'u', 'v'] };
}

const documentsSchema = z.object({
  results: z.array(z.object({ id: z.string(), u: z.string().optional(), v: z.number().optional() })),
  total: z.number(),
});

export interface HeldDocument {
  readonly id: string;
  readonly urn: string;
  readonly version: number;
}

/** Without the record of the position. */
export function heldDocuments(answer: unknown): {
  readonly documents: readonly HeldDocument[];
  readonly total: number;
} {
  const { results, total } = readAnswer(documentsSchema, answer);
  return {
    documents: results.flatMap(({ id, u: urn, v: version }) =>
      id === positionId || urn === undefined || version === undefined ? [] : [{ id, urn, version }],
    ),
    total,
  };
}
