import { hiddenTextAttributes, sortAttributes, textAttributes } from './attribute-names.ts';

/** The server stops a search after this time, and then gives what it has. */
export const cutoffMs = 1500;
/** More than are shown, because those with the same count come in another order than the hub's. */
const countedValues = 250;
const maxTotal = 1_000_000;

const typoTolerance = {
  enabled: true,
  minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
  disableOnNumbers: true,
  disableOnWords: [],
} as const;

/**
 * Settings of an index with documents. They are part of what keeps hidden texts hidden:
 *
 * - `proximityPrecision`: by word, the server finds two words side by side in texts that the search does not look at.
 * - `disableOnAttributes`: typos are looked for among all words of the index, and only so many; words of hidden texts would
 *   use up that number, so that what is visible is not found. Each attribute is named, a parent does not stand for it.
 * - `displayedAttributes`: neither texts nor values of fields are ever given, not even as highlights.
 * - `ord` as the last rule: else equals come in the order in which they were indexed, which tells of others.
 *
 * Values of filters are lower-case hexadecimal digits; nothing searches in facets.
 */
export const documentSettings = {
  searchableAttributes: textAttributes,
  displayedAttributes: ['id', 'u', 'v', 'b', 's', 'q', 'e', 'n'],
  filterableAttributes: [
    {
      attributePatterns: ['f.*', 'h.*'],
      features: { facetSearch: false, filter: { equality: true, comparison: true } },
    },
    { attributePatterns: ['s'], features: { facetSearch: false, filter: { equality: true, comparison: false } } },
  ],
  sortableAttributes: sortAttributes,
  rankingRules: ['words', 'typo', 'proximity', 'attribute', 'sort', 'exactness', 'ord:asc'],
  stopWords: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: 'byAttribute',
  typoTolerance: { ...typoTolerance, disableOnAttributes: hiddenTextAttributes },
  faceting: { maxValuesPerFacet: countedValues, sortFacetValuesBy: { '*': 'count' } },
  pagination: { maxTotalHits: maxTotal },
  searchCutoffMs: cutoffMs,
  facetSearch: false,
  prefixSearch: 'indexingTime',
} as const;

/** Of the index that has the position of all. */
export const stateSettings = {
  searchableAttributes: [],
  displayedAttributes: documentSettings.displayedAttributes,
  facetSearch: false,
} as const;
