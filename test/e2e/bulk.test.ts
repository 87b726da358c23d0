import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }], steward: [{ allow: 'read' }, { allow: 'write' }] },
  },
};
const [admin, token] = [tokenFor({ roles: ['admin'] }), tokenFor({ sub: 'ada', roles: ['steward'] })];
const urn = 'urn:gov:bank:orders';

interface Deployment {
  readonly nodes: number;
  start(): Promise<HubProcess>;
  dispose(): void;
}

interface JobAnswer {
  readonly id: string;
  readonly state: string;
  readonly progress: Readonly<Record<string, number>>;
}

interface Event {
  readonly changes?: Readonly<Record<string, { readonly new?: unknown }>>;
}

function bulk(deploy: () => Deployment): void {
  let deployment: Deployment;
  const hubs: HubProcess[] = [];
  beforeAll(async () => {
    deployment = deploy();
    for (let node = 0; node < deployment.nodes; node++) hubs.push(await deployment.start());
    const data = { asset: { type: 'table', name: 'orders' } };
    const event = { id: 'scan', type: 'gov.asset.updated', subject: 'orders', data };
    expect(await postCloudEvent(hubs[0]?.url ?? '', 'events', admin, event)).toMatchObject({ status: 200 });
  });
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()));
    deployment.dispose();
  });

  const call = async (path: string, request: Partial<Parameters<typeof callApi>[2]> = {}) =>
    callApi(hubs.at(-1)?.url ?? '', path, { token, ...request });
  const jobOf = async (id: string): Promise<JobAnswer> => (await call(`/v1/jobs/${id}`)).body as unknown as JobAnswer;
  const doneOf = ({ progress }: JobAnswer): number =>
    Object.entries(progress).reduce((sum, [name, count]) => sum + (name === 'rows' ? 0 : count), 0);

  /** What was said of the asset, in its order, as its events have it. */
  const descriptions = async (): Promise<readonly unknown[]> => {
    const said: unknown[] = [];
    for (let before: string | undefined = ''; before !== undefined;) {
      const page = before === '' ? '' : `&before=${encodeURIComponent(before)}`;
      const { body } = await call(`/v1/assets/${encodeURIComponent(urn)}/history?limit=100${page}`);
      const { events, next } = body as { events: readonly Event[]; next?: string };
      said.push(...events.flatMap(({ changes = {} }) => changes['/description']?.new ?? []));
      before = next;
    }
    return said.toReversed();
  };

  it('S13 an import that its workers leave by kill -9 is finished, each row once', { timeout: 120_000 }, async () => {
    const rows = 1200;
    const lines = Array.from({ length: rows }, (_, index) =>
      JSON.stringify(index % 2 === 0 ? { name: `Report ${index}`, type: 'report' } : { urn, description: `${index}` }),
    );
    const sent = await call('/v1/imports?format=ndjson', {
      ...{ method: 'POST', body: `${lines.join('\n')}\n` },
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(sent.status, sent.text).toBe(202);
    const { id } = sent.body as unknown as JobAnswer;
    let job = await jobOf(id);
    const killsAt = [100, 500, 900];
    while (job.state !== 'done') {
      if (doneOf(job) >= (killsAt[0] ?? rows)) {
        killsAt.shift();
        // by turns, the one that does it and one that stands by
        await hubs.shift()?.stop('SIGKILL');
        hubs.push(await deployment.start());
      }
      await pause(20);
      job = await jobOf(id);
    }
    expect(killsAt).toEqual([]);
    const { created = 0, updated = 0, duplicates = 0 } = job.progress;
    expect([created + updated + duplicates, job.progress['rejected'], job.progress['conflicts']]).toEqual([rows, 0, 0]);
    const results = (await call(`/v1/imports/${id}/results`)).text.trimEnd().split('\n');
    expect(results.slice(0, -1).map((line) => (JSON.parse(line) as { line: number }).line)).toEqual(
      lines.map((_, index) => index + 1),
    );
    expect(results.at(-1)).toBe(JSON.stringify({ end: true, count: rows }));
    const assets = await call(`/v1/assets?limit=1000&filter=${encodeURIComponent('{"type":"report"}')}&fields=urn`);
    expect((assets.body as { assets: unknown[] }).assets).toHaveLength(rows / 2);
    const said = lines.flatMap((_, index) => (index % 2 === 0 ? [] : [`${index}`]));
    await eventually(async () => expect(await descriptions()).toEqual(said));
  });
}

bulk(() => {
  const folder = scratchFolder();
  return { nodes: 1, start: () => startHubProcess({ dataDir: folder.path, file }), dispose: () => folder.remove() };
});

describeWithServices(['kafka', 'mongo', 'redis'], 'in a cluster', (urls) => {
  bulk(() => {
    const folder = scratchFolder();
    const environment = clusterEnvironment(urls, `bulk-${randomUUID().slice(0, 8)}`);
    return {
      nodes: 2,
      start: () => startHubProcess({ dataDir: folder.path, file, environment }),
      dispose: () => folder.remove(),
    };
  });
});
