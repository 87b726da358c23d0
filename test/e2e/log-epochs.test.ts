import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import { type HubProcess, scratchFolder, startHubProcess, testSecrets, tokenFor } from '../harness/hub-process.ts';
import type { Recorder } from '../harness/recorder.ts';
import { type CliResult, runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

describeWithServices(['kafka', 'mongo', 'redis'], 'an operator begins a new epoch of the log', (urls) => {
  let cluster: HubCluster;
  let hubs: readonly HubProcess[];
  let clients: readonly Recorder[];

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'epochs' });
    hubs = [await cluster.start('one'), await cluster.start('two')];
    clients = await Promise.all(hubs.map((hub, index) => cluster.listen(hub, `reader-${index}`)));
  });
  afterAll(() => cluster.dispose());

  const cli = (hub: number, ...args: readonly string[]): Promise<CliResult> =>
    runCli(args, { environment: { PURSIGHT_URL: hubs[hub]?.url ?? '', PURSIGHT_TOKEN: cluster.admin } });
  const statusOf = async (hub: number): Promise<unknown> => JSON.parse((await cli(hub, 'log', 'status', '--json')).out);
  const post = async (index: number): Promise<void> => {
    const data = { asset: { type: 'table', name: `t-${index}` } };
    const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
    const url = hubs[index % 2]?.url ?? '';
    expect(await postCloudEvent(url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('D2: under load, with other partitions: every client gets every event once and hears of no gap', async () => {
    const count = 120;
    const load = (async () => {
      for (let index = 0; index < count; index++) await post(index);
    })();
    await eventually(() => expect(clients[0]?.events.length).toBeGreaterThan(10));
    expect(await cli(1, 'log', 'new-epoch', '--partitions', '5')).toMatchObject({
      code: 0,
      out: 'epoch 2 with 5 partitions\n',
    });
    await load;
    const all = Array.from({ length: count }, (_, index) => `urn:gov:bank:t-${index}`).toSorted();
    for (const client of clients) {
      await eventually(() => expect(client.events.map(({ subject }) => subject).toSorted()).toEqual(all), {
        timeoutMs: 30_000,
      });
      expect(client.gaps).toEqual([]);
    }
  }, 90_000);

  it('each node says where the log is and how far it has read it', async () => {
    for (const [hub] of hubs.entries())
      await eventually(async () => {
        const status = (await statusOf(hub)) as { partitions: { next: number; position: number }[] };
        expect(status).toMatchObject({ epoch: '2', gatewayEpoch: '2', topic: `${cluster.prefix}.events.2` });
        expect(status.partitions).toHaveLength(5);
        for (const { next, position } of status.partitions) expect(position).toBe(next);
      });
    const { out } = await cli(0, 'log', 'status');
    expect(out).toContain(`topic: ${cluster.prefix}.events.2`);
    expect(out).toMatch(/^PARTITION +FIRST +NEXT +POSITION$/m);
  });

  it('refuses what is no number of partitions, and who may not administer', async () => {
    const begin = (body: string, token: string): ReturnType<typeof callApi> =>
      callApi(hubs[0]?.url ?? '', '/v1/log/epoch', { token, body });
    for (const body of ['{"partitions":0}', '{"partitions":1.5}', '{"partitions":"8"}', '[]'])
      expect(await begin(body, cluster.admin)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    expect((await begin('{', cluster.admin)).body).toMatchObject({ code: 'invalid-json' });
    const steward = tokenFor({ roles: ['steward'] });
    expect((await begin('{}', steward)).status).toBe(403);
    expect((await callApi(hubs[0]?.url ?? '', '/v1/log', { token: steward })).status).toBe(403);
    expect((await cli(0, 'log', 'new-epoch', '--partitions', 'many')).code).toBe(2);
    expect(await statusOf(0)).toMatchObject({ epoch: '2' });
  });
});

describe('the log of embedded storage', () => {
  it('shows its status and refuses a new epoch', async () => {
    const folder = scratchFolder();
    const hub = await startHubProcess({ dataDir: folder.path });
    const environment = {
      PURSIGHT_URL: hub.url,
      PURSIGHT_DATA_DIR: folder.path,
      PURSIGHT_JWT_SECRET: testSecrets.jwt,
    };
    const status = await runCli(['log', 'status'], { environment });
    expect(status.out).toMatch(/^epoch: \S+\ntopic: -\n/);
    expect(status.out).toMatch(/^3 +0 +0 +0$/m);
    const refused = await runCli(['log', 'new-epoch'], { environment });
    expect(refused.err).toContain('invalid-request: embedded storage has one epoch per data folder');
    expect(refused.code).toBe(5);
    await hub.stop();
    folder.remove();
  });
});
