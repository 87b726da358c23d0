import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { addressOf, FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const patient = { timeoutMs: 30_000 };

describeWithServices(['kafka', 'mongo', 'redis'], 'Redis is away', (urls) => {
  const proxy = new FaultProxy(() => addressOf(urls.redis));
  let cluster: HubCluster;
  let hubs: readonly [HubProcess, HubProcess];
  let reader: Recorder;
  let posted = 0;

  beforeAll(async () => {
    const redis = `redis://127.0.0.1:${await proxy.listen()}`;
    cluster = createHubCluster({ ...urls, redis, name: 'redis-away' });
    hubs = [await cluster.start('one'), await cluster.start('two')];
    reader = await cluster.listen(hubs[0], 'reader');
  });
  afterAll(async () => {
    proxy.restore();
    await cluster?.dispose();
    await proxy.close();
  });

  const post = async (): Promise<void> => {
    posted += 1;
    const data = { asset: { type: 'table', name: `t-${posted}` } };
    const event = { id: `${posted}`, type: 'gov.asset.created', subject: `t-${posted}`, data };
    expect(await postCloudEvent(hubs[1].url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };
  const health = async (hub: HubProcess): Promise<unknown> =>
    ((await callApi(hub.url, '/readyz')).body as { status: string }).status;
  const sessions = async (): Promise<readonly string[]> => {
    const { body } = await callApi(hubs[1].url, '/v1/sessions', { token: cluster.admin });
    return (body as { sessions: { sub: string }[] }).sessions.map(({ sub }) => sub);
  };

  it.each([
    ['resets its connections and takes no new ones', () => (proxy.refuse(), proxy.cut())],
    ['is silent', () => proxy.pause()],
  ])(
    'it %s: delivery and new sessions do not notice, the nodes say degraded, and the list of sessions is whole afterwards',
    async (how, begin) => {
      const before = reader.events.length;
      begin();
      for (let index = 0; index < 10; index++) await post();
      await eventually(() => expect(reader.events).toHaveLength(before + 10));
      const late = await cluster.listen(hubs[1], `late ${how}`);
      await post();
      await eventually(() => expect(late.events).toHaveLength(1));
      for (const hub of hubs) await eventually(async () => expect(await health(hub)).toBe('degraded'), patient);

      proxy.restore();
      for (const hub of hubs) await eventually(async () => expect(await health(hub)).toBe('ok'), patient);
      await eventually(
        async () => expect(await sessions()).toEqual(expect.arrayContaining(['reader', `late ${how}`])),
        patient,
      );
      expect([reader.hub.status, reader.gaps, late.gaps]).toEqual(['live', [], []]);
    },
    90_000,
  );
});
