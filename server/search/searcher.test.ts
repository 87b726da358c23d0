import { beforeEach, describe, expect, it } from 'vitest';
import { putRows } from '../../adapters/contract/search-samples.ts';
import { sampleAlert, sampleAsset } from '../../adapters/contract/samples.ts';
import { EmbeddedSearchIndex } from '../../adapters/embedded/search/embedded-search-index.ts';
import type { AssetDocument, CatalogDocument } from '../../channels/catalog/document.ts';
import { classOf } from '../../channels/policy/policy-class.ts';
import type { IndexQuery, IndexResult } from '../../channels/ports/search-index.ts';
import { indexRowOf } from '../../channels/search/index-row.ts';
import { parseSearchRequest } from '../../channels/search/search-request.ts';
import { metricValue } from '../../test/harness/silence.ts';
import { MemoryDocuments } from '../../test/harness/test-node.ts';
import { testIndex } from '../../test/harness/test-index.ts';
import { testStopwatch, testTurns } from '../../test/harness/test-turns.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { Searcher } from './searcher.ts';

const policy = {
  version: 1,
  roles: { all: [{ allow: 'read' as const }], retail: [{ allow: 'read' as const, where: { domain: 'retail' } }] },
};
const who = { tenant: 'acme', sub: 'ada', claims: {}, expiresAtMs: 0 };

let documents: MemoryDocuments;
let index: EmbeddedSearchIndex;
let metrics: Metrics;
let searcher: Searcher;
beforeEach(() => {
  documents = new MemoryDocuments();
  index = testIndex();
  metrics = createMetrics();
  searcher = new Searcher({ index, store: documents.store, turns: testTurns(), clock: testStopwatch, metrics });
});

async function put(...all: readonly CatalogDocument[]): Promise<void> {
  for (const document of all) documents.put(document);
  await putRows(
    index,
    all.map((document) => indexRowOf(document, document.head).row),
  );
}

function asset(name: string, fields: Partial<Omit<AssetDocument, 'head'>> = {}): AssetDocument {
  return sampleAsset('acme', `urn:${name}`, { name, ...fields });
}

interface Answer {
  readonly hits: readonly { readonly entity: { readonly urn: string }; readonly highlights?: readonly object[] }[];
  readonly total: object;
  readonly facets: object;
}

async function search(asked: object, roles: readonly string[] = ['all']): Promise<Answer & { readonly urns: string }> {
  const { members } = await searcher.search(parseSearchRequest(asked), classOf(policy, { ...who, roles }));
  const answer = JSON.parse(`{${members}}`) as Answer;
  return { ...answer, urns: answer.hits.map(({ entity }) => entity.urn.slice(4)).join(' ') };
}

