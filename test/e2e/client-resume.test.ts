import { createHub, type Hub, type WireEvent } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });
const folder = scratchFolder();
let port = 0;
let hub: HubProcess;
const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
let client: Hub;
let lastId = 0;

async function startHub(): Promise<void> {
  hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_PORT: String(port) } });
}

/** A new or changed table. */
async function change(name: string, description: string): Promise<void> {
  lastId += 1;
  const answer = await postCloudEvent(hub.url, 'events', admin, {
    id: `e${lastId}`,
    type: 'gov.asset.created',
    subject: name,
    data: { asset: { type: 'table', name, description } },
  });
  expect(answer).toMatchObject({ status: 200 });
}

async function remove(name: string): Promise<void> {
  lastId += 1;
  await postCloudEvent(hub.url, 'events', admin, { id: `e${lastId}`, type: 'gov.asset.deleted', subject: name });
}

const told: string[] = [];
const events: WireEvent[] = [];

beforeAll(async () => {
  port = await freePort();
  await startHub();
  const url = `http://127.0.0.1:${await proxy.listen()}`;
  client = createHub({ url, token: admin, client: 'resume test', reconnect: { minMs: 50, maxMs: 300 } });
});

afterAll(async () => {
  client.close();
  await proxy.close();
  await hub.stop();
  folder.remove();
});

describe('the client library and a hub', () => {
  it('D3 D5: what happens while the network is away comes afterwards, once, and nobody is told of a gap', async () => {
    const feed = client.channel('assets');
    feed.on('gap', ({ reason }) => told.push(`gap ${reason}`));
    feed.on('event', (event) => events.push(event));
    await feed.live;
    await change('first', 'one');
    await eventually(() => expect(events).toHaveLength(1));
    const view = client.view('assets');
    view.on('change', ({ reset }) => told.push(reset ? 'reset' : 'change'));
    await view.live;
    expect(view.items.map(({ entity }) => entity.name)).toEqual(['first']);
    const [before] = view.items;
    told.length = 0;

    await change('second', 'one');
    await eventually(() => expect(events).toHaveLength(2));
    proxy.refuse();
    proxy.cut();
    for (let index = 0; index < 30; index += 1) await change('second', `version ${index}`);
    await remove('second');
    await change('third', 'one');
    proxy.restore();
    await eventually(() => expect(events).toHaveLength(34));
    expect(new Set(events.map(({ id }) => id)).size).toBe(34);
    await eventually(() => expect(view.items.map(({ entity }) => entity.name)).toEqual(['first', 'third']));
    expect(view.items[0]).toBe(before);
    expect(told.every((each) => each === 'change')).toBe(true);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('D5: goes on over a restart of the hub by %s', async (signal) => {
    told.length = 0;
    const count = events.length;
    await change('first', `before ${signal}`);
    await eventually(() => expect(events).toHaveLength(count + 1));
    await hub.stop(signal);
    await startHub();
    await change('first', `after ${signal}`);
    await eventually(() => expect(events).toHaveLength(count + 2));
    expect(new Set(events.map(({ id }) => id)).size).toBe(count + 2);
    expect(told.filter((each) => each !== 'change')).toEqual([]);
  });

  it('a view holds what the hub would answer now, with documents', async () => {
    const view = client.view('assets', { filter: { type: 'table' } });
    await view.live;
    const { body } = await callApi(hub.url, '/v1/documents?filter={"type":"table"}', { token: admin });
    const { documents } = body as { documents: readonly { urn: string }[] };
    expect(view.items.map(({ entity }) => entity.urn)).toEqual(documents.map(({ urn }) => urn));
    view.close();
  });

  it('since: from the beginning, in the order of each entity', async () => {
    const feed = client.channel('assets', { since: '2020-01-01T00:00:00Z' });
    const replayed: WireEvent[] = [];
    feed.on('event', (event) => replayed.push(event));
    await feed.live;
    const idsOf = (list: readonly WireEvent[], name: string): readonly string[] =>
      list.filter(({ subject }) => subject.endsWith(`:${name}`)).map(({ id }) => id);
    for (const name of ['first', 'second', 'third']) expect(idsOf(replayed, name)).toEqual(idsOf(events, name));
    feed.close();
  });
});
