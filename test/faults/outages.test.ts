import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createHub, type View } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import { type HubProcess, tokenFor } from '../harness/hub-process.ts';
import { noticesOf } from '../harness/notices.ts';
import { type ProxiedServer, startProxiedBroker, startProxiedServer } from '../harness/proxied-server.ts';
import type { Recorder } from '../harness/recorder.ts';
import { canRunBroker } from '../setup/own-broker.ts';
import { canRunServers } from '../setup/own-server.ts';

type ServerName = 'kafka' | 'mongo' | 'redis';

const patient = { timeoutMs: 60_000 };
const possible = (await canRunBroker()) && (await canRunServers());
/** Its part of a node's health. */
const dependencyOf = { kafka: 'log', mongo: 'catalog', redis: 'controlBus' } as const;
/** What a client is told of it. */
const toldOf = {
  kafka: ['stale', 'fresh'],
  mongo: ['degraded catalog', 'restored catalog'],
  redis: ['degraded controlBus', 'restored controlBus'],
} as const;

interface Fault {
  readonly forMs: number;
  /** Whether a node says meanwhile that the server is away. */
  readonly shows: boolean;
  readonly begin: (victim: ProxiedServer) => Promise<void> | void;
  readonly end: (victim: ProxiedServer) => Promise<void> | void;
}

/** How long the long ones last. */
const longMs = Number(process.env['PURSIGHT_OUTAGE_MS'] ?? 10_000);
const long = `${longMs / 1000} s`;

const killed = {
  begin: ({ server }: ProxiedServer) => server.kill(),
  end: ({ server }: ProxiedServer) => server.restart(),
};
const frozen = {
  begin: ({ server }: ProxiedServer) => server.freeze(),
  end: ({ server }: ProxiedServer) => server.thaw(),
};
const slow = {
  begin: ({ proxy }: ProxiedServer) => proxy.delay(400),
  end: ({ proxy }: ProxiedServer) => proxy.restore(),
};
const reset = { begin: ({ proxy }: ProxiedServer) => proxy.cut(), end: () => undefined };

const faults: Readonly<Record<string, Fault>> = {
  'is killed and started after 1 s': { forMs: 1000, shows: false, ...killed },
  [`is killed and started after ${long}`]: { forMs: longMs, shows: true, ...killed },
  'is frozen for 1 s': { forMs: 1000, shows: false, ...frozen },
  [`is frozen for ${long}`]: { forMs: longMs, shows: true, ...frozen },
  [`is slow for ${long}`]: { forMs: longMs, shows: false, ...slow },
  'resets its connections': { forMs: 0, shows: false, ...reset },
};
const names: readonly ServerName[] = ['kafka', 'mongo', 'redis'];
const cases = names.flatMap((name) => Object.entries(faults).map(([what, fault]) => [name, what, fault] as const));

describe.skipIf(!possible)('a server that the nodes stand on', () => {
  let victims: Readonly<Record<ServerName, ProxiedServer>>;
  let cluster: HubCluster;
  let hubs: readonly [HubProcess, HubProcess];
  let readers: readonly Recorder[];
  let view: View;
  let notices: readonly string[][];
  let posted = 0;

  beforeAll(async () => {
    victims = {
      kafka: await startProxiedBroker(),
      mongo: await startProxiedServer('mongo'),
      redis: await startProxiedServer('redis'),
    };
    const { kafka, mongo, redis } = victims;
    const name = `outages-${randomUUID().slice(0, 4)}`;
    cluster = createHubCluster({ kafka: kafka.url, mongo: mongo.url, redis: redis.url, name });
    hubs = [await cluster.start('one'), await cluster.start('two')];
    readers = [await cluster.listen(hubs[0], 'first'), await cluster.listen(hubs[1], 'second')];
    notices = readers.map(({ hub }) => noticesOf(hub));
    view = (readers[0] as Recorder).hub.view('assets');
    await view.live;
  }, 120_000);
  afterAll(async () => {
    const all = Object.values(victims ?? {});
    for (const { server, proxy } of all) {
      server.thaw();
      proxy.restore();
    }
    await cluster?.dispose();
    for (const { server, proxy } of all) {
      await proxy.close();
      await server.dispose();
    }
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
  async function showsAway(hub: HubProcess, server: ServerName): Promise<void> {
    const dependency = dependencyOf[server];
    expect((await healthOf(hub)).dependencies).toMatchObject({ [dependency]: 'down' });
    expect((await callApi(hub.url, '/metrics')).text).toContain(
      `pursight_dependency_up{dependency="${dependency}"} 0\n`,
    );
  }

  /** Who is there is told, and so is who comes now. */
  async function showsToClients(notice: string): Promise<void> {
    for (const told of notices) await eventually(() => expect(told).toEqual([notice]), patient);
    const late = createHub({ url: hubs[1].url, token: tokenFor({ sub: 'late', roles: ['steward'] }) });
    try {
      const told = noticesOf(late);
      await eventually(() => expect(told).toEqual([notice]), patient);
    } finally {
      late.close();
    }
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

  it.each(cases)(
    'D1 D2: %s %s: it is seen, and all is there afterwards, without a restart',
    { timeout: 100_000 + longMs },
    async (name, _what, { forMs, shows, begin, end }) => {
      for (let index = 0; index < 5; index++) await post();
      for (const told of notices) told.length = 0;
      const victim = victims[name];
      await begin(victim);
      const load = (async () => {
        for (let index = 0; index < 20; index++) await post();
      })();
      await pause(forMs);
      if (shows) for (const hub of hubs) await eventually(() => showsAway(hub, name), patient);
      const [begins, ends] = toldOf[name];
      if (shows) await showsToClients(begins);
      await end(victim);
      await load;
      await assertWhole();
      for (const hub of hubs)
        await eventually(async () => expect(await healthOf(hub)).toMatchObject({ status: 'ok' }), patient);
      if (shows) for (const told of notices) await eventually(() => expect(told).toEqual([begins, ends]), patient);
    },
  );
});
