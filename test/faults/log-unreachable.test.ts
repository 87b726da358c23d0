import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { noticesOf } from '../harness/notices.ts';
import { canRunBroker, startOwnBroker } from '../setup/own-broker.ts';
import type { OwnServer } from '../setup/own-server.ts';
import { describeWithServices } from '../setup/services.ts';

const possible = await canRunBroker();

describeWithServices(['kafka', 'mongo', 'redis'], 'the broker of the log is killed', (urls) => {
  let broker: OwnServer;
  let cluster: HubCluster;
  let hubs: readonly HubProcess[];

  beforeAll(async () => {
    if (!possible) return;
    broker = await startOwnBroker();
    cluster = createHubCluster({ ...urls, kafka: broker.url, name: 'unreachable' });
    hubs = [await cluster.start('one'), await cluster.start('two')];
  }, 120_000);
  afterAll(async () => {
    await cluster?.dispose();
    await broker?.dispose();
  }, 60_000);

  const post = async (index: number): Promise<void> => {
    const data = { asset: { type: 'table', name: `t-${index}` } };
    const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
    const url = hubs[index % 2]?.url ?? '';
    expect(await postCloudEvent(url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };
  const metric = async (hub: HubProcess, name: string): Promise<number> => {
    const { text } = await callApi(hub.url, '/metrics');
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  };

  it.skipIf(!possible)(
    'D2: clients stay and are told; what is taken in meanwhile comes afterwards, each once, without a gap',
    async () => {
      const clients = await Promise.all(hubs.map((hub, index) => cluster.listen(hub, `reader-${index}`)));
      const notices = clients.map(({ hub }) => noticesOf(hub));
      for (let index = 0; index < 10; index++) await post(index);
      for (const client of clients) await eventually(() => expect(client.events).toHaveLength(10));

      await broker.kill();
      for (let index = 10; index < 30; index++) await post(index);
      for (const codes of notices) await eventually(() => expect(codes).toEqual(['stale']), { timeoutMs: 30_000 });
      expect(clients.map(({ hub }) => hub.status)).toEqual(['live', 'live']);
      expect(await metric(hubs[0] as HubProcess, 'pursight_outbox_rows')).toBeGreaterThanOrEqual(10);

      await broker.restart();
      const all = Array.from({ length: 30 }, (_, index) => `urn:gov:bank:t-${index}`).toSorted();
      for (const [index, client] of clients.entries()) {
        await eventually(() => expect(client.events.map(({ subject }) => subject).toSorted()).toEqual(all), {
          timeoutMs: 60_000,
        });
        expect(notices[index]).toEqual(['stale', 'fresh']);
        expect(client.gaps).toEqual([]);
      }
      for (const hub of hubs) {
        for (const name of ['pursight_log_lag', 'pursight_outbox_rows'])
          await eventually(async () => expect(await metric(hub, name)).toBe(0));
      }
    },
    180_000,
  );
});
