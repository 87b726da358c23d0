import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyFilter } from '../../test/harness/heads.ts';
import { anySearch } from '../../test/harness/search-texts.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import type { IndexQuery, IndexResult, IndexRow } from '../../channels/ports/search-index.ts';
import { facetFields, sortFields } from '../../channels/protocol/search.ts';
import { compareRanks } from '../../channels/search/rank.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { facetsOf, judgedRow } from './search-index-judge.ts';
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
export function scan(rows: readonly IndexRow[], query: IndexQuery): Pick<IndexResult, 'hits' | 'total' | 'facets'> {
  const found = rows
    .flatMap((row) => judgedRow(row, query) ?? [])
    .toSorted((one, other) => compareRanks(query.sort, one.rank, other.rank));
  return {
    hits: found.slice(0, query.limit).map(({ row: { urn, version } }) => ({ urn, version })),
    total: { value: found.length, relation: 'exact' },
    facets: facetsOf(found, query.facets),
  };
}

/** Any changes and searches, compared with a scan of all documents. */
export function registerSearchModelTests(
  create: () => Promise<OpenedSearchIndex>,
  { runs, isSlow }: { readonly runs: number; readonly isSlow: boolean },
): void {
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
              const { position: _position, tookMs: _tookMs, ...result } = await index.search(query);
              expect(result, query.words.key).toEqual(scan([...held.values()], query));
              hits += result.hits.length;
            }
            expect(await index.count()).toBe(held.size);
          } finally {
            await dispose();
          }
        },
      ),
      { numRuns: runs, endOnFailure: isSlow },
    );
    // random searches find something
    expect(hits).toBeGreaterThan(runs);
  });
}

function rowOf({ tenant, urn, fields }: Change, version: number): readonly IndexRow[] {
  return fields === null ? [] : [sampleRow(urn, { ...fields, version }, tenant)];
}
