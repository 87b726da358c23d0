import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { addressOf, FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

const patient = { timeoutMs: 30_000 };

describeWithServices(['kafka', 'mongo', 'redis'], 'MongoDB is away for one of two nodes', (urls) => {
  const proxy = new FaultProxy(() => addressOf(urls.mongo));
  let cluster: HubCluster;
  let cutOff: HubProcess;
  let other: HubProcess;
  let posted = 0;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'mongo-away' });
    const database = new URL(cluster.environment['PURSIGHT_MONGO_URL'] ?? '').pathname;
    // a driver that asked the replica set for its members would go past the proxy
    const behind = `mongodb://127.0.0.1:${await proxy.listen()}${database}?directConnection=true`;
    other = await cluster.start('other');
    cutOff = await cluster.start('cut-off', { PURSIGHT_MONGO_URL: behind });
  });
  afterAll(async () => {
    proxy.restore();
    await cluster?.dispose();
    await proxy.close();
  });

  const post = async (hub: HubProcess, description: string): ReturnType<typeof postCloudEvent> => {
    posted += 1;
    const data = { asset: { type: 'table', name: 't', description } };
    const event = { id: `${posted}`, type: 'gov.asset.updated', subject: `t-${posted % 3}`, data };
    return postCloudEvent(hub.url, 'events', cluster.admin, event);
  };

  it('D2 D5: live events go on, what needs documents is refused retryably, and all comes right afterwards', async () => {
    const client = await cluster.listen(cutOff, 'reader');
    for (let index = 0; index < 3; index++) expect(await post(other, 'before')).toMatchObject({ status: 200 });
    await eventually(() => expect(client.events).toHaveLength(3));

    proxy.pause();
    for (let index = 0; index < 20; index++) expect(await post(other, `away ${index}`)).toMatchObject({ status: 200 });
    await eventually(() => expect(client.events).toHaveLength(23));
    const late = await cluster.listen(cutOff, 'late');
    const view = late.hub.view('assets');
    expect(await post(cutOff, 'refused')).toMatchObject({
      status: 503,
      body: { code: 'storage-unavailable', retryable: true },
    });
    await eventually(
      async () =>
        expect((await callApi(cutOff.url, '/readyz')).body).toMatchObject({ dependencies: { catalog: 'down' } }),
      patient,
    );
    expect([view.status, client.hub.status, late.hub.status]).toEqual(['loading', 'live', 'live']);

    proxy.restore();
    await view.live;
    expect(view.items.map(({ document }) => document['description'] as string).toSorted()).toEqual([
      'away 17',
      'away 18',
      'away 19',
    ]);
    await eventually(async () => expect(await post(cutOff, 'after')).toMatchObject({ status: 200 }), patient);
    await eventually(() => expect(client.events.length).toBeGreaterThan(23));
    await eventually(async () => expect((await callApi(cutOff.url, '/readyz')).body).toMatchObject({ status: 'ok' }));
    expect(new Set(client.events.map(({ id }) => id)).size).toBe(client.events.length);
    expect([client.gaps, late.gaps]).toEqual([[], []]);
  });
});
