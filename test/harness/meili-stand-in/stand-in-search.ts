import { type AttributeLevel, attributeBit, type Requirement } from '../../../channels/search/attributes.ts';
import { Matcher } from '../../../channels/search/match.ts';
import { parseSearchWords } from '../../../channels/search/search-words.ts';
import { BadFilter, parseStandInFilter, type Stored, textOf, valuesAt } from './stand-in-filter.ts';

/** What of the settings of an index has an effect here. */
export interface StandInSettings {
  readonly searchableAttributes: readonly string[];
  readonly displayedAttributes: readonly string[];
  readonly filterable: readonly string[];
  readonly sortable: readonly string[];
  readonly maxValuesPerFacet: number;
}

export interface StandInQuery {
  readonly q?: string | null;
  readonly limit?: number;
  readonly hitsPerPage?: number;
  readonly filter?: unknown;
  readonly facets?: readonly string[];
  readonly sort?: readonly string[];
  readonly attributesToRetrieve?: readonly string[];
  readonly attributesToSearchOn?: readonly string[] | null;
  readonly matchingStrategy?: 'all' | 'last';
}

/** `t2` is open, `p2.r3` hidden. */
function placeOf(attribute: string): { readonly level: AttributeLevel; readonly requirement: Requirement } | undefined {
  const [, level, requirement = '0'] = /^[tp]([0-3])(?:\.r([1-8]))?$/.exec(attribute) ?? [];
  return level === undefined
    ? undefined
    : { level: Number(level) as AttributeLevel, requirement: Number(requirement) as Requirement };
}

function bitOf(attribute: string): number {
  const place = placeOf(attribute);
  return place === undefined ? 0 : attributeBit(place.level, place.requirement);
}

function wordsOf(document: Stored, settings: StandInSettings): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  for (const attribute of settings.searchableAttributes)
    for (const text of valuesAt(document, attribute) ?? [])
      for (const word of textOf(text)
        .toLowerCase()
        .split(/[^\p{L}\p{Nd}\p{M}]+/u))
        if (word !== '') words.set(word, (words.get(word) ?? 0) | bitOf(attribute));
  return words;
}

function matches(pattern: string, attribute: string): boolean {
  return pattern.endsWith('*') ? attribute.startsWith(pattern.slice(0, -1)) : pattern === attribute;
}

export function isFilterable({ filterable }: StandInSettings, attribute: string): boolean {
  return filterable.some((pattern) => matches(pattern, attribute));
}

function searchedBits({ searchableAttributes }: StandInSettings, wanted: StandInQuery['attributesToSearchOn']): number {
  const unknown = (wanted ?? []).filter((attribute) => !searchableAttributes.includes(attribute));
  if (unknown.length > 0) throw new BadFilter(`Attribute \`${unknown[0]}\` is not searchable.`);
  return (wanted ?? searchableAttributes).reduce((bits, attribute) => bits | bitOf(attribute), 0);
}

function compareSort(sort: readonly string[], one: Stored, other: Stored): number {
  for (const rule of sort) {
    const [attribute = '', direction] = rule.split(':');
    const [a, b] = [one, other].map((document) => valuesAt(document, attribute)?.[0]);
    if (a === b) continue;
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
    const order = textOf(a) < textOf(b) ? -1 : 1;
    return direction === 'desc' ? -order : order;
  }
  return 0;
}

function ordOf({ ord }: Stored): number {
  return typeof ord === 'number' ? ord : Number.MAX_VALUE;
}

/** The most frequent values. */
function distribution(found: readonly Stored[], attribute: string, most: number): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const document of found)
    for (const value of new Set(valuesAt(document, attribute) ?? []))
      counts.set(textOf(value), (counts.get(textOf(value)) ?? 0) + 1);
  return Object.fromEntries(
    [...counts].toSorted(([a, one], [b, other]) => other - one || (a < b ? 1 : -1)).slice(0, most),
  );
}

function displayed(document: Stored, settings: StandInSettings, wanted: readonly string[] | undefined): Stored {
  const names = (wanted ?? settings.displayedAttributes).filter((name) => settings.displayedAttributes.includes(name));
  return Object.fromEntries(names.flatMap((name) => (name in document ? [[name, document[name]]] : [])));
}

/** One search as the server answers it. Words match by the rules of the hub. @throws BadFilter */
export function standInSearch(documents: Iterable<Stored>, settings: StandInSettings, query: StandInQuery): object {
  const { q, facets = [], sort = [], hitsPerPage, limit = 20 } = query;
  const filter = parseStandInFilter(query.filter, (attribute) => isFilterable(settings, attribute));
  const notSortable = sort.find((rule) => !settings.sortable.includes(rule.split(':')[0] ?? ''));
  if (notSortable !== undefined) throw new BadFilter(`Attribute \`${notSortable}\` is not sortable.`);
  const notCounted = facets.find((attribute) => !isFilterable(settings, attribute));
  if (notCounted !== undefined) throw new BadFilter(`Attribute \`${notCounted}\` is not facet-searchable.`);
  const matcher = new Matcher(
    parseSearchWords(q ?? '', query.matchingStrategy ?? 'last'),
    searchedBits(settings, query.attributesToSearchOn),
  );
  const found = [...documents]
    .filter(filter)
    .flatMap((document) => {
      const match = matcher.match({ words: wordsOf(document, settings), nameKey: '' });
      return match === undefined ? [] : [{ document, relevance: match.relevance }];
    })
    .toSorted(
      (one, other) =>
        one.relevance - other.relevance ||
        compareSort(sort, one.document, other.document) ||
        ordOf(one.document) - ordOf(other.document),
    )
    .map(({ document }) => document);
  const hits = found
    .slice(0, hitsPerPage ?? limit)
    .map((document) => displayed(document, settings, query.attributesToRetrieve));
  const counts = facets.map((attribute) => [attribute, distribution(found, attribute, settings.maxValuesPerFacet)]);
  return {
    ...{ hits, query: q ?? '', processingTimeMs: 0 },
    ...(hitsPerPage === undefined
      ? { limit, offset: 0, estimatedTotalHits: found.length }
      : { hitsPerPage, page: 1, totalHits: found.length, totalPages: Math.ceil(found.length / hitsPerPage) }),
    ...(facets.length === 0 ? {} : { facetDistribution: Object.fromEntries(counts) }),
  };
}
