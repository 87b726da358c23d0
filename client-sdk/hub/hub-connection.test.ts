import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import type { NoticeMessage } from '../../channels/protocol/down.ts';
import type { WebSocketConstructor } from '../connection/link.ts';
import type { HubClientError } from '../hub-client-error.ts';
import { roomOf, sampleEvent } from '../testing/contract-server.ts';
import { connect, reached, startServer } from '../testing/hub-fixture.ts';

// the one that socket.io-client brings; Node 20 has no WebSocket of its own
const PlainWebSocket = createRequire(import.meta.url)('ws') as WebSocketConstructor;

const refusal = { code: 'unauthenticated', message: 'signature is wrong', retryable: false } as const;

function errorsOf(hub: ReturnType<typeof connect>): HubClientError[] {
  const errors: HubClientError[] = [];
  hub.on('error', (error) => errors.push(error));
  return errors;
}

/** A hub object that is live, with everything it tells from then on. */
async function liveHub() {
  const server = await startServer();
  const hub = connect(server.url);
  const errors = errorsOf(hub);
  const notices: NoticeMessage[] = [];
  hub.on('notice', (notice) => notices.push(notice));
  await reached(hub, 'live');
  return { server, hub, errors, notices };
}

/** The hub says this, and closes every connection. */
function endAfter(server: Awaited<ReturnType<typeof startServer>>, ...notices: readonly NoticeMessage[]): void {
  for (const socket of server.sockets) {
    for (const notice of notices) socket.emit('notice', notice);
    socket.disconnect(true);
  }
}

test('presents token, protocol, version and the subscriptions that are already wanted', async () => {
  const server = await startServer();
  const hub = connect(server.url, { client: 'board 2.1' });
  const assets = hub.channel('assets', { filter: { type: 'table' } });
  expect(hub.status).toBe('connecting');
  await assets.live;
  expect(hub.status).toBe('live');
  expect(server.connects).toEqual([
    {
      token: 'valid',
      protocol: 1,
      oldestProtocol: 1,
      client: 'board 2.1 (@pursight/client 0.1.0)',
      subscriptions: [{ id: assets.id, channel: 'assets', filter: { type: 'table' } }],
    },
  ]);
  expect(server.requests).toEqual([]);
});

test('asks one by one for what is wanted later or does not fit into the CONNECT packet', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const names = Array.from({ length: 40 }, (_, index) => `asset:${'x'.repeat(1000)}${index}`);
  const early = names.map((name) => hub.channel(name));
  await Promise.all(early.map(({ live }) => live));
  const late = hub.channel('alerts');
  await late.live;
  const inPayload = server.connects[0]?.subscriptions?.length ?? 0;
  expect(inPayload).toBeGreaterThan(10);
  expect(server.requests).toHaveLength(41 - inPayload);
});

