import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { View } from '@pursight/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import type { Recorder } from '../harness/recorder.ts';
import { canRunBroker, type OwnBroker, startOwnBroker } from '../setup/own-broker.ts';
import { describeWithServices } from '../setup/services.ts';

type Server = 'kafka' | 'mongo' | 'redis';

const patient = { timeoutMs: 60_000 };
const possible = await canRunBroker();
/** Its part of a node's health. */
const dependencyOf = { kafka: 'log', mongo: 'catalog', redis: 'controlBus' } as const;

interface Fault {
  readonly forMs: number;
  /** Whether a node says meanwhile that the server is away. */
  readonly shows: boolean;
  readonly begin: (proxy: FaultProxy) => void;
}

/** How long the long ones last. */
const longMs = Number(process.env['PURSIGHT_OUTAGE_MS'] ?? 10_000);
const long = `${longMs / 1000} s`;

const faults: Readonly<Record<string, Fault>> = {
  'is stopped for 1 s': { forMs: 1000, shows: false, begin: (proxy) => (proxy.refuse(), proxy.cut()) },
  [`is stopped for ${long}`]: { forMs: longMs, shows: true, begin: (proxy) => (proxy.refuse(), proxy.cut()) },
  'is frozen for 1 s': { forMs: 1000, shows: false, begin: (proxy) => proxy.pause() },
  [`is frozen for ${long}`]: { forMs: longMs, shows: true, begin: (proxy) => proxy.pause() },
  [`is slow for ${long}`]: { forMs: longMs, shows: false, begin: (proxy) => proxy.delay(400) },
  'resets its connections': { forMs: 0, shows: false, begin: (proxy) => proxy.cut() },
};
const servers: readonly Server[] = ['kafka', 'mongo', 'redis'];
const cases = servers.flatMap((server) =>
  Object.entries(faults).map(([what, fault]) => [server, what, fault] as const),
);

describeWithServices(['mongo', 'redis'], 'a server that the nodes stand on', (urls) => {
  const addressOf = (url: string): { readonly host: string; readonly port: number } => {
    const { hostname, port } = new URL(url);
    return { host: hostname, port: Number(port) };
  };
  let brokerPort = 0;
  const proxies: Readonly<Record<Server, FaultProxy>> = {
    kafka: new FaultProxy(() => ({ host: '127.0.0.1', port: brokerPort })),
    mongo: new FaultProxy(() => addressOf(urls.mongo)),
    redis: new FaultProxy(() => addressOf(urls.redis)),
  };
  let broker: OwnBroker;
  let cluster: HubCluster;
  let hubs: readonly [HubProcess, HubProcess];
  let readers: readonly Recorder[];
  let view: View;
  const notices = new Set<string>();
  let posted = 0;

  beforeAll(async () => {
    if (!possible) return;
    broker = await startOwnBroker(async (own) => {
      brokerPort = own;
      return proxies.kafka.listen();
    });
    // a driver that asked the replica set for its members would go past the proxy
    const mongo = `mongodb://127.0.0.1:${await proxies.mongo.listen()}/?directConnection=true`;
    const redis = `redis://127.0.0.1:${await proxies.redis.listen()}`;
    cluster = createHubCluster({ kafka: broker.url, mongo, redis, name: `outages-${randomUUID().slice(0, 4)}` });
    hubs = [await cluster.start('one'), await cluster.start('two')];
    readers = [await cluster.listen(hubs[0], 'first'), await cluster.listen(hubs[1], 'second')];
    for (const { hub } of readers) hub.on('notice', ({ code }) => notices.add(code));
    view = (readers[0] as Recorder).hub.view('assets');
    await view.live;
  }, 120_000);
  afterAll(async () => {
    for (const proxy of Object.values(proxies)) proxy.restore();
    await cluster?.dispose();
    for (const proxy of Object.values(proxies)) await proxy.close();
    await broker?.dispose();
  });

  /** As a sender that must not lose anything: again until it is taken in. */
  async function post(): Promise<void> {
    posted += 1;
    const data = { asset: { type: 'table', name: `t-${posted % 20}`, description: `said ${posted}` } };
    const event = { id: `${posted}`, type: 'gov.asset.updated', subject: `t-${posted % 20}`, data };
    const { url } = hubs[posted % 2] as HubProcess;
    while ((await postCloudEvent(url, 'events', cluster.admin, event)).status !== 200) await pause(200);
  }

  async function healthOf({ url }: HubProcess): Promise<{ status: string; dependencies: Record<string, string> }> {
    return (await callApi(url, '/readyz')).body as { status: string; dependencies: Record<string, string> };
  }

  /** Whether a node says, where probes and Prometheus look, that it does not reach a server. */
  async function showsAway(hub: HubProcess, server: Server): Promise<void> {
    const dependency = dependencyOf[server];
    expect((await healthOf(hub)).dependencies).toMatchObject({ [dependency]: 'down' });
    expect((await callApi(hub.url, '/metrics')).text).toContain(
      `pursight_dependency_up{dependency="${dependency}"} 0\n`,
    );
  }

  /** Every client has each event once and in the order of its entity, has heard of no gap, and has never been without its node. */
  async function assertWhole(): Promise<void> {
    for (const { events } of readers)
      await eventually(() => expect(events.length).toBeGreaterThanOrEqual(posted), patient);
    for (const { events, gaps, hub } of readers) {
      expect(new Set(events.map(({ id }) => id)).size).toBe(posted);
      expect(events).toHaveLength(posted);
      const times = new Map<string, string>();
      for (const { subject, recordedtime } of events) {
        expect(recordedtime > (times.get(subject) ?? '')).toBe(true);
        times.set(subject, recordedtime);
      }
      expect([gaps, hub.status]).toEqual([[], 'live']);
    }
    await eventually(async () => {
      const { body } = await callApi(hubs[0].url, '/v1/documents?limit=100', { token: cluster.admin });
      const { documents } = body as { readonly documents: readonly { readonly description: string }[] };
      const texts = (items: readonly { readonly description?: unknown }[]): ReadonlySet<unknown> =>
        new Set(items.map(({ description }) => description));
      expect(texts(view.items.map(({ document }) => document))).toEqual(texts(documents));
    }, patient);
  }

  it.skipIf(!possible).each(cases)(
    'D1 D2: %s %s: it is seen, and all is there afterwards, without a restart',
    { timeout: 100_000 + longMs },
    async (server, _what, { forMs, shows, begin }) => {
      for (let index = 0; index < 5; index++) await post();
      notices.clear();
      const proxy = proxies[server];
      begin(proxy);
      const load = (async () => {
        for (let index = 0; index < 20; index++) await post();
      })();
      await pause(forMs);
      if (shows) for (const hub of hubs) await eventually(() => showsAway(hub, server), patient);
      if (shows && server === 'kafka') await eventually(() => expect([...notices]).toContain('stale'), patient);
      proxy.restore();
      await load;
      await assertWhole();
      for (const hub of hubs)
        await eventually(async () => expect(await healthOf(hub)).toMatchObject({ status: 'ok' }), patient);
    },
  );
});
