import { expect, it } from 'vitest';
import type { IndexHit, SearchIndex } from '../../channels/ports/search-index.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from './search-samples.ts';

/** Documents come, change and go. */
export function registerSearchApplyTests(opened: () => SearchIndex): void {
  const found = async (q: string, tenant = 'acme') => urnsOf(await opened().search(sampleQuery({ q, tenant })));

  it('is empty at first, and says that it has nothing of the log', async () => {
    const index = opened();
    expect(await index.position()).toBeUndefined();
    expect(await index.count()).toBe(0);
    expect(await index.search(sampleQuery({ q: 'orders', facets: ['type'] }))).toMatchObject({
      hits: [],
      total: { value: 0, relation: 'exact' },
      facets: { type: [] },
      position: undefined,
    });
  });

  it('shows a batch when it has taken it, with the position that is reached', async () => {
    const index = opened();
    const position = { epoch: 'one', vector: [3, 0] };
    await index.apply({ rows: [sampleRow('urn:a', { version: 7 })], removed: [], position });
    const result = await index.search(sampleQuery({ q: 'orders' }));
    expect([result.hits, result.position]).toEqual([[{ urn: 'urn:a', version: 7 }], position]);
    expect([await index.position(), await index.count()]).toEqual([position, 1]);
    await putRows(index, [sampleRow('urn:b')]);
    expect(await index.position()).toEqual(position);
  });

  it('replaces a document by its next version, and leaves nothing of the one before', async () => {
    await putRows(opened(), [sampleRow('urn:a', { name: 'invoices', owners: [{ id: 'ada', type: 'user' }] })]);
    await putRows(opened(), [sampleRow('urn:a', { version: 2, name: 'orders' })]);
    expect([await found('invoices'), await found('orders'), await opened().count()]).toEqual([[], ['urn:a'], 1]);
    const byOwner = sampleQuery({ filter: { op: 'eq', field: 'owners', value: 'ada' }, facets: ['owners'] });
    expect(await opened().search(byOwner)).toMatchObject({ hits: [], facets: { owners: [] } });
  });

  it('takes the same again, and passes over what is older', async () => {
    const [older, newer] = [1, 2].map((version) => sampleRow('urn:a', { version, name: `v${version}` }));
    for (const row of [newer, newer, older]) if (row !== undefined) await putRows(opened(), [row]);
    expect(await opened().search(sampleQuery({ q: 'v2' }))).toMatchObject({ hits: [{ urn: 'urn:a', version: 2 }] });
    expect([await found('v1'), await opened().count()]).toEqual([[], 1]);
    const removed = [{ tenant: 'acme', urn: 'urn:a', version: 1 }];
    const rows = older === undefined ? [] : [older];
    expect([await opened().apply({ rows: [], removed }), await opened().apply({ rows, removed: [] })]).toEqual([
      { stale: 1, refused: [] },
      { stale: 1, refused: [] },
    ]);
    expect(await found('v2')).toEqual(['urn:a']);
  });

  it('removes what is gone, also what was never there', async () => {
    await putRows(opened(), [sampleRow('urn:a'), sampleRow('urn:b')]);
    const removed = ['urn:a', 'urn:never'].map((urn) => ({ tenant: 'acme', urn, version: 2 }));
    await opened().apply({ rows: [], removed });
    expect([await found('orders'), await opened().count()]).toEqual([['urn:b'], 1]);
    await putRows(opened(), [sampleRow('urn:a', { version: 3 })]);
    expect((await found('orders')).toSorted()).toEqual(['urn:a', 'urn:b']);
  });

  it('sends nothing for a writer whose time is over', async () => {
    const over = AbortSignal.abort(new Error('the claim has ended'));
    await expect(opened().apply({ rows: [sampleRow('urn:a')], removed: [] }, over)).rejects.toThrow(
      'the claim has ended',
    );
    expect([await found('orders'), await opened().count()]).toEqual([[], 0]);
  });

  it('lists what it has, page by page', async () => {
    const urns = Array.from({ length: 5 }, (_, index) => `urn:${index}`);
    await putRows(opened(), [
      ...urns.map((urn, index) => sampleRow(urn, { version: index + 1 })),
      sampleRow('urn:x', {}, 'globex'),
    ]);
    const listed: IndexHit[] = [];
    let after: string | undefined;
    do {
      const { hits, next } = await opened().list('acme', after, 2);
      expect(hits.length).toBeLessThanOrEqual(2);
      listed.push(...hits);
      after = next;
    } while (after !== undefined);
    expect(listed.toSorted((one, other) => compareText(one.urn, other.urn))).toEqual(
      urns.map((urn, index) => ({ urn, version: index + 1 })),
    );
    expect(await opened().list('other', undefined, 2)).toEqual({ hits: [], next: undefined });
    expect(await opened().versions('acme', ['urn:3', 'urn:x', 'urn:0'])).toEqual([4, undefined, 1]);
    expect(await opened().versions('other', ['urn:3'])).toEqual([undefined]);
  });

  it('is as new when it was cleared', async () => {
    const index = opened();
    const batch = { rows: [sampleRow('urn:a', { version: 5 })], removed: [], position: { epoch: 'one', vector: [1] } };
    await index.apply(batch);
    await index.clear();
    expect([await index.position(), await index.count(), await found('')]).toEqual([undefined, 0, []]);
    await putRows(index, [sampleRow('urn:a', { version: 1 })]);
    expect(await found('orders')).toEqual(['urn:a']);
  });

  it('keeps tenants apart, also where urns are the same', async () => {
    await putRows(opened(), [sampleRow('urn:a', { name: 'ours' }), sampleRow('urn:a', { name: 'theirs' }, 'globex')]);
    expect([await found('ours'), await found('theirs'), await found('theirs', 'globex')]).toEqual([
      ['urn:a'],
      [],
      ['urn:a'],
    ]);
    await opened().apply({ rows: [], removed: [{ tenant: 'globex', urn: 'urn:a', version: 9 }] });
    expect([await found('ours'), await found('', 'globex'), await found('', 'other')]).toEqual([['urn:a'], [], []]);
  });
}
