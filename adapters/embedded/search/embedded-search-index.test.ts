import { describe, expect, it } from 'vitest';
import { facetFields } from '../../../channels/protocol/search.ts';
import type { Filter } from '../../../channels/subscription/filter.ts';
import { registerSearchIndexTests } from '../../contract/search-index.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from '../../contract/search-samples.ts';
import { longestPieceMs } from '../../../test/harness/longest-piece.ts';
import { testIndex } from '../../../test/harness/test-index.ts';
import { whole } from './pieces.ts';
import { TenantIndex } from './tenant-index.ts';

registerSearchIndexTests({
  name: 'embedded',
  runs: 300,
  create: async () => {
    const index = testIndex();
    return { index, dispose: () => index.close() };
  },
});

describe('embedded search index', () => {
  const names = ['orders', 'customers', 'invoices', 'warehouse', 'shipments'];
  const nameOf = (urn: number, version: number): string =>
    `${names[(urn + version) % names.length]} n${urn}v${version}`;

  it('uses the memory of old versions again, and finds the same all the while', () => {
    const index = new TenantIndex();
    const found = (q: string): readonly string[] => urnsOf(whole(index.search(sampleQuery({ q, limit: 1000 }))));
    const bytes: number[] = [];
    for (let version = 1; version <= 40; version++) {
      for (let urn = 0; urn < 200; urn++) {
        index.put(sampleRow(`urn:${urn}`, { version, name: nameOf(urn, version), fqn: `f${urn}.${version}` }));
        if (urn % 20 === 0) index.compact();
      }
      bytes.push(index.bytes);
      expect(found('orders')).toHaveLength(40);
      expect(found(`n7v${version}`)).toEqual(['urn:7']);
      expect(found(`n7v${version - 1}`)).toEqual([]);
    }
    expect(index.count).toBe(200);
    expect(index.words).toBeLessThan(200 * 40);
    expect(bytes.at(-1)).toBe(bytes[9]);
  });

  it('gives a document that is removed no place in results while its number is used again', async () => {
    const index = testIndex();
    for (let version = 1; version <= 10; version++) {
      await putRows(
        index,
        Array.from({ length: 300 }, (_, urn) => sampleRow(`urn:${urn}`, { version, name: `v${version}` })),
      );
      await index.apply({
        rows: [],
        removed: Array.from({ length: 150 }, (_, urn) => ({ tenant: 'acme', urn: `urn:${urn}`, version })),
      });
      const { total } = await index.search(sampleQuery({ q: `v${version}` }));
      expect(total.value).toBe(150);
    }
  });

  it('finds what was there when a search began, whatever changes, goes, comes and is compacted before it ends', () => {
    const index = new TenantIndex();
    let version = 0;
    const put = (from: number, count: number): void => {
      version += 1;
      for (let at = from; at < from + count; at++) {
        const fields = { version, name: nameOf(at, version), fqn: `f${at % 9}`, domain: `d${version}` };
        index.put(sampleRow(`urn:${at % 2000}`, fields));
      }
    };
    put(0, 2000);
    const conditions = ['f1', 'f2', 'f3'].map((value) => ({ op: 'ne' as const, field: 'fqn', value }));
    const orders = Array.from({ length: 8 }, (_, at) => ({ op: 'lt' as const, field: 'urn', value: `urn:${at + 2}` }));
    const query = sampleQuery({
      ...{ q: 'orders', limit: 1000, facets: ['domain', 'type'] },
      filter: { op: 'and', args: [...conditions, { op: 'or', args: orders }] },
    });
    for (let round = 0; round < 5; round++) {
      // enough are dead for a compaction
      put(0, 800);
      const expected = whole(index.search(query));
      expect(expected.hits.length).toBeGreaterThan(100);
      const search = index.search(query);
      let pieces = 0;
      for (let step = search.next(); ; step = search.next()) {
        if (step.done === true) {
          expect(step.value).toEqual(expected);
          break;
        }
        pieces += 1;
        put(pieces * 37, 40);
        index.remove({ tenant: 'acme', urn: `urn:${pieces}`, version: version + 1 });
        for (let time = 0; time < 40; time++) index.compact();
      }
      expect(pieces).toBeGreaterThan(10);
    }
  });

  it('L12 gives the thread back every few milliseconds, also in the dearest search of 50 000 documents', async () => {
    const index = testIndex();
    const assets = 50_000;
    for (let from = 0; from < assets; from += 1000)
      await putRows(
        index,
        Array.from({ length: 1000 }, (_, at) => {
          const number = from + at;
          const owners = [{ id: `user${number}`, type: 'user' as const }];
          return sampleRow(`urn:${number}`, { name: `${nameOf(number, 1)}`, fqn: `db.${number}`, owners });
        }),
      );
    const filter: Filter = {
      op: 'and',
      args: Array.from({ length: 30 }, (_, at) => ({
        op: 'gte',
        field: ['urn', 'name', 'fqn', 'owners'][at % 4] ?? 'urn',
        value: `${'a'.repeat(at % 7)}`,
      })),
    };
    const query = sampleQuery({
      filter,
      facets: facetFields,
      sort: [{ field: 'name', isDescending: true }],
      limit: 20,
    });
    const work = async (): Promise<void> => expect((await index.search(query)).total.value).toBe(assets);
    expect(await longestPieceMs(3, work)).toBeLessThan(20);
  }, 120_000);
});