test('a refused fixed token closes the hub object and ends its subscriptions with the reason', async () => {
  const server = await startServer();
  server.options.verify = () => refusal;
  const hub = connect(server.url);
  const errors = errorsOf(hub);
  const assets = hub.channel('assets');
  await expect(assets.live).rejects.toMatchObject({ code: 'unauthenticated', message: 'signature is wrong' });
  await expect(assets[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(hub.status).toBe('closed');
  expect(errors).toMatchObject([{ code: 'unauthenticated', retryable: false }]);
  expect(server.connects).toHaveLength(1);
  expect(() => hub.channel('assets')).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('an expired token is replaced by a new one from the function', async () => {
  const server = await startServer();
  server.options.verify = (token) =>
    token === 'token 1' ? { code: 'token-expired', message: 'expired', retryable: false } : null;
  let calls = 0;
  const hub = connect(server.url, { token: () => `token ${(calls += 1)}` });
  await reached(hub, 'live');
  expect(server.connects.map(({ token }) => token)).toEqual(['token 1', 'token 2']);
});

test('a token function that fails is called again', async () => {
  const server = await startServer();
  const token = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new Error('identity provider is away'))
    .mockResolvedValue('valid');
  const hub = connect(server.url, { token });
  const errors = errorsOf(hub);
  await reached(hub, 'live');
  expect(errors).toMatchObject([
    { code: 'unreachable', message: expect.stringContaining('identity provider is away') },
  ]);
});

test('renews the token in band before it expires', async () => {
  const server = await startServer();
  server.options.expiresAt = () => new Date(Date.now() + 3_600_000 * server.requests.length + 1500).toISOString();
  let calls = 0;
  const hub = connect(server.url, { token: async () => `token ${(calls += 1)}` });
  await hub.channel('assets').live;
  await vi.waitFor(
    () => expect(server.requests).toEqual([{ name: 'authenticate', payload: { token: 'token 2' } }]),
    4000,
  );
  expect(hub.status).toBe('live');
  expect(server.connects).toHaveLength(1);
});

test('reports a refused renewal, keeps the connection and tries again', async () => {
  const server = await startServer();
  server.options.expiresAt = () => new Date(Date.now() + 1500).toISOString();
  const hub = connect(server.url, { token: () => 'valid' });
  const errors = errorsOf(hub);
  await reached(hub, 'live');
  server.options.verify = () => refusal;
  await vi.waitFor(() => expect(errors).toMatchObject([refusal, refusal]), 5000);
  expect(hub.status).toBe('live');
});

test('comes back after the hub was away, and says so', async () => {
  const first = await startServer();
  const { url } = first;
  const hub = connect(url);
  const statuses: string[] = [];
  hub.on('status', (status) => statuses.push(status));
  const errors = errorsOf(hub);
  await hub.channel('assets').live;
  await first.close();
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(2), 5000);
  expect(errors.at(-1)).toMatchObject({ code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  const second = await startServer(Number(new URL(url).port));
  await reached(hub, 'live');
  expect(second.connects[0]?.subscriptions).toMatchObject([{ channel: 'assets' }]);
  expect(statuses.slice(0, 4)).toEqual(['live', 'backoff', 'recovering', 'backoff']);
});

test('the notice before the end explains it, and its wait is kept', async () => {
  const { server, hub, errors, notices } = await liveHub();
  const notice = { code: 'shutting-down', message: 'restart', retryAfterMs: 300 } as const;
  const endedAtMs = Date.now();
  endAfter(server, notice);
  await reached(hub, 'backoff');
  await reached(hub, 'live');
  expect(Date.now() - endedAtMs).toBeGreaterThanOrEqual(295);
  expect(notices).toEqual([notice]);
  expect(errors).toMatchObject([{ code: 'shutting-down', message: 'restart', retryAfterMs: 300 }]);
});

test('what the hub tells of its own state is passed on and explains no end of the connection', async () => {
  const { server, hub, errors, notices } = await liveHub();
  const ending = { code: 'shutting-down', message: 'restart' } as const;
  const degraded = { code: 'degraded', message: 'away', dependency: 'catalog' } as const;
  endAfter(server, ending, degraded);
  await reached(hub, 'backoff');
  await reached(hub, 'live');
  endAfter(server, degraded);
  await reached(hub, 'backoff');
  expect(notices).toEqual([ending, degraded, degraded]);
  expect(errors).toMatchObject([{ code: 'shutting-down' }, { code: 'disconnected' }]);
});

test('close ends everything, also from inside a listener', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const assets = hub.channel('assets');
  const ended = vi.fn();
  assets.on('ended', ended);
  await assets.live;
  hub.on('error', () => hub.close());
  server.cut();
  await reached(hub, 'closed');
  expect(ended.mock.calls).toEqual([[null]]);
  await expect(assets[Symbol.asyncIterator]().next()).resolves.toEqual({ done: true, value: undefined });
  await vi.waitFor(() => expect(server.sockets).toHaveLength(0));
  expect(server.connects).toHaveLength(1);
});

test('uses the WebSocket that it is given', async () => {
  const server = await startServer();
  const urls: string[] = [];
  class Spy extends PlainWebSocket {
    constructor(url: string) {
      super(url);
      urls.push(url);
    }
  }
  const hub = connect(server.url, { WebSocket: Spy });
  await hub.channel('assets').live;
  expect(urls).toEqual([expect.stringContaining('/socket.io/?EIO=4&transport=websocket')]);
});

test('a WebSocket that cannot be created is a failure like others; the path of the address is kept', async () => {
  const urls: string[] = [];
  class Broken {
    constructor(url: string) {
      urls.push(url);
      throw new Error('mixed content');
    }
  }
  const hub = connect('http://127.0.0.1:1/governance/', { WebSocket: Broken });
  const errors = errorsOf(hub);
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1));
  expect(errors[0]).toMatchObject({ code: 'unreachable', message: expect.stringContaining('127.0.0.1:1') });
  expect(urls[0]).toMatch(/^ws:\/\/127\.0\.0\.1:1\/governance\/socket\.io\/\?EIO=4&transport=websocket/u);
});

test('one broken listener does not keep the others from their events', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const assets = hub.channel('assets');
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
  assets.on('event', () => {
    throw new Error('fault of the application');
  });
  const seen = new Promise((resolve) => assets.on('event', resolve));
  await assets.live;
  server.send(roomOf({ channel: 'assets' }), sampleEvent('1'));
  await expect(seen).resolves.toMatchObject({ id: '1' });
  await expect(thrown).resolves.toMatchObject({ message: 'fault of the application' });
});
