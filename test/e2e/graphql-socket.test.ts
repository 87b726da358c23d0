import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { hear, type Heard, socketClient } from '../harness/graphql-socket.ts';
import { callApi } from '../harness/hub-api.ts';
import { tokenFor } from '../harness/hub-process.ts';
import { adminToken, StreamHub, stewardToken, urnOf } from '../harness/stream-hub.ts';

const changes = `subscription ($channel: String!) {
  changes(channel: $channel, shape: ENTITY) { id kind subject entity } }`;
const viewerToken = tokenFor({ sub: 'vera', roles: ['viewer'] });

function subjectsOf({ results }: Heard): readonly unknown[] {
  return results.map(({ data }) => (data?.['changes'] as { subject: string } | undefined)?.subject);
}

describe.each(await enginesHere())('GraphQL over WebSocket on %s', (engine) => {
  const hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine, PURSIGHT_MAX_BUFFERED_BYTES: '262144' });
  const clients: Client[] = [];
  const bare: WebSocket[] = [];
  let beacons = 0;
  beforeAll(() => hub.start());
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    for (const socket of bare.splice(0)) socket.terminate();
  });
  afterAll(() => hub.dispose());

  function connect(token = stewardToken): Client {
    const client = socketClient(hub.url, token);
    clients.push(client);
    return client;
  }

  /** Without a library: what it is closed with, and what it hears. */
  function open(protocol = 'graphql-transport-ws'): { readonly socket: WebSocket; readonly said: string[] } {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/graphql`, protocol);
    const said: string[] = [];
    bare.push(socket);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => said.push(data.toString()));
    return { socket, said };
  }

  const closed = (socket: WebSocket): Promise<string> =>
    new Promise((resolve) => socket.once('close', (code, reason) => resolve(`${code} ${reason.toString()}`)));

  /** Of subscriptions: changes until one has come, so that they are there. */
  async function live(...heard: readonly Heard[]): Promise<void> {
    await eventually(
      async () => {
        await hub.put(`beacon-${++beacons}`);
        for (const each of heard) expect(each.results).not.toEqual([]);
      },
      { everyMs: 100 },
    );
    for (const each of heard) {
      await each.until(({ results }) => subjectsOf({ ...each, results }).includes(urnOf(`beacon-${beacons}`)));
      each.results.length = 0;
    }
  }

  it('S12 each sees what its rights allow, in the shape that it asked for', async () => {
    const [steward, viewer] = [connect(), connect(viewerToken)].map((client) =>
      hear(client, { query: changes, variables: { channel: 'assets' } }),
    ) as [Heard, Heard];
    await live(steward, viewer);
    await hub.put('plain');
    await hub.put('secret', { classifications: [{ scheme: 'pii', name: 'email' }] });
    await hub.put('last');
    for (const each of [steward, viewer]) await each.until((heard) => subjectsOf(heard).includes(urnOf('last')));
    expect(subjectsOf(steward)).toEqual([urnOf('plain'), urnOf('secret'), urnOf('last')]);
    expect(subjectsOf(viewer)).toEqual([urnOf('plain'), urnOf('last')]);
    expect(JSON.stringify(viewer.results)).not.toContain('secret');
  });

  it('S12 queries and mutations are answered as over HTTP, errors of fields with their paths', async () => {
    await hub.put('orders');
    const client = connect();
    const query =
      '{ me { sub } asset(urn: "urn:gov:bank:orders") { name } assets(filter: { nothing: 1 }) { nodes { urn } } }';
    const found = hear(client, { query });
    await found.until(({ end }) => end === 'complete');
    const { body } = await callApi(hub.url, '/graphql', { token: stewardToken, body: JSON.stringify({ query }) });
    expect(found.results).toEqual([body]);
    expect(found.results[0]).toMatchObject({ errors: [{ path: ['assets'], extensions: { code: 'invalid-filter' } }] });
    const denied = hear(client, {
      query: 'mutation { deleteAsset(urn: "urn:gov:bank:orders", ifMatch: "*") { ... on Problem { code } } }',
    });
    await denied.until(({ end }) => end === 'complete');
    expect(denied.results).toMatchObject([{ data: { deleteAsset: { code: 'forbidden' } } }]);
  });

  it.each([
    ['{ nothing }', 'invalid-request'],
    ['{ me ', 'invalid-request'],
    ['subscription { changes(channel: "nowhere") { kind } }', 'invalid-channel'],
    ['subscription { changes(channel: "assets", filter: { nothing: 1 }) { kind } }', 'invalid-filter'],
    ['{ assets(first: 1000) { nodes { columns(first: 1000) { nodes { name } } } } }', 'limit-exceeded'],
    [`{ ${'me { sub } '.repeat(3000)} }`, 'invalid-request'],
    [`{ assets(filter: ${'['.repeat(20_000)}) { nodes { urn } } }`, 'limit-exceeded'],
  ])('S12 what cannot be run ends that operation alone: %#', async (query, code) => {
    const client = connect();
    const other = hear(client, { query: changes, variables: { channel: 'assets' } });
    const refused = hear(client, { query });
    await refused.until(({ end }) => end !== undefined);
    expect(refused).toMatchObject({ results: [], end: [{ message: expect.any(String), extensions: { code } }] });
    await live(other);
  });

  it('D2 S12 who sends the position back misses nothing, also after the hub was killed', async () => {
    const first = hear(connect(), { query: changes, variables: { channel: 'assets' } });
    await live(first);
    await hub.put('seen');
    await first.until(({ results }) => results.length > 0);
    const last = first.results.at(-1);
    const position: unknown = last?.extensions?.['position'];
    expect(position).toEqual(expect.any(String));
    first.stop();
    await hub.put('missed-a');
    const other = hear(connect(), { query: changes, variables: { channel: 'assets' } });
    await live(other);
    await hub.crash();
    await other.until(({ end }) => end !== undefined);
    expect(other.end).toMatchObject({ code: 1006 });
    await hub.put('missed-b');
    const second = hear(connect(), {
      ...{ query: changes, variables: { channel: 'assets' } },
      extensions: { position },
    });
    await second.until((heard) => subjectsOf(heard).includes(urnOf('missed-b')));
    const known = new Set(first.results.map(({ data }) => (data?.['changes'] as { id: string } | undefined)?.id));
    const missed = second.results.map(({ data }) => data?.['changes'] as { id: string; subject: string });
    expect(missed.filter(({ id }) => !known.has(id)).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([urnOf('missed-a'), urnOf('missed-b')]),
    );
  });

  it('S12 the end of the token ends it, with the reason; a token that is none opens nothing', async () => {
    const short = hear(connect(tokenFor({ roles: ['steward'], ttlSeconds: 2 })), {
      ...{ query: changes, variables: { channel: 'assets' } },
    });
    await short.until(({ end }) => end === 'complete');
    expect(short.results.at(-1)).toMatchObject({ data: null, errors: [{ extensions: { code: 'token-expired' } }] });
    const stranger = hear(connect('x.y.z'), { query: '{ me { sub } }' });
    await stranger.until(({ end }) => end !== undefined);
    expect(stranger.end).toMatchObject({ code: 4401, reason: expect.stringMatching(/^unauthenticated: /) });
  });

  it('S12 what is no message of the protocol closes that socket alone', async () => {
    const other = hear(connect(), { query: changes, variables: { channel: 'assets' } });
    await live(other);
    const init = JSON.stringify({ type: 'connection_init', payload: { token: stewardToken } });
    for (const [text, code] of [
      ['nonsense', 4400],
      ['{"type":"subscribe","id":"1","payload":{"query":"{ me { sub } }"}}', 4401],
      [Buffer.from([1, 2, 3]), 1008],
      ['[1]', 4400],
      ['"5"', 4400],
    ] as const) {
      const { socket } = open();
      await new Promise((resolve) => socket.once('open', resolve));
      const end = closed(socket);
      socket.send(text);
      expect(await end, String(text)).toMatch(new RegExp(`^${code} `));
    }
    const { socket, said } = open();
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(init);
    await eventually(async () => expect(said).toEqual(['{"type":"connection_ack"}']));
    const end = closed(socket);
    socket.send('x'.repeat(2_000_000));
    expect(await end).toMatch(/^10\d\d /);
    await live(other);
  });

  it('S12 another protocol is refused before the handshake, with what to ask for', async () => {
    const { socket } = open('graphql-ws');
    const refusal = await new Promise<string>((resolve) =>
      socket.once('unexpected-response', (_request, response) => {
        response.on('data', (data: Buffer) => resolve(`${response.statusCode} ${data.toString()}`));
      }),
    );
    expect(refusal).toMatch(/^400 .*unsupported-protocol.*graphql-transport-ws/);
  });

  it('D6 S12 who reads nothing is closed, and nobody else', async () => {
    const other = hear(connect(), { query: changes, variables: { channel: 'assets' } });
    const { socket, said } = open();
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token: stewardToken } }));
    await eventually(async () => expect(said).toHaveLength(1));
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: '1',
        payload: { query: 'subscription { changes(channel: "assets", shape: DOCUMENT) { subject document } }' },
      }),
    );
    await live(other);
    await eventually(async () => expect(said.length).toBeGreaterThan(1));
    socket.pause();
    const end = closed(socket);
    await hub.putMany('much', 1500, { description: 'x'.repeat(8000) });
    await other.until((heard) => subjectsOf(heard).includes(urnOf('much-01499')));
    socket.resume();
    await end;
    expect(said.some((each) => each.includes(urnOf('much-01499')))).toBe(false);
  });

  it('S12 a hub that stops closes with a code after which clients come back', async () => {
    const quiet = open();
    await new Promise((resolve) => quiet.socket.once('open', resolve));
    quiet.socket.send(JSON.stringify({ type: 'connection_init', payload: { token: adminToken } }));
    const heard = hear(connect(), { query: changes, variables: { channel: 'assets' } });
    await live(heard);
    const end = closed(quiet.socket);
    await hub.process.stop();
    expect(await end).toMatch(/^1012 /);
    await heard.until((each) => each.end !== undefined);
    expect(heard.end).toMatchObject({ code: 1012 });
    await hub.start();
  });
});
