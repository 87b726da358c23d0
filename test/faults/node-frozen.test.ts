import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

/** Beyond the 30 s after which Kafka gives a silent reader up. */
const frozenMs = 32_000;

describeWithServices(['kafka', 'mongo', 'redis'], 'a node is frozen past its session at Kafka', (urls) => {
  let cluster: HubCluster;
  let frozen: HubProcess;
  let other: HubProcess;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'node-frozen' });
    frozen = await cluster.start('frozen');
    other = await cluster.start('other');
  });
  afterAll(async () => {
    if (frozen !== undefined) process.kill(frozen.pid, 'SIGCONT');
    await cluster?.dispose();
  });

  const post = async (index: number): Promise<void> => {
    const data = { asset: { type: 'table', name: 't', description: `${index}` } };
    const event = { id: `${index}`, type: 'gov.asset.updated', subject: `t-${index % 7}`, data };
    expect(await postCloudEvent(other.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('D1 D2: what happened meanwhile comes after the thaw, each once and in order, and there is no gap', async () => {
    const client = await cluster.listen(frozen, 'reader');
    const view = client.hub.view('assets');
    await view.live;
    for (let index = 0; index < 20; index++) await post(index);
    await eventually(() => expect(client.events).toHaveLength(20));

    process.kill(frozen.pid, 'SIGSTOP');
    const thawed = pause(frozenMs).then(() => process.kill(frozen.pid, 'SIGCONT'));
    for (let index = 20; index < 200; index++) await post(index);
    await thawed;
    for (let index = 200; index < 220; index++) await post(index);
    await eventually(() => expect(client.events.length).toBeGreaterThanOrEqual(220), { timeoutMs: 30_000 });

    const byEntity = new Map<string, number[]>();
    for (const event of client.events) {
      const change = event.kind === 'update' ? event.changes['/description'] : undefined;
      const index = event.kind === 'enter' ? event.document['description'] : change?.new;
      byEntity.set(event.subject, [...(byEntity.get(event.subject) ?? []), Number(index)]);
    }
    for (let entity = 0; entity < 7; entity++) {
      const wanted = Array.from({ length: 220 }, (_, index) => index).filter((index) => index % 7 === entity);
      expect(byEntity.get(`urn:gov:bank:t-${entity}`)).toEqual(wanted);
    }
    expect(client.gaps).toEqual([]);
    await eventually(() =>
      expect(view.items.map(({ document }) => Number(document['description'])).toSorted((a, b) => a - b)).toEqual([
        213, 214, 215, 216, 217, 218, 219,
      ]),
    );
    expect((await callApi(frozen.url, '/metrics')).text).toMatch(/^pursight_log_gaps_total 0$/m);
  }, 120_000);
});
