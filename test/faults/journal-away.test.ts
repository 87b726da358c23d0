import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WireEvent } from '@pursight/client';
import type { JournalReport } from '../../server/journal/journal-report.ts';
import { eventually } from '../harness/eventually.ts';
import { addressOf, FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

const patient = { timeoutMs: 60_000 };
/** The in-memory tail holds next to nothing, so what comes back comes from the journal. */
const shortRing = { PURSIGHT_RING_MAX_AGE_MS: '1000' };

describeWithServices(['kafka', 'mongo', 'redis'], 'MongoDB is away for the node that writes the journal', (urls) => {
  const proxy = new FaultProxy(() => addressOf(urls.mongo));
  const began = new Date().toISOString();
  let cluster: HubCluster;
  let hub: HubProcess;
  let writer: HubProcess;
  let posted = 0;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'journal-away' });
    const database = new URL(cluster.environment['PURSIGHT_MONGO_URL'] ?? '').pathname;
    // a driver that asked the replica set for its members would go past the proxy
    const behind = `mongodb://127.0.0.1:${await proxy.listen()}${database}?directConnection=true`;
    hub = await cluster.start('hub', shortRing, ['--components', 'ingest,gateway,api']);
    writer = await cluster.start('writer', { PURSIGHT_MONGO_URL: behind }, ['--components', 'worker']);
  });
  afterAll(async () => {
    proxy.restore();
    await cluster?.dispose();
    await proxy.close();
  });

  async function post(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      posted += 1;
      const data = { asset: { type: 'table', name: 't', description: `said ${posted}` } };
      const event = { id: `${posted}`, type: 'gov.asset.updated', subject: `t-${posted % 3}`, data };
      expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
    }
  }

  async function report(): Promise<JournalReport> {
    return (await callApi(hub.url, '/v1/journal', { token: cluster.admin })).body as JournalReport;
  }

  async function behind(): Promise<number> {
    return (await report()).partitions.reduce((sum, { lag }) => sum + lag, 0);
  }

  /** Everything since the beginning, each once, as somebody gets it who asks for it now. */
  async function assertWhole(): Promise<void> {
    await eventually(async () => {
      const { holder, partitions } = await report();
      expect(holder).toBe('writer');
      expect(partitions.map(({ low, lag }) => [low, lag])).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }, patient);
    const reader = await cluster.listen(hub, 'reader');
    const feed = reader.hub.channel('assets', { since: began });
    const seen: WireEvent[] = [];
    const gaps: string[] = [];
    feed.on('event', (event) => seen.push(event));
    feed.on('gap', ({ reason }) => gaps.push(reason));
    await feed.live;
    expect(gaps).toEqual([]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(posted);
    expect(seen).toHaveLength(posted);
    reader.close();
  }

  it.each(['pause', 'refuse', 'cut'] as const)(
    'D2: %s: events go on, it is told how far the journal is behind, and nothing is missing from it afterwards',
    { timeout: 120_000 },
    async (fault) => {
      await post(20);
      await assertWhole();
      proxy[fault]();
      if (fault === 'refuse') proxy.cut();
      const awayUntilMs = performance.now() + 10_000;
      await post(30);
      if (fault !== 'cut') await eventually(async () => expect(await behind()).toBe(30), patient);
      while (fault !== 'cut' && performance.now() < awayUntilMs) await post(1);
      proxy.restore();
      await post(5);
      await assertWhole();
      expect(writer.log()).not.toMatch(/"level":(50|60)/u);
    },
  );

  it('D2: a writer that is killed while MongoDB is away leaves no hole behind', { timeout: 120_000 }, async () => {
    proxy.pause();
    await post(10);
    await writer.stop('SIGKILL');
    proxy.restore();
    await post(10);
    const { PURSIGHT_MONGO_URL: url } = cluster.environment;
    writer = await cluster.start('writer', { PURSIGHT_MONGO_URL: url ?? '' }, ['--components', 'worker']);
    await assertWhole();
  });
});
