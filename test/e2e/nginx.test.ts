import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { type Nginx, nginxMissing, startNginx } from '../harness/nginx.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const clientCount = 12;

if (process.env['CI'] === 'true' && nginxMissing !== undefined) throw new Error(nginxMissing);

describeWithServices(['kafka', 'mongo', 'redis'], 'two nodes behind the nginx that is shipped', (urls) => {
  let cluster: HubCluster;
  let nginx: Nginx;
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
    if (nginxMissing !== undefined) return;
    cluster = createHubCluster({ ...urls, name: 'nginx' });
    for (const node of ['hub-1', 'hub-2']) await start(node);
    nginx = await startNginx({ 'hub-1': ports.get('hub-1') ?? 0, 'hub-2': ports.get('hub-2') ?? 0 });
    clients = await Promise.all(
      Array.from({ length: clientCount }, async (_, index) => cluster.listen(nginx, `reader-${index}`)),
    );
  });
  afterAll(async () => {
    await cluster?.dispose();
    await nginx?.stop();
  });

  /** `lost`: a node may die while it answers; whoever must not lose anything then sends again. */
  async function post(count: number, lost: readonly number[] = []): Promise<void> {
    for (let index = 0; index < count; index++) {
      const event = {
        ...{ id: `${posted}`, type: 'gov.asset.created', subject: `t-${posted}` },
        data: { asset: { type: 'table', name: `t-${posted}` } },
      };
      const send = async (): Promise<number> =>
        (await postCloudEvent(nginx.url, 'events', cluster.admin, event)).status;
      let status = await send();
      while (lost.includes(status)) status = await send();
      expect(status).toBe(200);
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
    const { body } = await callApi(nginx.url, '/v1/sessions', { token: cluster.admin });
    const counts: Record<string, number> = {};
    for (const { node } of (body as { readonly sessions: readonly { readonly node: string }[] }).sessions)
      counts[node] = (counts[node] ?? 0) + 1;
    return counts;
  }

  it.skipIf(nginxMissing !== undefined)('share the clients and serve them all', async () => {
    await post(20);
    await everybodyHasAll();
    const counts = await sessionsByNode();
    expect(Object.keys(counts).toSorted()).toEqual(['hub-1', 'hub-2']);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(clientCount);
    expect((await callApi(nginx.url, '/readyz')).status).toBe(200);
    expect((await callApi(nginx.url, '/metrics')).status).toBe(404);
  });

  it.skipIf(nginxMissing !== undefined)('take bodies as large as a hub does', async () => {
    const messages = Array.from({ length: 900 }, (_, index) => ({
      ...{ specversion: '1.0', id: `large-${index}`, source: '/large', type: 'gov.asset.created', subject: 'large' },
      data: { asset: { type: 'table', name: 'large', description: 'x'.repeat(7000) } },
    }));
    const body = JSON.stringify(messages);
    expect(body.length).toBeGreaterThan(6_000_000);
    const answer = await callApi(nginx.url, '/v1/ingest/forms', {
      ...{ token: cluster.admin, body },
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    // the hub has read it whole, and knows no such connector
    expect(answer).toMatchObject({ status: 404, body: { error: { code: expect.any(String) } } });
  });

  it.skipIf(nginxMissing !== undefined)('D7: when one drains nobody notices', { timeout: 60_000 }, async () => {
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

  it.skipIf(nginxMissing !== undefined)(
    'D2: when one is killed its clients go to the other',
    { timeout: 60_000 },
    async () => {
      const load = post(60, [502]);
      load.catch(() => undefined);
      await hubs.get('hub-2')?.stop('SIGKILL');
      await load;
      await everybodyHasAll();
      expect(nginx.log()).not.toMatch(/\[(alert|emerg|crit)\]/);
    },
  );
});
