import { describe, expect, it } from 'vitest';
import { registerSearchIndexTests } from '../../contract/search-index.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from '../../contract/search-samples.ts';
import { EmbeddedSearchIndex } from './embedded-search-index.ts';
import { TenantIndex } from './tenant-index.ts';

registerSearchIndexTests({
  name: 'embedded',
  runs: 300,
  create: async () => {
    const index = new EmbeddedSearchIndex();
    return { index, dispose: () => index.close() };
  },
});

describe('embedded search index', () => {
  const names = ['orders', 'customers', 'invoices', 'warehouse', 'shipments'];
  const nameOf = (urn: number, version: number): string =>
    `${names[(urn + version) % names.length]} n${urn}v${version}`;

  it('uses the memory of old versions again, and finds the same all the while', () => {
    const index = new TenantIndex();
    const found = (q: string): readonly string[] => urnsOf(index.search(sampleQuery({ q, limit: 1000 })));
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
    const index = new EmbeddedSearchIndex();
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
});
