import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { envoyMissing, startEnvoy } from '../harness/envoy.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { nginxMissing, startNginx } from '../harness/nginx.ts';
import type { Proxy } from '../harness/proxy.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const clientCount = 12;

/** As they are shipped. Envoy has the hub under a path. */
const balancers = {
  nginx: { missing: nginxMissing, start: startNginx, path: '', gone: 502 },
  Envoy: { missing: envoyMissing, start: startEnvoy, path: '/hub', gone: 503 },
};

describeWithServices(['kafka', 'mongo', 'redis'], 'two nodes behind', (urls) => {
  describe.each(Object.keys(balancers) as (keyof typeof balancers)[])('%s', (name) => {
    behind(name, urls);
  });
});

function behind(name: keyof typeof balancers, urls: Readonly<Record<'kafka' | 'mongo' | 'redis', string>>): void {
  const { missing, start: startBalancer, path, gone } = balancers[name];
  if (process.env['CI'] === 'true' && missing !== undefined) throw new Error(missing);
  let cluster: HubCluster;
  let balancer: Proxy;
  let url: string;
  const hubs = new Map<string, HubProcess>();
  const ports = new Map<string, number>();
  let clients: readonly Recorder[];
  let posted = 0;

  async function start(node: string): Promise<void> {
    const port = ports.get(node) ?? (await freePort());
    ports.set(node, port);
    const own = { PURSIGHT_PORT: String(port), PURSIGHT_TRUSTED_PROXIES: '1', PURSIGHT_DRAIN_MS: '5000' };
    hubs.set(node, await cluster.start(node, own));
  }

  beforeAll(async () => {
    if (missing !== undefined) return;
    cluster = createHubCluster({ ...urls, name: name.toLowerCase() });
    for (const node of ['hub-1', 'hub-2']) await start(node);
    balancer = await startBalancer({ 'hub-1': ports.get('hub-1') ?? 0, 'hub-2': ports.get('hub-2') ?? 0 });
    url = `${balancer.url}${path}`;
    clients = await Promise.all(
      Array.from({ length: clientCount }, async (_, index) => cluster.listen({ url }, `reader-${index}`)),
    );
  });
  afterAll(async () => {
    await cluster?.dispose();
    await balancer?.stop();
  });

  /** `lost`: a node may die while it answers; whoever must not lose anything then sends again. */
  async function post(count: number, lost: readonly number[] = []): Promise<void> {
    for (let index = 0; index < count; index++) {
      const event = {
        ...{ id: `${posted}`, type: 'gov.asset.created', subject: `t-${posted}` },
        data: { asset: { type: 'table', name: `t-${posted}` } },
      };
      const send = (): ReturnType<typeof postCloudEvent> => postCloudEvent(url, 'events', cluster.admin, event);
      let answer = await send();
      while (lost.includes(answer.status)) answer = await send();
      expect(answer).toMatchObject({ status: 200 });
      posted += 1;
    }
  }

  async function everybodyHasAll(): Promise<void> {
    const all = Array.from({ length: posted }, (_, index) => `urn:gov:bank:t-${index}`).toSorted();
    await eventually(
      () => {
        for (const { events } of clients) expect(events.map(({ subject }) => subject).toSorted()).toEqual(all);
      },
      { timeoutMs: 30_000 },
    );
    expect(clients.flatMap(({ gaps }) => gaps)).toEqual([]);
  }

  async function sessionsByNode(): Promise<Readonly<Record<string, number>>> {
    const { body } = await callApi(url, '/v1/sessions', { token: cluster.admin });
    const counts: Record<string, number> = {};
    for (const { node } of (body as { readonly sessions: readonly { readonly node: string }[] }).sessions)
      counts[node] = (counts[node] ?? 0) + 1;
    return counts;
  }

  it.skipIf(missing !== undefined)('share the clients and serve them all', async () => {
    await post(20);
    await everybodyHasAll();
    const counts = await sessionsByNode();
    expect(Object.keys(counts).toSorted()).toEqual(['hub-1', 'hub-2']);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(clientCount);
    expect((await callApi(url, '/readyz')).status).toBe(200);
    expect((await callApi(url, '/metrics')).status).toBe(404);
  });

  it.skipIf(missing !== undefined)('take bodies as large as a hub does', async () => {
    const messages = Array.from({ length: 900 }, (_, index) => ({
      ...{ specversion: '1.0', id: `large-${index}`, source: '/large', type: 'gov.asset.created', subject: 'large' },
      data: { asset: { type: 'table', name: 'large', description: 'x'.repeat(7000) } },
    }));
    const body = JSON.stringify(messages);
    expect(body.length).toBeGreaterThan(6_000_000);
    const answer = await callApi(url, '/v1/ingest/forms', {
      ...{ token: cluster.admin, body },
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    // the hub has read it whole, and knows no such connector
    expect(answer).toMatchObject({ status: 404, body: { code: expect.any(String) } });
  });

  it.skipIf(missing !== undefined)('D7: when one drains nobody notices', { timeout: 60_000 }, async () => {
    const statuses: string[] = [];
    for (const { hub } of clients) hub.on('status', (status) => statuses.push(status));
    const load = post(60);
    load.catch(() => undefined);
    expect(await hubs.get('hub-1')?.stop()).toBe(0);
    await load;
    await everybodyHasAll();
    expect(await sessionsByNode()).toEqual({ 'hub-2': clientCount });
    // never without a connection
    expect(statuses.filter((status) => status !== 'draining' && status !== 'live')).toEqual([]);
    await start('hub-1');
  });

  it.skipIf(missing !== undefined)(
    'D2: when one is killed its clients go to the other',
    { timeout: 60_000 },
    async () => {
      const load = post(60, [gone]);
      load.catch(() => undefined);
      await hubs.get('hub-2')?.stop('SIGKILL');
      await load;
      await everybodyHasAll();
      expect(balancer.log()).not.toMatch(/\[(alert|emerg|crit|critical)\]/);
    },
  );
}
