import { afterAll, beforeAll, expect, it } from 'vitest';
import { samplesOf, shapeOf } from '../harness/doc-samples.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { MeiliStandIn } from '../harness/meili-stand-in/meili-stand-in.ts';
import { MeilisearchIndex } from '../../adapters/meilisearch/meilisearch-index.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

interface Found {
  readonly hits: readonly { readonly entity: { readonly name: string } }[];
}

const { PURSIGHT_TEST_MEILI_URL: given, PURSIGHT_TEST_MEILI_KEY: givenKey = '' } = process.env;

describeWithServices(['kafka', 'mongo', 'redis'], 'search of two nodes with one index', (urls) => {
  const standIn = new MeiliStandIn();
  let cluster: HubCluster;
  let meili: { readonly PURSIGHT_MEILI_URL: string; readonly PURSIGHT_MEILI_KEY: string };
  let hubs: HubProcess[];

  beforeAll(async () => {
    meili =
      given === undefined
        ? { PURSIGHT_MEILI_URL: await standIn.start(), PURSIGHT_MEILI_KEY: standIn.key }
        : { PURSIGHT_MEILI_URL: given, PURSIGHT_MEILI_KEY: givenKey };
    cluster = createHubCluster({ ...urls, name: 'search' });
    const first = await cluster.start('node-1', meili);
    hubs = [first, await cluster.start('node-2', meili)];
  });
  afterAll(async () => {
    await cluster.dispose();
    const { PURSIGHT_MEILI_URL: url, PURSIGHT_MEILI_KEY: key } = meili;
    const index = new MeilisearchIndex({ url, key, deployment: cluster.prefix, clock: { now: () => Date.now() } });
    await index.clear();
    await index.close();
    if (given === undefined) await standIn.stop();
  });

  let serial = 0;
  async function put(hub: HubProcess, subject: string, asset: object = {}): Promise<void> {
    const data = { asset: { type: 'table', name: subject, ...asset } };
    const event = { id: `s${++serial}`, type: 'gov.asset.updated', subject, data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  }

  async function names(hub: HubProcess, q: string): Promise<readonly string[]> {
    const { status, body } = await callApi(hub.url, `/v1/search?q=${encodeURIComponent(q)}`, { token: cluster.admin });
    expect(status).toBe(200);
    return (body as Found).hits.map(({ entity }) => entity.name).toSorted();
  }

  const run = (hub: HubProcess, ...args: readonly string[]) =>
    runCli(args, { environment: { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: cluster.admin } });
  const writer = async (): Promise<string> =>
    String(
      ((await callApi(at(1).url, '/v1/search/index', { token: cluster.admin })).body as { writer: unknown }).writer,
    );
  const at = (index: number): HubProcess => hubs[index] ?? expect.unreachable('two hubs');

  it('every node finds what came in at any of them, and says how the index is', async () => {
    await put(at(0), 'customer_orders', { domain: 'retail', description: 'Orders of customers' });
    await put(at(1), 'customerAccounts');
    for (const hub of hubs)
      await eventually(async () =>
        expect(await names(hub, 'custoemr')).toEqual(['customerAccounts', 'customer_orders']),
      );
    const { body } = await callApi(at(1).url, '/readyz');
    expect(body).toMatchObject({ ready: true, status: 'ok', dependencies: { search: 'up' } });
    const { out } = await run(at(1), 'search', 'status');
    expect(out).toMatch(/^engine: +meilisearch\nstate: +up\ndocuments: +2\nbehind: +0 events\nwritten by: node-1$/m);
    const { text } = await callApi(at(0).url, '/metrics');
    expect(text).toMatch(/^pursight_search_writing 1$/m);
    expect(text).toMatch(/^pursight_dependency_up\{dependency="search"\} 1$/m);
    expect(text).toMatch(/^pursight_search_batch_seconds_count [1-9]/m);
  });

  it('builds it again and compares it, ordered at a node that does not write it', async () => {
    expect(await run(at(1), 'search', 'rebuild')).toMatchObject({ code: 0, out: 'rebuild done: documents 2\n' });
    expect(await run(at(1), 'search', 'verify')).toMatchObject({
      ...{ code: 0, err: '' },
      out: 'verify done: checked 2, missing 0, outdated 0, surplus 0\n',
    });
    expect(await names(at(1), 'customer')).toHaveLength(2);
    const [{ args, output } = expect.unreachable('docs/search.md has a sample')] = samplesOf('docs/search.md');
    const buildIn = (text: string): string => /^build: +(\S+)$/m.exec(text)?.[1] ?? '';
    const { out } = await run(at(1), ...args);
    expect(shapeOf(out, { [buildIn(out)]: buildIn(output) })).toEqual(shapeOf(output));
  });

  it('doctor sees the server and the index', async () => {
    const environment = { ...cluster.environment, ...meili, PURSIGHT_URL: at(1).url };
    const { out } = await runCli(['doctor'], { environment });
    expect(out).toMatch(/^ok {3}meilisearch: reachable, version 1\.50\.\d+$/m);
    expect(out).toMatch(/^ok {3}search index: 2 documents, build \S+$/m);
    const wrong = await runCli(['doctor'], {
      environment: { ...environment, PURSIGHT_MEILI_KEY: 'another-key-of-16b' },
    });
    expect(wrong.out).toMatch(/^FAIL meilisearch: cannot use it: .*PURSIGHT_MEILI_KEY/m);
  });

  it('goes on at another node when the writer is killed', async () => {
    await at(0).stop('SIGKILL');
    await put(at(1), 'late_orders');
    await eventually(async () => expect(await names(at(1), 'late')).toEqual(['late_orders']), { timeoutMs: 40_000 });
    expect(await writer()).toBe('node-2');
    expect(await names(at(1), 'customer')).toHaveLength(2);
  });

  it.skipIf(given !== undefined)('answers all but searches while the server is away, and says so', async () => {
    standIn.isDown = true;
    await put(at(1), 'while_away');
    await eventually(async () => {
      const { body } = await callApi(at(1).url, '/readyz');
      expect(body).toMatchObject({ ready: true, status: 'degraded', dependencies: { search: 'down' } });
    });
    const { status, body } = await callApi(at(1).url, '/v1/search?q=late', { token: cluster.admin });
    expect([status, body]).toMatchObject([503, { code: 'storage-unavailable' }]);
    const { detail } = body as { readonly detail: string };
    expect(detail).not.toMatch(/meili|127\.0\.0\.1/i);
    standIn.isDown = false;
    await eventually(async () => expect(await names(at(1), 'while')).toEqual(['while_away']), { timeoutMs: 30_000 });
  });
});
