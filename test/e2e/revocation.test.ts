import { createHub, type Hub } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { addressOf, FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

interface Watched {
  readonly hub: Hub;
  readonly subjects: string[];
  /** Codes of errors and notices that it was told. */
  readonly told: string[];
}

/** A steward's program with one token and no way to get another. */
async function watch({ url }: Pick<HubProcess, 'url'>, token: string): Promise<Watched> {
  const hub = createHub({ url, token, client: 'watched', reconnect: { minMs: 20, maxMs: 200 } });
  const assets = hub.channel('assets');
  const [subjects, told]: [string[], string[]] = [[], []];
  assets.on('event', ({ subject }) => subjects.push(subject));
  hub.on('error', ({ code }) => told.push(code));
  hub.on('notice', ({ code }) => told.push(code));
  assets.live.catch(() => undefined);
  await assets.live;
  return { hub, subjects, told };
}

const steward = (sub: string): string => tokenFor({ sub, roles: ['steward'] });
const idOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti;
const admin = tokenFor({ sub: 'root', roles: ['admin'] });
const revoke = (url: string, body: object, token = admin): ReturnType<typeof callApi> =>
  callApi(url, '/v1/revocations', { token, body: JSON.stringify(body) });
const isClosed = (watched: Watched): Promise<void> =>
  eventually(() =>
    expect([watched.hub.status, watched.told]).toEqual(['closed', expect.arrayContaining(['token-revoked'])]),
  );
const connects = (url: string, token: string): Promise<number> =>
  callApi(url, '/v1/documents', { token }).then(({ status }) => status);

describe('an embedded hub', () => {
  const folder = scratchFolder();
  let hub: HubProcess;
  const start = (): Promise<HubProcess> =>
    startHubProcess({
      dataDir: folder.path,
      file: {
        connectors: [],
        policy: {
          version: 1,
          roles: { admin: [{ allow: 'administer' }, { allow: 'read' }], steward: [{ allow: 'read' }] },
        },
      },
    });
  beforeAll(async () => {
    hub = await start();
  });
  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  it('P7: a revoked token ends its sessions and is refused, over HTTP too and after a restart', async () => {
    const [bad, good] = [steward('bad'), steward('good')];
    const [one, other] = [await watch(hub, bad), await watch(hub, good)];
    const made = await revoke(hub.url, { token: idOf(bad), reason: 'laptop lost' });
    expect(made).toMatchObject({ status: 201, body: { by: 'root', reason: 'laptop lost', told: true } });
    await isClosed(one);
    expect([await connects(hub.url, bad), await connects(hub.url, good), other.hub.status]).toEqual([401, 200, 'live']);
    await hub.stop();
    other.hub.close();
    hub = await start();
    expect([await connects(hub.url, bad), await connects(hub.url, good)]).toEqual([401, 200]);
    const { body } = await callApi(hub.url, '/v1/revocations', { token: admin });
    expect(body).toMatchObject({ revocations: [{ target: { kind: 'token', token: idOf(bad) } }] });
  });

  it('is for administrators of the tenant, and says what is wrong', async () => {
    const refused = async (body: object, token?: string): Promise<unknown> => (await revoke(hub.url, body, token)).body;
    expect(await refused({ subject: 'ada' }, steward('eve'))).toMatchObject({ code: 'forbidden' });
    expect(await refused({})).toMatchObject({
      code: 'invalid-request',
      detail: expect.stringMatching(/exactly one of/),
    });
    expect(await refused({ subject: 'a', all: true })).toMatchObject({
      detail: expect.stringMatching(/exactly one of.*not 2/),
    });
    expect(await refused({ token: 'a', issuedBefore: '2026-01-01T00:00:00Z' })).toMatchObject({
      detail: expect.stringMatching(/^issuedBefore: /),
    });
    expect(await refused({ subject: 'a', until: 1 })).toMatchObject({
      code: 'invalid-request',
      detail: expect.stringMatching(/until/),
    });
    expect(await refused({ subject: 'a', expiresAt: '2020-01-01T00:00:00Z' })).toMatchObject({
      detail: expect.stringMatching(/^expiresAt: /),
    });
    const foreign = tokenFor({ sub: 'boss', roles: ['admin'], tenant: 'globex' });
    expect((await revoke(hub.url, { subject: 'carl' }, foreign)).status).toBe(201);
    expect(await connects(hub.url, steward('carl'))).toBe(200);
  });

  it('by the command line', async () => {
    const environment = { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin };
    const dave = steward('dave');
    const watched = await watch(hub, dave);
    const add = await runCli(['revocations', 'add', '--subject', 'dave', '--reason', 'left'], { environment });
    expect(add).toMatchObject({ code: 0, out: expect.stringMatching(/^\S+: tokens of dave issued before /) });
    await isClosed(watched);
    const list = await runCli(['revocations', 'list'], { environment });
    expect(list).toMatchObject({ code: 0, out: expect.stringMatching(/dave.*left/) });
    expect(await runCli(['revocations', 'add'], { environment })).toMatchObject({
      ...{ code: 5, err: expect.stringContaining('exactly one of') },
    });
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'two nodes', (urls) => {
  const proxy = new FaultProxy(() => addressOf(urls.redis));
  let cluster: HubCluster;
  let one: HubProcess;
  let two: HubProcess;
  beforeAll(async () => {
    const redis = `redis://127.0.0.1:${await proxy.listen()}`;
    cluster = createHubCluster({ ...urls, redis, name: 'revocation' });
    [one, two] = [await cluster.start('one'), await cluster.start('two')];
  });
  afterAll(async () => {
    if (one !== undefined) process.kill(one.pid, 'SIGCONT');
    await cluster?.dispose();
    await proxy.close();
  });

  const post = async (id: string): Promise<void> => {
    const data = { asset: { type: 'table', name: id } };
    const event = { id, type: 'gov.asset.created', subject: id, data };
    expect(await postCloudEvent(two.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('P7: what one node revokes holds on the other, also while Redis is away', async () => {
    const first = await watch(one, steward('first'));
    await revoke(two.url, { subject: 'first' });
    await isClosed(first);
    proxy.refuse();
    proxy.cut();
    const second = await watch(one, steward('second'));
    const startedMs = performance.now();
    expect(await revoke(two.url, { subject: 'second' })).toMatchObject({ status: 201, body: { told: true } });
    await isClosed(second);
    expect(performance.now() - startedMs).toBeLessThan(5000);
    proxy.restore();
  }, 60_000);

  it('P7 D8: a node that was frozen hears what was revoked before it sends or lets in anything', async () => {
    const token = steward('third');
    const [third, fourth] = [await watch(one, token), await watch(one, steward('fourth'))];
    proxy.refuse();
    proxy.cut();
    process.kill(one.pid, 'SIGSTOP');
    await revoke(two.url, { subject: 'third' });
    for (let index = 0; index < 20; index++) await post(`secret-${index}`);
    const late = connects(one.url, token);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    process.kill(one.pid, 'SIGCONT');
    await isClosed(third);
    await eventually(() => expect(fourth.subjects).toHaveLength(20), { timeoutMs: 30_000 });
    expect([third.subjects, await late]).toEqual([[], 401]);
    fourth.hub.close();
    proxy.restore();
  }, 90_000);
});
