import { expect, it } from 'vitest';
import { maxFacetValues, type SearchIndex } from '../../channels/ports/search-index.ts';
import type { Requirement } from '../../channels/search/attributes.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from './search-samples.ts';

/** What a search finds, in which order, and what it counts. */
export function registerSearchQueryTests(opened: () => SearchIndex, forgivesTyposInHiddenTexts: boolean): void {
  it('puts the best first: words, typos, one place, level, and the name as it was asked for', async () => {
    const names = ['customer orders', 'customer orders archive', 'customers of order'];
    await putRows(opened(), [
      ...names.map((name, index) => sampleRow(`urn:${index}`, { name })),
      sampleRow('urn:3', { name: 'x', terms: ['customer orders'] }),
      sampleRow('urn:4', { name: 'x', description: 'customer orders' }),
      sampleRow('urn:5', { name: 'customer', description: 'orders' }),
    ]);
    const result = await opened().search(sampleQuery({ q: 'customer orders ' }));
    expect(urnsOf(result)).toEqual(['urn:0', 'urn:1', 'urn:3', 'urn:4', 'urn:5', 'urn:2']);
  });

  it('forgives typos as Meilisearch does', async () => {
    await putRows(opened(), [sampleRow('urn:a', { name: 'warehouse' }), sampleRow('urn:b', { name: 'order items' })]);
    const found = async (q: string) => urnsOf(await opened().search(sampleQuery({ q })));
    expect(await found('wraehosue ')).toEqual(['urn:a']);
    expect(await found('xarehouse ')).toEqual(['urn:a']);
    expect(await found('xarehuose ')).toEqual([]);
    expect(await found('warheou')).toEqual(['urn:a']);
    expect(await found('orderitems')).toEqual(['urn:b']);
    expect(await found('ordre itmes')).toEqual(['urn:b']);
    expect(await found('ordr')).toEqual([]);
  });

  it('sorts equals by what is asked for, what has none last, and then always in the same order', async () => {
    const platforms = ['kafka', undefined, 'Hive', 'kafka'];
    const rows = platforms.map((platform, index) =>
      sampleRow(`urn:${index}`, platform === undefined ? {} : { platform }),
    );
    await putRows(opened(), rows);
    const sorted = async (isDescending: boolean) =>
      urnsOf(await opened().search(sampleQuery({ q: 'orders', sort: [{ field: 'platform', isDescending }] })));
    const kafka = rows.filter(({ head }) => head.platform === 'kafka').toSorted((a, b) => a.ord - b.ord);
    const ofKafka = kafka.map(({ urn }) => urn);
    expect(await sorted(false)).toEqual(['urn:2', ...ofKafka, 'urn:1']);
    expect(await sorted(true)).toEqual([...ofKafka, 'urn:2', 'urn:1']);
  });

  it('P12 keeps the order of two documents, whatever others come and go', async () => {
    const two = [
      sampleRow('urn:a', { terms: ['customer orders'] }),
      sampleRow('urn:b', { terms: ['customer orders'] }),
    ];
    await putRows(opened(), two);
    const ordered = async () => {
      const hits = urnsOf(await opened().search(sampleQuery({ q: 'customer' })));
      return hits.filter((urn) => urn === 'urn:a' || urn === 'urn:b');
    };
    const before = await ordered();
    const others = Array.from({ length: 50 }, (_, index) =>
      sampleRow(`urn:${index}`, { name: 'customer', domain: 'x' }),
    );
    await putRows(opened(), others);
    expect(await ordered()).toEqual(before);
    await putRows(
      opened(),
      two.toReversed().map((row) => ({ ...row, version: 2 })),
    );
    const removed = others.map(({ urn }) => ({ tenant: 'acme', urn, version: 2 }));
    await opened().apply({ rows: [], removed });
    expect(await ordered()).toEqual(before);
  });

  it('counts all that match, not only what it gives', async () => {
    const rows = Array.from({ length: 30 }, (_, index) =>
      sampleRow(`urn:${index}`, { domain: index % 3 === 0 ? 'sales' : 'risk', owners: [{ id: 'ada', type: 'user' }] }),
    );
    await putRows(opened(), rows);
    const result = await opened().search(
      sampleQuery({ q: 'orders', facets: ['domain', 'owners', 'platform'], limit: 2 }),
    );
    expect(result.hits).toHaveLength(2);
    expect(result.total).toEqual({ value: 30, relation: 'exact' });
    expect(result.facets).toEqual({
      domain: [
        { value: 'risk', count: 20 },
        { value: 'sales', count: 10 },
      ],
      owners: [{ value: 'ada', count: 30 }],
      platform: [],
    });
  });

  it('gives the most frequent values of a field with many', async () => {
    const rows = Array.from({ length: maxFacetValues + 20 }, (_, index) =>
      sampleRow(`urn:${index}`, { domain: `d${index}` }),
    );
    await putRows(opened(), [...rows, sampleRow('urn:more', { domain: 'd119' })]);
    const { facets } = await opened().search(sampleQuery({ facets: ['domain'] }));
    expect(facets.domain).toHaveLength(maxFacetValues);
    expect(facets.domain?.slice(0, 3)).toEqual([
      { value: 'd119', count: 2 },
      { value: 'd0', count: 1 },
      { value: 'd1', count: 1 },
    ]);
  });

  it('P12 counts and finds nothing that the class may not read', async () => {
    await putRows(opened(), [sampleRow('urn:a', { domain: 'sales' }), sampleRow('urn:b', { domain: 'secret' })]);
    const grants = { op: 'eq', field: 'domain', value: 'sales' } as const;
    expect(await opened().search(sampleQuery({ q: 'orders', grants, facets: ['domain'] }))).toMatchObject({
      hits: [{ urn: 'urn:a' }],
      total: { value: 1 },
      facets: { domain: [{ value: 'sales', count: 1 }] },
    });
  });

  it('knows words, fields and values only for those that meet their requirement', async () => {
    const row = sampleRow('urn:a', { platform: 'kafka' });
    const hidden = { field: 'columns', level: 2, requirement: 3, text: 'salary' } as const;
    const { platform, ...open } = row.head;
    await putRows(opened(), [
      {
        ...row,
        texts: [...row.texts, hidden],
        visible: [
          { requirement: 0, fields: open },
          { requirement: 3, fields: { platform } },
        ],
      },
    ]);
    const found = async (requirements: readonly Requirement[], fields: Parameters<typeof sampleQuery>[0]) => {
      const { total, facets } = await opened().search(sampleQuery({ requirements, facets: ['platform'], ...fields }));
      return [total.value, facets.platform?.length];
    };
    const onKafka = { op: 'eq', field: 'platform', value: 'kafka' } as const;
    const onNone = { op: 'eq', field: 'platform', value: null } as const;
    for (const [fields, without, having] of [
      [{ q: 'salary' }, 0, 1],
      ...(forgivesTyposInHiddenTexts ? ([[{ q: 'salray ' }, 0, 1]] as const) : []),
      [{ q: 'orders -salary' }, 1, 0],
      [{ filter: onKafka }, 0, 1],
      [{ filter: onNone }, 1, 0],
      [{ grants: onKafka }, 1, 1],
    ] as const) {
      expect([fields, await found([0], fields)]).toEqual([fields, [without, 0]]);
      expect([fields, await found([0, 3], fields)]).toEqual([fields, [having, having]]);
    }
    expect(await found([], { q: 'orders' })).toEqual([1, 0]);
  });
}
