import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { addressOf, FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster } from '../harness/hub-cluster.ts';
import { scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { openRawSession, payloadsOf } from '../harness/raw-socket.ts';
import { describeWithServices } from '../setup/services.ts';
import { type ForeignClient, startForeignClient, startTokenServer, type TokenServer } from './foreign-client.ts';
import { runtimes } from './runtimes.ts';

const admin = tokenFor({ sub: 'writer', roles: ['admin'] });
const patient = { timeoutMs: 40_000, everyMs: 50 };
const entities = 7;

interface Heard {
  readonly id: string;
  readonly subject: string;
  readonly recordedtime: string;
}

/** Changes of a few entities, one after the other, until `stop`. A hub that is not there gets the same message again. */
function startChanges(url: () => string): { stop(): Promise<number> } {
  let isOver = false;
  let made = 0;
  const send = async (): Promise<number> => {
    const data = { asset: { type: 'table', name: `name ${made}` } };
    const event = { id: `change-${made}`, type: 'gov.asset.updated', subject: `t-${made % entities}`, data };
    return postCloudEvent(url(), 'events', admin, event).then(
      ({ status }) => status,
      () => 503,
    );
  };
  const run = (async () => {
    for (; !isOver; made++) await eventually(async () => expect(await send()).toBe(200), patient);
  })();
  run.catch(() => undefined);
  return {
    async stop() {
      isOver = true;
      await run;
      return made;
    },
  };
}

/** What a hub says of everything since then, to somebody who has never been away. */
async function heardSince(url: string, since: string, count: number): Promise<readonly Heard[]> {
  const subscriptions = [{ id: 's', channel: 'assets', since }];
  const session = await openRawSession(url, tokenFor({ sub: 'witness', roles: ['admin'] }), { subscriptions });
  try {
    return await eventually(() => {
      const all = payloadsOf<{ readonly events: readonly Heard[] }>(session, 'replay').flatMap(({ events }) => events);
      expect(all.length).toBeGreaterThanOrEqual(count);
      return all;
    }, patient);
  } finally {
    session.destroy();
  }
}

function takenBy(client: ForeignClient): readonly Heard[] {
  return client.said.filter(({ name }) => name === 'taken').map(({ data }) => data as Heard);
}

function startBare(url: string, tokens: TokenServer): ForeignClient {
  const runtime = runtimes['a bare WebSocket'];
  if (runtime === undefined || runtime instanceof Error) throw new Error('no Node');
  return startForeignClient(runtime, { HUB_URL: url, TOKEN_URL: tokens.url });
}

async function isLive(client: ForeignClient, times: number): Promise<void> {
  await eventually(
    () => expect(client.count('live'), JSON.stringify(client.said.slice(-3))).toBeGreaterThanOrEqual(times),
    patient,
  );
}

/** Every change came to it once, by id, each entity's in order, and it was always told that nothing is missing. */
async function missedNothing(client: ForeignClient, url: string, since: string, made: number): Promise<void> {
  await eventually(() => expect(takenBy(client).length).toBeGreaterThanOrEqual(made), patient);
  const taken = takenBy(client);
  expect(new Set(taken.map(({ id }) => id)).size).toBe(made);
  expect(taken.length).toBe(made);
  const witnessed = await heardSince(url, since, made);
  for (let index = 0; index < entities; index++) {
    const own = ({ subject }: Heard): boolean => subject.endsWith(`:t-${index}`);
    expect(taken.filter(own).map(({ id }) => id)).toEqual(witnessed.filter(own).map(({ id }) => id));
  }
  const subscribed = client.said.filter(({ name }) => name === 'subscribed');
  for (const { data } of subscribed.slice(1)) expect(data).toMatchObject({ recovered: true });
}

/** Waits until the client has a cursor to go on from and more has happened since. */
async function hearsMore(client: ForeignClient): Promise<void> {
  const before = client.count('taken');
  await eventually(() => expect(client.count('taken')).toBeGreaterThan(before + 20), patient);
}

describe('a bare WebSocket that keeps its cursor and its handle', () => {
  const folder = scratchFolder();
  let tokens: TokenServer;

  beforeAll(async () => {
    tokens = await startTokenServer(() => tokenFor({ sub: 'bare', roles: ['admin'] }));
  });
  afterAll(() => {
    tokens?.close();
    folder.remove();
  });

  it('D2: misses nothing and gets nothing twice: hub killed, stopped, session closed, network gone', async () => {
    const options = {
      dataDir: folder.path,
      file: {
        connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
        policy: { version: 1, roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }] } },
      },
      environment: { PURSIGHT_PORT: String(await freePort()) },
    };
    let hub = await startHubProcess(options);
    const front = new FaultProxy(() => addressOf(hub.url));
    const since = new Date(Date.now() - 1000).toISOString();
    const client = startBare(`http://127.0.0.1:${await front.listen()}`, tokens);
    try {
      await isLive(client, 1);
      const changes = startChanges(() => hub.url);
      for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
        await hearsMore(client);
        const lives = client.count('live');
        await hub.stop(signal);
        hub = await startHubProcess(options);
        await isLive(client, lives + 1);
      }
      await hearsMore(client);
      const lives = client.count('live');
      await closeSessions(hub.url);
      await isLive(client, lives + 1);
      const notices = client.said.filter(({ name }) => name === 'notice').map(({ data }) => data);
      for (const code of ['shutting-down', 'disconnected'])
        expect(notices).toContainEqual(expect.objectContaining({ code }));

      await hearsMore(client);
      const ends = client.count('disconnect');
      front.refuse();
      front.cut();
      await eventually(() => expect(client.count('disconnect')).toBeGreaterThan(ends + 2), patient);
      front.restore();
      await isLive(client, lives + 2);
      await missedNothing(client, hub.url, since, await changes.stop());
    } finally {
      client.stop();
      await hub.stop();
      await front.close();
    }
  });
});

async function closeSessions(url: string): Promise<void> {
  const { body } = await callApi(url, '/v1/sessions', { token: admin });
  for (const { id } of (body as { readonly sessions: readonly { readonly id: string }[] }).sessions)
    expect(await callApi(url, `/v1/sessions/${id}/disconnect`, { token: admin, method: 'POST' })).toMatchObject({
      status: expect.toSatisfy((status: number) => status < 300),
    });
}

describeWithServices(['kafka', 'mongo', 'redis'], 'a bare WebSocket on one of two nodes', (urls) => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('D2: goes on exactly at the other after %s', async (signal) => {
    const cluster = createHubCluster({ ...urls, name: 'bare' });
    const nodes = [await cluster.start('one'), await cluster.start('two')];
    const front = new FaultProxy(() => (nodes[0] === undefined ? undefined : addressOf(nodes[0].url)));
    const tokens = await startTokenServer(() => tokenFor({ sub: 'bare', roles: ['admin'] }));
    const since = new Date(Date.now() - 1000).toISOString();
    const client = startBare(`http://127.0.0.1:${await front.listen()}`, tokens);
    try {
      await isLive(client, 1);
      const changes = startChanges(() => nodes[0]?.url ?? '');
      await hearsMore(client);
      await nodes.shift()?.stop(signal);
      await isLive(client, 2);
      expect(client.count('goaway')).toBe(signal === 'SIGTERM' ? 1 : 0);
      await hearsMore(client);
      await missedNothing(client, nodes[0]?.url ?? '', since, await changes.stop());
    } finally {
      client.stop();
      tokens.close();
      await cluster.dispose();
      await front.close();
    }
  });
});
