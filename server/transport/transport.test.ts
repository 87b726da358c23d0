import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Problem } from '../../channels/protocol/problem.ts';
import { echoRoutes } from '../../test/harness/echo-routes.ts';
import { enginesHere } from '../../test/harness/engines.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { frameBytes, openRawSocket, type RawSocket } from '../../test/harness/raw-socket.ts';
import { json, ownResponse } from '../http/answers.ts';
import { forBrowsers } from '../http/contract.ts';
import { route } from '../http/route.ts';
import { createRouter } from '../http/router.ts';
import type { HttpResponse } from './http.ts';
import { loadUws } from './uws/load-uws.ts';
import { createTransport } from './socket-io-transport.ts';
import type { Connection, Transport } from './transport.ts';

const require = createRequire(import.meta.url);
const maxBodyBytes = 100_000;
const maxBufferedBytes = 256 * 1024;
const get = { method: 'GET', access: 'public', contract: forBrowsers, answer: json(z.unknown()) } as const;
/** `ws` first: Socket.IO changes its adapter for the whole process once it runs on uWebSockets.js. */
const engines = (await enginesHere()).toSorted().toReversed();

afterAll(() => {
  const uws = join(dirname(require.resolve('socket.io/package.json')), 'dist/uws.js');
  (require(uws) as { restoreAdapter(): void }).restoreAdapter();
});

