import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createHub, type LiveSearch } from '@pursight/client';
import { MeilisearchIndex } from '../../adapters/meilisearch/meilisearch-index.ts';
import { eventually } from '../harness/eventually.ts';
import { FaultyHttp, type HttpFault } from '../harness/faulty-http.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { MeiliStandIn } from '../harness/meili-stand-in/meili-stand-in.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

const { PURSIGHT_TEST_MEILI_URL: given, PURSIGHT_TEST_MEILI_KEY: givenKey = '' } = process.env;

describeWithServices(['kafka', 'mongo', 'redis'], 'live searches on an index of all nodes', (urls) => {
  const standIn = new MeiliStandIn();
  const key = given === undefined ? standIn.key : givenKey;
  let proxy: FaultyHttp;
  let cluster: HubCluster;
  let node: HubProcess;
  let direct: string;
  let client: ReturnType<typeof createHub>;

  beforeAll(async () => {
    direct = given ?? (await standIn.start());
    proxy = new FaultyHttp(direct);
    const meili = { PURSIGHT_MEILI_URL: await proxy.start(), PURSIGHT_MEILI_KEY: key };
    cluster = createHubCluster({ ...urls, name: 'livesearch' });
    node = await cluster.start('node-1', meili);
    client = createHub({ url: node.url, token: cluster.admin });
  });
  afterEach(() => void (proxy.fault = 'none'));
  afterAll(async () => {
    client?.close();
    await cluster.dispose();
    await proxy.stop();
    const clock = { now: () => Date.now() };
    const index = new MeilisearchIndex({ url: direct, key, deployment: cluster.prefix, clock });
    await index.clear();
    await index.close();
    if (given === undefined) await standIn.stop();
  });

  let serial = 0;
  async function put(subject: string, asset: object = {}): Promise<void> {
    const data = { asset: { type: 'table', name: subject, ...asset } };
    const event = { id: `l${++serial}`, type: 'gov.asset.updated', subject, data };
    expect(await postCloudEvent(node.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  }
  const names = ({ hits }: Pick<LiveSearch, 'hits'>): readonly string[] => hits.map(({ entity }) => entity.name);
  const current = (search: LiveSearch, expected: readonly string[]): Promise<void> =>
    eventually(() => expect([names(search), search.staleMs]).toEqual([expected, undefined]), { timeoutMs: 40_000 });

  it('R20 no list changes while the index is built anew and replaced under load', async () => {
    for (let i = 0; i < 8; i++) await put(`orders_${i}`);
    const search = client.search('orders', { sort: ['name'], limit: 5, facets: ['type'] });
    await search.live;
    await eventually(() =>
      expect([names(search), search.total.value]).toEqual([
        ['orders_0', 'orders_1', 'orders_2', 'orders_3', 'orders_4'],
        8,
      ]),
    );
    const changed: unknown[] = [];
    search.on('change', ({ changes }) => changed.push(...changes));
    let isOver = false;
    const load = (async () => {
      for (let i = 0; !isOver; i++) await put(`other_${i % 20}`, { description: `v${i}` });
    })();
    const environment = { PURSIGHT_URL: node.url, PURSIGHT_TOKEN: cluster.admin };
    for (let round = 0; round < 2; round++)
      expect(await runCli(['search', 'rebuild'], { environment })).toMatchObject({ code: 0 });
    isOver = true;
    await load;
    expect(changed).toEqual([]);
    expect([search.total.value, search.status]).toEqual([8, 'live']);
    await put('orders_0a');
    await current(search, ['orders_0', 'orders_0a', 'orders_1', 'orders_2', 'orders_3']);
    search.close();
  }, 90_000);

  it.each<HttpFault>([503, 403, 429, 'garbage', 'endless', 'broken', 'silent'])(
    'R16 while the server answers with %s hits change and leave, and what was missed comes after it',
    async (fault) => {
      const word = `word${fault}x`.replaceAll(/[^a-z0-9]/g, '');
      for (const each of ['a', 'b', 'c']) await put(`${word} ${each}`);
      const search = client.search(word, { sort: ['name'], limit: 2, facets: ['type'] });
      await search.live;
      await current(search, [`${word} a`, `${word} b`]);
      // the third is known, too
      await eventually(() => expect(search.total.value).toBe(3));
      proxy.fault = fault;
      await put(`${word} b`, { description: 'another' });
      await put(`${word} a`, { status: 'deprecated', name: 'gone' });
      await eventually(() => expect(names(search)).toEqual([`${word} b`, `${word} c`]), { timeoutMs: 5000 });
      await put(`${word} aa`);
      const { status, body } = await callApi(node.url, `/v1/search?q=${word}`, { token: cluster.admin });
      expect([status, JSON.stringify(body)]).toEqual([503, expect.stringContaining('storage-unavailable')]);
      // nothing of where it is, or of what it said
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|not now/);
      proxy.fault = 'none';
      await current(search, [`${word} aa`, `${word} b`]);
      expect(search.total.value).toBe(3);
      search.close();
    },
    120_000,
  );
});
