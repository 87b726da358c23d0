import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyFilter } from '../../test/harness/heads.ts';
import { anySearch } from '../../test/harness/search-texts.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import { type IndexQuery, type IndexRow, maxFacetValues } from '../../channels/ports/search-index.ts';
import { facetFields, sortFields } from '../../channels/protocol/search.ts';
import { readableBits } from '../../channels/search/attributes.ts';
import { wordsOf } from '../../channels/search/document-words.ts';
import { Matcher } from '../../channels/search/match.ts';
import { compareRanks, sortValue } from '../../channels/search/rank.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { compileFilter } from '../../channels/subscription/compile-filter.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { type OpenedSearchIndex, sampleQuery, sampleRow } from './search-samples.ts';

const letter = fc.constantFrom('a', 'b', 'c');
const words = fc.constantFrom('orders', 'ordre', 'customerOrders', 'customer orders', 'data base', 'database', 'x');

const anyFields: fc.Arbitrary<Partial<Omit<AssetDocument, 'head'>>> = fc
  .record({
    name: fc.array(words, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' ')),
    type: letter,
    connector: letter,
    status: fc.constantFrom('active' as const, 'deprecated' as const),
    terms: fc.array(words, { maxLength: 2 }),
    owners: fc.array(
      letter.map((id) => ({ id, type: 'user' as const })),
      { maxLength: 2 },
    ),
    classifications: fc.array(
      fc.record({
        ...{ scheme: fc.constantFrom('pii', 'gdpr'), name: letter, level: fc.integer({ min: 1, max: 3 }) },
        ...{ origin: fc.constant('manual' as const), connector: fc.constant('c') },
        state: fc.constantFrom('confirmed' as const, 'suggested' as const),
      }),
      { maxLength: 2 },
    ),
    optional: fc.record({ platform: letter, domain: letter, fqn: letter, description: words }, { requiredKeys: [] }),
  })
  .map(({ optional, ...fields }) => ({ ...fields, ...optional }));

/** Documents are few, so that they change and go. */
const anyChange = fc.record({
  tenant: fc.constantFrom('acme', 'globex'),
  urn: letter,
  fields: fc.option(anyFields, { freq: 4 }),
});
type Change = typeof anyChange extends fc.Arbitrary<infer Value> ? Value : never;

const anyQuery: fc.Arbitrary<IndexQuery> = fc
  .record({
    words: anySearch,
    grants: anyFilter.map(parseFilter),
    filter: fc.option(anyFilter, { freq: 1 }).map((filter) => parseFilter(filter ?? {})),
    facets: fc.subarray([...facetFields]),
    sort: fc.array(fc.record({ field: fc.constantFrom(...sortFields), isDescending: fc.boolean() }), { maxLength: 2 }),
    limit: fc.integer({ min: 1, max: 4 }),
    isOpen: fc.boolean(),
  })
  .map(({ isOpen, grants, ...query }) => sampleQuery({ ...query, ...(isOpen ? {} : { grants }) }))
  .map((query) => query);

/** What a search finds: all documents, one after the other. */
export function scan(rows: readonly IndexRow[], query: IndexQuery): unknown {
  const { tenant, grants, filter, sort, limit, facets, requirements } = query;
  const [mayRead, isWanted] = [compileFilter(grants), compileFilter(filter)];
  const matcher = new Matcher(query.words, readableBits(requirements));
  const found = rows
    .filter((row) => row.tenant === tenant && mayRead(row.head) && isWanted(row.head))
    .flatMap((row) => {
      const match = matcher.match(wordsOf(row.texts));
      if (match === undefined) return [];
      const { urn, ord, version, head } = row;
      return { head, version, rank: { ...match, urn, ord, sort: sort.map(({ field }) => sortValue(head, field)) } };
    })
    .toSorted((one, other) => compareRanks(sort, one.rank, other.rank));
  const countsOf = (field: (typeof facets)[number]) => {
    const values = found.flatMap(({ head }) => [head[field] ?? []].flat());
    return [...new Set(values)]
      .map((value) => ({ value, count: values.filter((each) => each === value).length }))
      .toSorted((one, other) => other.count - one.count || compareText(String(one.value), String(other.value)))
      .slice(0, maxFacetValues);
  };
  return {
    hits: found.slice(0, limit).map(({ version, rank }) => ({ urn: rank.urn, version })),
    total: { value: found.length, relation: 'exact' },
    facets: Object.fromEntries(facets.map((field) => [field, countsOf(field)])),
  };
}

/** Any changes and searches, compared with a scan of all documents. */
export function registerSearchModelTests(create: () => Promise<OpenedSearchIndex>, runs: number): void {
  it('R15 finds, ranks and counts what a scan of all documents does', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyChange, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.array(anyQuery, { minLength: 4, maxLength: 8 }),
        async (batches, queries) => {
          const { index, dispose } = await create();
          try {
            const held = new Map<string, IndexRow>();
            for (const [version, changes] of batches.entries()) {
              const last = [...new Map(changes.map((change) => [`${change.tenant}|${change.urn}`, change])).values()];
              const rows = last.flatMap((change) => rowOf(change, version + 1));
              const removed = last
                .filter(({ fields }) => fields === null)
                .map(({ tenant, urn }) => ({ tenant, urn, version: version + 1 }));
              await index.apply({ rows, removed });
              for (const { tenant, urn } of removed) held.delete(`${tenant}|${urn}`);
              for (const row of rows) held.set(`${row.tenant}|${row.urn}`, row);
            }
            for (const query of queries) {
              const { position: _position, ...result } = await index.search(query);
              expect(result).toEqual(scan([...held.values()], query));
              hits += result.hits.length;
            }
            expect(await index.count()).toBe(held.size);
          } finally {
            await dispose();
          }
        },
      ),
      { numRuns: runs },
    );
    // random searches find something
    expect(hits).toBeGreaterThan(runs);
  });
}

function rowOf({ tenant, urn, fields }: Change, version: number): readonly IndexRow[] {
  return fields === null ? [] : [sampleRow(urn, { ...fields, version }, tenant)];
}
