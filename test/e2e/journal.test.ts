import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JournalReport } from '../../server/journal/journal-report.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

describeWithServices(['kafka', 'mongo', 'redis'], 'the journal of a cluster', ({ kafka, mongo, redis }) => {
  let cluster: HubCluster;
  let client: MongoClient;
  const hubs = new Map<string, HubProcess>();

  beforeAll(async () => {
    cluster = createHubCluster({ kafka, mongo, redis, name: 'journal', partitions: 3 });
    client = await new MongoClient(cluster.environment['PURSIGHT_MONGO_URL'] ?? '').connect();
    for (const node of ['one', 'two']) hubs.set(node, await cluster.start(node));
  });
  afterAll(async () => {
    await cluster.dispose();
    await client.db().dropDatabase();
    await client.close();
  });

  async function report(hub: HubProcess): Promise<JournalReport> {
    return (await callApi(hub.url, '/v1/journal', { token: cluster.admin })).body as JournalReport;
  }

  let posted = 0;
  async function post(hub: HubProcess, count: number): Promise<void> {
    for (let i = 0; i < count; i++, posted++) {
      const asset = { type: 'table', name: `t/${posted}` };
      const event = { id: `e${posted}`, type: 'gov.asset.created', subject: `t/${posted}`, data: { asset } };
      expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
    }
  }

  /** Everything that the log has, each once. */
  async function isWhole(hub: HubProcess): Promise<void> {
    await eventually(async () => {
      const { partitions } = await report(hub);
      expect(partitions.map(({ low, lag }) => [low, lag])).toEqual([0, 1, 2].map(() => [0, 0]));
      expect(partitions.reduce((sum, { high }) => sum + high, 0)).toBeGreaterThanOrEqual(posted);
    });
    const rows = await client.db().collection<{ readonly text: string }>('events').find().toArray();
    const subjects = rows.map(({ text }) => (JSON.parse(text) as { readonly subject: string }).subject);
    expect(new Set(subjects).size).toBe(posted);
    expect(rows).toHaveLength(posted);
  }

  it('has every event, whichever node took it in', async () => {
    for (const hub of hubs.values()) await post(hub, 10);
    for (const hub of hubs.values()) await isWhole(hub);
  });

  it('is written on by another node when the one that wrote it is killed', async () => {
    const [hub] = hubs.values();
    const { holder } = await report(hub as HubProcess);
    expect([...hubs.keys()]).toContain(holder);
    const survivor = [...hubs.entries()].find(([node]) => node !== holder)?.[1] as HubProcess;
    await post(survivor, 5);
    await hubs.get(holder ?? '')?.stop('SIGKILL');
    await post(survivor, 20);
    await eventually(async () => {
      const taken = await report(survivor);
      expect(taken.holder).not.toBe(holder);
      expect(taken.holder).not.toBeNull();
    });
    await isWhole(survivor);
    expect(survivor.log()).not.toMatch(/"level":50/u);
  });
});
