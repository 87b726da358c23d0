import { describe, expect, it } from 'vitest';
import { parseSearchWords } from '../../channels/search/search-words.ts';
import { sampleQuery, sampleRow } from '../contract/search-samples.ts';
import { documentSettings } from './index-settings.ts';
import { hitsOf, hitsQuery, queryText } from './search-query.ts';
import { storedRow } from './stored-row.ts';

const typed = (q: string): string => queryText(parseSearchWords(q, 'all')).text;

describe('queryText', () => {
  it.each([
    ['', ' '],
    ['cust', 'cust'],
    ['cust ', '"cust" '],
    ['orders ', 'orders '],
    ['customerOrders', 'customer orders'],
    ['orders -old -Test', '-old -test orders '],
    ['"customer orders" x', '"customer" "orders" x'],
    ['"ab" warehouse', '"ab" warehouse'],
    ['a b c', 'a b c'],
    ['2023 ', '"2023" '],
  ])('reads %j as %j', (q, expected) => {
    expect(typed(q)).toBe(expected);
  });

  it('puts no word in quotes that may be given up, because the server gives up none of these', () => {
    const words = (q: string) => queryText(parseSearchWords(q, 'last'));
    expect(words('"customer orders" "ware" ')).toEqual({ text: '"customer" orders ware ', isExact: false });
    expect(words('warehouse orders ')).toEqual({ text: 'warehouse orders ', isExact: true });
  });
});

describe('hitsQuery', () => {
  const bodyOf = (...args: Parameters<typeof hitsQuery>) => hitsQuery(...args).body as Record<string, unknown>;

  it('never searches all attributes: names them, also where a class reads nothing but names', () => {
    const searched = ([[], [0], [0, 3]] as const).map(
      (requirements) => bodyOf('i', sampleQuery({ requirements }))['attributesToSearchOn'],
    );
    expect(searched).toEqual([['t0'], ['t0', 't1', 't2', 't3'], ['t0', 't1', 'p1.r3', 't2', 'p2.r3', 't3', 'p3.r3']]);
    const known = new Set(documentSettings.searchableAttributes);
    for (const name of searched.flatMap((each) => (Array.isArray(each) ? each.map(String) : [])))
      expect(known.has(name)).toBe(true);
  });

  it('asks for nothing but the identity of documents', () => {
    const body = bodyOf('i', sampleQuery({ q: 'orders' }));
    expect(body['attributesToRetrieve']).toEqual(['u', 'v', 'b']);
    expect(Object.keys(body).filter((name) => /highlight|crop|position|score/i.test(name))).toEqual([]);
  });

  it('says that an answer which came as late as the server may take is not complete', () => {
    const answer = { hits: [], totalHits: 0, processingTimeMs: documentSettings.searchCutoffMs };
    expect(hitsOf(answer, sampleQuery(), true).result.isCutShort).toBe(true);
    expect(hitsOf({ ...answer, processingTimeMs: 100 }, sampleQuery(), true).result.isCutShort).toBeUndefined();
  });

  it('withholds counts of what it cannot say exactly', () => {
    const answer = { hits: [{ u: 'urn:a', v: 1, b: '-' }], totalHits: 7, processingTimeMs: 1, facetDistribution: {} };
    const query = sampleQuery({ facets: ['domain'] });
    expect(hitsOf(answer, query, false).result).toMatchObject({ total: { value: 0, relation: 'atLeast' }, facets: {} });
    expect(hitsOf(answer, query, true).result).toMatchObject({ total: { value: 7 }, facets: { domain: [] } });
  });
});

describe('settings', () => {
  it('list each attribute with hidden words among those without typos, by its own name', () => {
    const hidden = documentSettings.searchableAttributes.filter((name) => name.startsWith('p'));
    expect(hidden).toHaveLength(24);
    expect(documentSettings.typoTolerance.disableOnAttributes.toSorted()).toEqual(hidden.toSorted());
  });

  it('end with an order of their own, do not look at words side by side, and search in no facets', () => {
    expect(documentSettings.rankingRules.at(-1)).toBe('ord:asc');
    expect(documentSettings).toMatchObject({ proximityPrecision: 'byAttribute', facetSearch: false });
    expect(documentSettings.faceting.sortFacetValuesBy).toEqual({ '*': 'count' });
  });

  it('show no attribute of a document that has text or values', () => {
    const names = Object.keys(storedRow(sampleRow('urn:a', { description: 'x', domain: 'y' }), 'b'));
    const shown: ReadonlySet<string> = new Set(documentSettings.displayedAttributes);
    expect(names.filter((name) => shown.has(name)).toSorted()).toEqual(['b', 'id', 's', 'u', 'v']);
  });
});