describe('Searcher', () => {
  it('gives entities with highlights, totals and facets', async () => {
    await put(asset('orders', { domain: 'retail', description: 'Every order' }), asset('invoices'));
    expect(await search({ q: 'order', facets: ['domain'] })).toMatchObject({
      hits: [
        {
          entity: {
            kind: 'asset',
            type: 'table',
            name: 'orders',
            domain: 'retail',
            status: 'active',
            urn: 'urn:orders',
          },
          highlights: [
            { field: 'name', text: 'orders', ranges: [[0, 5]] },
            { field: 'description', text: 'Every order', ranges: [[6, 11]] },
          ],
        },
      ],
      total: { value: 1, relation: 'exact' },
      facets: { domain: [{ value: 'retail', count: 1 }] },
    });
    const [hit] = (await search({ q: 'order', highlight: false })).hits;
    expect(Object.keys(hit ?? {})).toEqual(['entity']);
  });

  it('finds what the channel names', async () => {
    await put(asset('orders'), sampleAlert('acme', 'urn:late', { name: 'late orders' }));
    expect([(await search({ q: 'orders' })).urns, (await search({ q: 'orders', channel: 'alerts' })).urns]).toEqual([
      'orders',
      'late',
    ]);
  });

  it('P12 shows and counts nothing that the caller may not read', async () => {
    await put(asset('orders', { domain: 'retail' }), asset('orders2', { domain: 'secret' }));
    const asked = { q: 'orders', facets: ['domain'] };
    expect(await search(asked, ['retail'])).toMatchObject({
      ...{ urns: 'orders', total: { value: 1 } },
      facets: { domain: [{ value: 'retail', count: 1 }] },
    });
    expect(await search(asked, ['stranger'])).toMatchObject({ urns: '', total: { value: 0 }, facets: { domain: [] } });
  });

  it('D8 P12 judges documents as they are now, not as the index has them', async () => {
    const names = ['moved', 'deleted', 'renamed', 'kept'];
    await put(...names.map((name) => asset(name, { domain: 'retail', terms: ['orders'] })));
    documents.put(asset('moved', { version: 2, domain: 'secret', terms: ['orders'] }));
    documents.put(asset('deleted', { version: 2, domain: 'retail', terms: ['orders'], status: 'deleted' }));
    documents.put(asset('renamed', { version: 2, domain: 'retail' }));
    expect(await search({ q: 'orders' }, ['retail'])).toMatchObject({ urns: 'kept', total: { value: 1 } });
    expect(await metricValue(metrics, 'searchHitsRefused')).toBe(3);
  });

  it('looks behind hits that it refused', async () => {
    const names = Array.from({ length: 8 }, (_, number) => `orders${number}`);
    await put(...names.map((name) => asset(name)));
    const all = (await search({ q: 'orders' })).urns.split(' ');
    for (const name of all.slice(0, 2)) documents.put(asset(name, { version: 2, status: 'deleted' }));
    expect(await search({ q: 'orders', limit: 3 })).toMatchObject({
      urns: all.slice(2, 5).join(' '),
      total: { value: 6 },
    });
  });

  it('ranks by what documents are now', async () => {
    await put(asset('one', { terms: ['orders'] }), asset('two', { description: 'orders' }));
    expect((await search({ q: 'orders' })).urns).toBe('one two');
    documents.put(asset('two', { version: 2, aliases: ['orders'] }));
    expect((await search({ q: 'orders' })).urns).toBe('two one');
  });

  it('says which documents it handed over', async () => {
    await put(asset('orders', { version: 4 }), asset('invoices'));
    const { delivered } = await searcher.search(
      parseSearchRequest({ q: 'orders' }),
      classOf(policy, { ...who, roles: ['all'] }),
    );
    expect(delivered).toEqual([{ entity: 'acme|urn:orders', version: 4 }]);
  });

  it('rejects when the store is away', async () => {
    await put(asset('orders'));
    documents.failing = true;
    await expect(search({ q: 'orders' })).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('P12 ranks more than it shows where the engine does not rank as the hub, and counts what it loaded', async () => {
    const asked: number[] = [];
    /** The best are among the first, in another order. */
    class NearlyRanked extends EmbeddedSearchIndex {
      override readonly engine = { name: 'nearly', isShared: false, form: '', isRanked: false };
      override async search(query: IndexQuery): Promise<IndexResult> {
        asked.push(query.limit);
        const { hits, ...rest } = await super.search(query);
        return { ...rest, hits: hits.toReversed(), total: { value: 0, relation: 'atLeast' }, facets: {} };
      }
    }
    index = new NearlyRanked({ turns: testTurns(), clock: testStopwatch });
    searcher = new Searcher({ index, store: documents.store, turns: testTurns(), clock: testStopwatch, metrics });
    for (let i = 0; i < 40; i++) await put(asset(`orders_of_${i}`, i === 7 ? { name: 'orders' } : {}));
    expect(await search({ q: 'orders', limit: 1 })).toMatchObject({
      urns: 'orders_of_7',
      total: { value: 40, relation: 'atLeast' },
    });
    await search({ q: 'orders', limit: 50 });
    expect(asked).toEqual([100, 200]);
  });
});