describe.each(engines)('transport on %s', { timeout: 30_000 }, (engine) => {
  let transport: Transport;
  let url: string;
  let connections: Connection[];
  let closed: string[];
  let slow: string[];
  let bodyFaults: HubError[];
  let answerSlowly: () => void;
  let slowRequests = 0;
  const sockets: RawSocket[] = [];
  /** Addresses of the sockets that stand. */
  let standing: string[];
  let floods: string[];
  let taken = 0;
  const largeBody = Array.from({ length: 1_000_000 }, (_, index) => `line ${index} ä`).join('\n');
  const large = (): HttpResponse => ({ status: 200, body: largeBody, onTaken: () => (taken += 1) });
  let failNext = false;
  let faults: unknown[];

  beforeEach(async () => {
    [connections, closed, slow, bodyFaults] = [[], [], [], []];
    [slowRequests, standing, floods, faults, taken] = [0, [], [], [], 0];
    const answer = new Promise<void>((resolve) => (answerSlowly = resolve));
    const slowly = (): Promise<object> => {
      slowRequests += 1;
      return answer.then(() => ({ slow: true }));
    };
    const onHttp = createRouter({
      verify: async (token) => {
        if (token !== 'ada') throw new HubError('unauthenticated', 'token: none is good but that of ada');
        return { tenant: 'acme', sub: 'ada', roles: [], claims: {}, expiresAtMs: 0 };
      },
      onError: (error) => void bodyFaults.push(error),
      policy: { assertMay: () => undefined },
      routes: [
        ...echoRoutes(maxBodyBytes),
        route({ ...get, path: '/v1/large', answer: ownResponse(), handle: () => large() }),
        route({ ...get, path: '/v1/slow', handle: slowly }),
        route({ ...get, access: 'signed-in', path: '/v1/mine/slow', handle: slowly }),
      ],
    });
    transport = createTransport(
      {
        host: '127.0.0.1',
        port: 0,
        maxMessageBytes: 65_536,
        maxBufferedBytes,
        trustedProxies: 0,
        inbound: { bytesPerSecond: 65_536, burstBytes: 262_144, stopwatch: { elapsedMs: () => performance.now() } },
        onSocket: (address) => void standing.push(address),
        onSocketGone: () => void standing.pop(),
        onFlood: (id) => void floods.push(id),
        onHttp,
        services: [],
        admit: ({ origin }) => (origin === 'https://evil.test' ? new HubError('origin-not-allowed', 'no') : undefined),
        authenticate: async ({ auth }) => {
          const { token } = auth as { token?: string };
          if (token === 'later') throw new HubError('rate-limited', 'come back', { retryAfterMs: 700 });
          if (token !== 'good') throw new HubError('unauthenticated', 'token: bad');
          return 'the context';
        },
        onConnection: (connection, context) => {
          if (failNext) {
            failNext = false;
            throw new Error('a bug');
          }
          expect(context).toBe('the context');
          connections.push(connection);
          connection.onClose((reason) => closed.push(reason));
          connection.onMessage((event, payload, answer) => answer?.({ event, payload: payload ?? null }));
        },
        onSlowConsumer: (id) => void slow.push(id),
        onFault: (error) => void faults.push(error),
        onPeerRequest: () => ({}),
      },
      engine === 'uws' ? await loadUws(undefined) : undefined,
    );
    expect(transport.engine).toBe(engine);
    url = `http://127.0.0.1:${await transport.listen()}`;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await transport.close();
  });

  async function dial(headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    const socket = await openRawSocket(url, { headers });
    sockets.push(socket);
    await socket.until((message) => message.startsWith('0{'));
    return socket;
  }

  async function join_(token = 'good'): Promise<{ readonly socket: RawSocket; readonly connection: Connection }> {
    const socket = await dial();
    socket.send(`40${JSON.stringify({ token })}`);
    await socket.until((message) => message.startsWith('40'));
    await eventually(() => expect(connections.length).toBeGreaterThan(0));
    return { socket, connection: connections.at(-1)! };
  }

  it('carries messages both ways, with answers', async () => {
    const { socket, connection } = await join_();
    connection.send('welcome', { n: 1 });
    await socket.until((message) => message === '42["welcome",{"n":1}]');
    socket.send('427["subscribe",{"id":"a"}]');
    await socket.until((message) => message === '437[{"event":"subscribe","payload":{"id":"a"}}]');
    socket.send('428["subscribe"]');
    await socket.until((message) => message.startsWith('438[{"event":"subscribe","payload":null}'));
    expect([transport.connectionCount, transport.connection(connection.id)]).toEqual([1, connection]);
  });

  it('D1: publishes to the members of a room only, in order with what is sent', async () => {
    const [a, b] = [await join_(), await join_()];
    a.connection.join('r');
    a.connection.send('before', {});
    transport.publish('r', '2["events",{"n":1}]');
    a.connection.send('after', {});
    a.connection.leave('r');
    transport.publish('r', '2["events",{"n":2}]');
    for (const { connection } of [a, b]) connection.send('last', {});
    for (const each of [a, b]) await each.socket.until((message) => message.startsWith('42["last"'));
    expect(a.socket.messages.slice(2)).toEqual([
      '42["before",{}]',
      '42["events",{"n":1}]',
      '42["after",{}]',
      '42["last",{}]',
    ]);
    expect(b.socket.messages.slice(2)).toEqual(['42["last",{}]']);
  });

  it('refuses a foreign origin before the handshake', async () => {
    await expect(openRawSocket(url, { headers: { Origin: 'https://evil.test' } })).rejects.toThrow(
      'origin-not-allowed',
    );
    expect((await dial({ Origin: 'https://good.test' })).isClosed).toBe(false);
  });

  it('D8: refuses a bad token with its code, opens no session, and closes', async () => {
    const socket = await dial();
    socket.send('40{"token":"bad"}');
    expect(await socket.until((message) => message.startsWith('44'))).toContain('"code":"unauthenticated"');
    await socket.closed;
    expect(connections).toEqual([]);
  });

  it('W13: a refusal that passes is told and closes the transport, without a CONNECT_ERROR', async () => {
    const socket = await dial();
    socket.send('40{"token":"later"}');
    await socket.closed;
    expect(socket.messages.slice(1)).toEqual([
      '42["notice",{"code":"rate-limited","message":"come back","retryAfterMs":700}]',
    ]);
    expect(connections).toEqual([]);
  });

  it.each([
    ['long polling', '/socket.io/?EIO=4&transport=polling', 'unsupported-transport', "transports: ['websocket']"],
    ['no transport', '/socket.io/', 'unsupported-transport', "transports: ['websocket']"],
    ['Engine.IO 3', '/socket.io/?EIO=3&transport=websocket', 'unsupported-protocol', 'Socket.IO clients 3 and later'],
    ['no upgrade', '/socket.io/?EIO=4&transport=websocket', 'unsupported-transport', 'WebSocket handshake'],
    ['a take-over', '/socket.io/?EIO=4&transport=websocket&sid=x', 'unsupported-transport', 'cannot be upgraded'],
  ])('W14: answers %s by HTTP in the form of all errors, for the page that asks', async (_name, path, code, part) => {
    const answer = await fetch(url + path, { headers: { origin: 'https://page.test' } });
    const problem = (await answer.json()) as Problem;
    expect([answer.status, problem.code]).toEqual([400, code]);
    expect(problem.detail).toContain(part);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://page.test');
  });

  it('W14: a WebSocket that wants to take a connection over, or is of Engine.IO 3, is refused before it is one', async () => {
    const { socket } = await join_();
    const sid = /"sid":"([^"]+)"/.exec(socket.messages[0] ?? '')?.[1];
    for (const query of [
      `EIO=4&transport=websocket&sid=${sid}`,
      'EIO=3&transport=websocket',
      'EIO=4&transport=polling',
    ])
      await expect(openRawSocket(url, { path: `/socket.io/?${query}` })).rejects.toThrow(/"code":"unsupported/);
    expect(socket.isClosed).toBe(false);
  });

  it('L1: counts a socket from its handshake until it is gone, and one that leaves its session goes', async () => {
    const silent = await dial();
    expect(standing).toEqual(['127.0.0.1']);
    const { socket } = await join_();
    expect(standing).toHaveLength(2);
    socket.send('41');
    await socket.closed;
    silent.destroy();
    await eventually(() => expect([standing, transport.connectionCount]).toEqual([[], 0]));
  });

  it('L3: closes who sends more bytes than it may, before it looks at them, and harms no other', async () => {
    const [flooding, quiet] = [await join_(), await join_()];
    const message = `42["subscribe",${JSON.stringify({ pad: 'x'.repeat(60_000) })}]`;
    for (let sent = 0; sent < 20; sent++) flooding.socket.send(message);
    await flooding.socket.until((text) => text.startsWith('42["notice",{"code":"rate-limited"'));
    await flooding.socket.closed;
    expect(floods).toEqual([flooding.connection.id]);
    quiet.socket.send('421["subscribe",{}]');
    await quiet.socket.until((text) => text.startsWith('431'));
  });

  it('L3: closes who sends a flood of the smallest messages', async () => {
    const { socket } = await join_();
    for (let sent = 0; sent < 2000; sent++) socket.send('3');
    await socket.closed;
    expect(floods).toHaveLength(1);
  });

  it('L3: what a principal sends over all its connections is charged together', async () => {
    const [one, other] = [await join_(), await join_()];
    let left = 100_000;
    for (const { connection } of [one, other]) connection.charge((bytes) => (left -= bytes) >= 0);
    const message = `42["subscribe",${JSON.stringify({ pad: 'x'.repeat(45_000) })}]`;
    for (const { socket } of [one, other]) {
      socket.send(`421${message.slice(2)}`);
      await socket.until((text) => text.startsWith('431'));
    }
    other.socket.send(message);
    await other.socket.closed;
    expect(one.socket.isClosed).toBe(false);
  });

  it('R1: closes who sends binary, in either form', async () => {
    for (const send of [
      (socket: RawSocket) => socket.write(frameBytes(2, Buffer.from([1, 2, 3]))),
      (socket: RawSocket) => socket.send('451-["subscribe",{"_placeholder":true,"num":0}]'),
    ]) {
      const { socket } = await join_();
      send(socket);
      await socket.until((text) => text.startsWith('42["notice",{"code":"invalid-request"'));
      await socket.closed;
    }
  });

  it('R1: a session that cannot be served is closed, and the next is served', async () => {
    failNext = true;
    const socket = await dial();
    socket.send('40{"token":"good"}');
    await socket.closed;
    expect(faults).toEqual([expect.objectContaining({ message: 'a bug' })]);
    await join_();
  });

  it('closes a client that never says who it is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const socket = await openRawSocket(url);
      sockets.push(socket);
      while (socket.messages.length === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(9_900);
      expect(socket.isClosed).toBe(false);
      vi.advanceTimersByTime(200);
      await socket.closed;
    } finally {
      vi.useRealTimers();
    }
  });

  it('D6: closes a client that stops reading rather than dropping anything, and harms no other', async () => {
    const [stalled, healthy] = [await join_(), await join_()];
    for (const { connection } of [stalled, healthy]) connection.join('r');
    stalled.socket.pause();
    const pad = 'x'.repeat(10_000);
    let n = 0;
    await eventually(async () => {
      for (let i = 0; i < 20; i++) transport.publish('r', `2["events",{"n":${n++},"pad":"${pad}"}]`);
      await healthy.socket.until((message) => message.startsWith(`42["events",{"n":${n - 1},`));
      expect(transport.connectionCount).toBe(1);
    });
    expect(slow).toHaveLength(1);
    const numbers = (socket: RawSocket): readonly number[] =>
      socket.messages.flatMap((message) => /^42\["events",\{"n":(\d+)/.exec(message)?.[1] ?? []).map(Number);
    expect(numbers(healthy.socket)).toEqual(Array.from({ length: n }, (_, i) => i));
    stalled.socket.resume();
    await stalled.socket.closed;
    // what it got is a beginning without a hole: it was closed, nothing vanished before
    expect(numbers(stalled.socket)).toEqual(Array.from({ length: numbers(stalled.socket).length }, (_, i) => i));
  });

  it('end() writes what is buffered first, terminate() does not wait', async () => {
    const [a, b] = [await join_(), await join_()];
    a.connection.send('bye', {});
    a.connection.end();
    await a.socket.closed;
    expect(a.socket.messages).toContain('42["bye",{}]');
    b.connection.terminate();
    await b.socket.closed;
    await eventually(() => expect([closed.length, transport.connectionCount]).toEqual([2, 0]));
    expect(() =>
      [a, b].forEach(({ connection }) => [
        connection.leave('r'),
        connection.end(),
        connection.terminate(),
        connection.bufferedBytes(),
      ]),
    ).not.toThrow();
  });

  it('answers HTTP: path, query, headers, body', async () => {
    const echo = await fetch(`${url}/v1/echo/a%2Fb?x=1&y=%C3%A4`, { headers: { 'X-Test': 'yes' } });
    expect([echo.headers.get('content-type'), await echo.json()]).toEqual([
      'application/json; charset=utf-8',
      { name: 'a/b', query: { x: '1', y: 'ä' }, header: 'yes' },
    ]);
    const post = async (body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
      (await fetch(`${url}/v1/echo`, { method: 'POST', body, headers })).json();
    const long = await fetch(`${url}/v1/mine`, { headers: { authorization: `Bearer ${'x'.repeat(16_000)}` } });
    expect(await long.text()).toContain('none is good');
    expect(await post('')).toEqual({ size: 0 });
    expect(await post('x'.repeat(maxBodyBytes))).toEqual({ size: maxBodyBytes });
    expect(await post(new Uint8Array(gzipSync('y'.repeat(50_000))), { 'content-encoding': 'gzip' })).toEqual({
      size: 50_000,
    });
  });

  it.each<[string, number, string, RequestInit]>([
    ['/v1/none', 404, 'not-found', {}],
    ['/v1/echo/', 404, 'not-found', {}],
    ['/v1/echo', 405, 'method-not-allowed', {}],
    ['/v1/mine', 401, 'unauthenticated', {}],
    ['/v1/mine', 401, 'unauthenticated', { headers: { authorization: 'Bearer x' } }],
    ['/v1/bug', 500, 'internal', {}],
    ['/v1/echo', 413, 'message-too-large', { method: 'POST', body: 'x'.repeat(maxBodyBytes + 1) }],
    ['/v1/echo', 413, 'message-too-large', { method: 'POST', body: 'x'.repeat(3_000_000) }],
    [
      '/v1/echo',
      413,
      'message-too-large',
      {
        method: 'POST',
        body: new Uint8Array(gzipSync('x'.repeat(50_000_000))),
        headers: { 'content-encoding': 'gzip' },
      },
    ],
    ['/v1/echo', 400, 'invalid-message', { method: 'POST', body: 'not gzip', headers: { 'content-encoding': 'gzip' } }],
    ['/v1/echo', 415, 'unsupported-media-type', { method: 'POST', body: 'x', headers: { 'content-encoding': 'br' } }],
  ])('%s answers %i %s', async (path, status, code, init) => {
    const response = await fetch(url + path, init);
    const problem = (await response.json()) as Problem;
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(problem.detail).not.toContain('secret detail');
    if (status === 405) expect(response.headers.get('allow')).toBe('POST');
  });

  it('gives a large answer whole, no faster than it is read, and knows when it has been taken', async () => {
    const answer = await fetch(`${url}/v1/large`);
    expect(await answer.text()).toBe(largeBody);
    await eventually(() => expect(taken).toBe(1));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const begun = once(socket, 'data').then(() => socket.pause());
    socket.write('GET /v1/large HTTP/1.1\r\nHost: x\r\n\r\n');
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(taken).toBe(1);
    socket.destroy();
    await eventually(() => expect(taken).toBe(2));
  });

  it('L14: tells whoever is known what is left of the requests in progress, and others nothing', async () => {
    const ask = async (path: string): Promise<Response> =>
      fetch(`${url}${path}`, { headers: { authorization: 'Bearer ada' } });
    const answer = await ask('/v1/mine');
    expect([answer.status, answer.headers.get('ratelimit'), answer.headers.get('ratelimit-policy')]).toEqual([
      ...[200, '"requests";r=7', '"requests";q=8;qu="concurrent-requests"'],
    ]);
    const waiting = Array.from({ length: 8 }, () => ask('/v1/mine/slow'));
    await eventually(() => expect(slowRequests).toBe(8));
    const refused = await ask('/v1/mine');
    expect([refused.status, refused.headers.get('ratelimit'), refused.headers.get('retry-after')]).toEqual([
      ...[429, '"requests";r=0', '1'],
    ]);
    answerSlowly();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 200));
    expect((await fetch(`${url}/v1/echo/a`)).headers.get('ratelimit')).toBeNull();
    expect((await fetch(`${url}/v1/mine`)).headers.get('ratelimit')).toBeNull();
  });

  it('answers HEAD without a body', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.write('HEAD /v1/echo/head-only HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(got).toContain('\r\n\r\n'));
    // the connection is good for another request
    socket.write('GET /v1/none HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(got).toContain('no such route'));
    socket.destroy();
    expect(got.startsWith('HTTP/1.1 200')).toBe(true);
    expect(got).not.toContain('head-only');
  });

  it('R1: a body in tiny chunks costs what it is long, and far too many of them are refused', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.on('error', () => undefined);
    socket.write('POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('1\r\nx\r\n'.repeat(1000));
    socket.write('0\r\n\r\n');
    await eventually(() => expect(got).toContain('{"size":1000}'));
    socket.write('POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('1\r\nx\r\n'.repeat(3000));
    await eventually(() => expect(got).toContain('message-too-large'));
    socket.destroy();
  });

  it('R1: a body that goes on coming after the answer ends nobody', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.on('error', () => undefined);
    socket.write('POST /v1/none HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc');
    await eventually(() => expect(got).toContain('no such route'));
    for (let sent = 0; sent < 9; sent++) {
      socket.write('x'.repeat(100_000));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.destroy();
    expect((await fetch(`${url}/v1/echo/still`)).status).toBe(200);
  });

  it('a body that is not asked for yet is held up in the network, and then read whole', async () => {
    const size = 5_000_000;
    const answer = await fetch(`${url}/v1/late`, { method: 'POST', body: 'x'.repeat(size) });
    expect(await answer.json()).toEqual({ size });
  });

  it('a body that is cut off is the fault of the client, not of the hub', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc');
    setImmediate(() => socket.end());
    socket.destroySoon();
    await eventually(() => expect(bodyFaults.map((error) => error.code)).toEqual(['invalid-request']));
  });

  /** A connection that is kept open after its first answer, as those of a balancer. */
  async function keptOpen(): Promise<{ readonly write: (text: string) => void; readonly got: () => string }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.on('close', () => (got += '<closed>'));
    socket.on('error', () => undefined);
    socket.write('GET /v1/echo/first HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(got).toContain('first'));
    expect(got).not.toMatch(/connection: close/i);
    got = '';
    return { write: (text) => void socket.write(text), got: () => got };
  }

  it('ends connections that are kept open when it stops listening: none is closed under a request', async () => {
    const [idle, upgrading, busy] = [await keptOpen(), await keptOpen(), await keptOpen()];
    busy.write('GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(slowRequests).toBe(1));
    transport.stopListening();
    let isAnswered = false;
    const answered = transport.answered(10_000).then(() => (isAnswered = true));
    idle.write('GET /v1/echo/second HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(idle.got()).toMatch(/^HTTP[^]*connection: close[^]*second[^]*<closed>$/i));
    upgrading.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await eventually(() => expect(upgrading.got()).toBe('<closed>'));
    expect(isAnswered).toBe(false);
    answerSlowly();
    await answered;
    await eventually(() => expect(busy.got()).toMatch(/connection: close[^]*"slow":true[^]*<closed>$/i));
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(url).port);
    const other = createTransport(
      {
        host: '127.0.0.1',
        port,
        maxMessageBytes: 1024,
        maxBufferedBytes,
        trustedProxies: 0,
        inbound: { bytesPerSecond: 65_536, burstBytes: 262_144, stopwatch: { elapsedMs: () => performance.now() } },
        onSocket: () => undefined,
        onSocketGone: () => undefined,
        onFlood: () => undefined,
        services: [],
        onHttp: async () => ({ status: 200 }),
        admit: () => undefined,
        authenticate: async () => null,
        onConnection: () => undefined,
        onSlowConsumer: () => undefined,
        onFault: () => undefined,
        onPeerRequest: () => ({}),
      },
      engine === 'uws' ? await loadUws(undefined) : undefined,
    );
    await expect(other.listen()).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('PURSIGHT_PORT'),
    });
    await other.close().catch(() => undefined);
  });
});
