import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { noticesOf } from '../harness/notices.ts';
import { type ProxiedServer, startProxiedBroker } from '../harness/proxied-server.ts';
import { canRunBroker } from '../setup/own-broker.ts';
import { describeWithServices } from '../setup/services.ts';

const possible = await canRunBroker();
const awayMs = 10_000;

describeWithServices(['mongo', 'redis'], 'Kafka falls silent for ten seconds', (urls) => {
  let broker: ProxiedServer;
  let cluster: HubCluster;
  let hub: HubProcess;

  beforeAll(async () => {
    if (!possible) return;
    broker = await startProxiedBroker();
    cluster = createHubCluster({ ...urls, kafka: broker.url, name: 'kafka-away' });
    hub = await cluster.start('one');
  }, 120_000);
  afterAll(async () => {
    broker?.proxy.restore();
    await cluster?.dispose();
    await broker?.proxy.close();
    await broker?.server.dispose();
  });

  const post = async (index: number): Promise<void> => {
    const data = { asset: { type: 'table', name: `t-${index}` } };
    const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it.skipIf(!possible)(
    'D2: clients stay, are told `stale` and `fresh`, get all that was taken in meanwhile, and no gap',
    { timeout: 90_000 },
    async () => {
      const client = await cluster.listen(hub, 'reader');
      const view = client.hub.view('assets');
      await view.live;
      const notices = noticesOf(client.hub);
      for (let index = 0; index < 10; index++) await post(index);
      await eventually(() => expect(client.events).toHaveLength(10));

      broker.proxy.pause();
      const restored = pause(awayMs).then(() => broker.proxy.restore());
      for (let index = 10; index < 30; index++) await post(index);
      await eventually(() => expect(notices).toContain('stale'));
      expect(client.hub.status).toBe('live');
      await restored;

      const all = Array.from({ length: 30 }, (_, index) => `urn:gov:bank:t-${index}`).toSorted();
      await eventually(() => expect(client.events.map(({ subject }) => subject).toSorted()).toEqual(all), {
        timeoutMs: 30_000,
      });
      await eventually(() => expect(view.items.map(({ entity }) => entity.urn)).toEqual(all));
      // on a busy machine more than once
      expect([notices[0], notices.at(-1), client.gaps]).toEqual(['stale', 'fresh', []]);
    },
  );
});
