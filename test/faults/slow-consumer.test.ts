import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

const rounds = 300;
/** More in all than the hub, the proxy and two kernels keep for a client. */
const description = 'x'.repeat(60_000);

describeWithServices(['kafka', 'mongo', 'redis'], 'a client does not read for a while', (urls) => {
  let hub: HubProcess;
  const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port: Number(new URL(hub.url).port) }));
  let cluster: HubCluster;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'slow-consumer' });
    hub = await cluster.start('one');
  });
  afterAll(async () => {
    await cluster?.dispose();
    await proxy.close();
  });

  const slowConsumers = async (): Promise<number> => {
    const { text } = await callApi(hub.url, '/metrics');
    return Number(/^pursight_slow_consumer_closes_total (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  /** Stays in the log for good: each round is an event of its own. */
  const post = async (round: number): Promise<void> => {
    const data = { asset: { type: 'table', name: `${round}`, description: `${round} ${description}` } };
    const event = { id: `${round}`, type: 'gov.asset.updated', subject: `t-${round % 3}`, data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('D3 D6: it is closed, others do not notice, and it goes on without a loss or a repetition', async () => {
    const healthy = await cluster.listen(hub, 'healthy');
    const slow = await cluster.listen({ url: `http://127.0.0.1:${await proxy.listen()}` }, 'slow');
    const statuses: string[] = [];
    slow.hub.on('status', (status) => statuses.push(status));
    for (const connection of proxy.connections) connection.pause();
    for (let round = 0; round < rounds; round++) await post(round);
    await eventually(() => expect(healthy.events).toHaveLength(rounds));
    await eventually(async () => expect(await slowConsumers()).toBe(1), { timeoutMs: 30_000 });

    proxy.restore();
    await eventually(() => expect(slow.events.length).toBeGreaterThanOrEqual(rounds), { timeoutMs: 30_000 });
    expect(statuses).toContain('recovering');
    expect(slow.hub.status).toBe('live');
    expect(slow.gaps).toEqual([]);
    const idsOf = (urn: string, events: typeof slow.events): readonly string[] =>
      events.filter(({ subject }) => subject === urn).map(({ id }) => id);
    for (let entity = 0; entity < 3; entity++) {
      const urn = `urn:gov:bank:t-${entity}`;
      expect(idsOf(urn, slow.events)).toEqual(idsOf(urn, healthy.events));
    }
    expect(healthy.gaps).toEqual([]);
  }, 120_000);
});
