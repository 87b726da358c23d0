import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { FaultProxy } from './fault-proxy.ts';

let server: Server;
let atServer: Socket[];
let received: string;
let proxy: FaultProxy;
let port: number;

/** Sends back what it gets. */
beforeEach(async () => {
  atServer = [];
  received = '';
  server = createServer((socket) => {
    atServer.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: behind } = server.address() as AddressInfo;
  proxy = new FaultProxy(() => ({ host: '127.0.0.1', port: behind }));
  port = await proxy.listen();
});
afterEach(async () => {
  await proxy.close();
  server.close();
});

interface Client {
  readonly socket: Socket;
  text: string;
  /** How it ended: the code of the error, `end` for a clean one. */
  ended: string | undefined;
}

async function open(): Promise<Client> {
  const client: Client = { socket: connect(port, '127.0.0.1'), text: '', ended: undefined };
  client.socket.on('data', (chunk: Buffer) => (client.text += chunk.toString()));
  client.socket.on('error', ({ code }: NodeJS.ErrnoException) => (client.ended = code));
  client.socket.on('close', () => (client.ended ??= 'end'));
  await once(client.socket, 'connect').catch(() => undefined);
  return client;
}

async function echoed(client: Client, text: string): Promise<void> {
  client.socket.write(text);
  await eventually(() => expect(client.text).toContain(text));
}

/** Long enough that what was not held back would have come. */
const aWhileMs = 50;

describe('a proxy with faults', () => {
  it('passes everything on, and the end of either side', async () => {
    const client = await open();
    const large = 'x'.repeat(1_000_000);
    client.socket.write(large);
    await eventually(() => expect(client.text.length).toBe(large.length));
    client.socket.end('last');
    await eventually(() => expect(received.slice(large.length)).toBe('last'));
    atServer[0]?.end();
    await eventually(() => expect([client.ended, proxy.connections.length]).toEqual(['end', 0]));
  });

  it('cut: resets both sides of all connections at once, and lets new ones in', async () => {
    const clients = [await open(), await open()];
    for (const client of clients) await echoed(client, 'hello');
    const errors: unknown[] = [];
    for (const socket of atServer) socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
    proxy.cut();
    await eventually(() => expect(clients.map(({ ended }) => ended)).toEqual(['ECONNRESET', 'ECONNRESET']));
    await eventually(() => expect(errors).toEqual(['ECONNRESET', 'ECONNRESET']));
    await echoed(await open(), 'again');
  });

  it('cut: also where a side has long stopped to read', async () => {
    const client = await open();
    await echoed(client, 'hello');
    client.socket.pause();
    client.socket.write('x'.repeat(30_000_000));
    await eventually(() => expect(client.socket.writableLength).toBeGreaterThan(0));
    proxy.cut();
    client.socket.resume();
    await eventually(() => expect([proxy.connections.length, client.ended === undefined]).toEqual([0, false]));
  });

  it.each(['up', 'down'] as const)('cutAfter: exactly so many bytes arrive (%s)', async (direction) => {
    const [client, other] = [await open(), await open()];
    await echoed(client, 'hello');
    await echoed(other, 'hello');
    proxy.connections[0]?.cutAfter(7, direction);
    client.socket.write('0123456789');
    // a reset behind data may look like a clean end
    await eventually(() => expect(client.ended).toBeDefined());
    if (direction === 'up') expect(received).toBe('hellohello0123456');
    else expect(client.text).toBe('hello0123456');
    await echoed(other, 'untouched');
  });

  it('pause: one connection is half open: it takes and gives nothing, and neither end learns of the other', async () => {
    const [client, other] = [await open(), await open()];
    await echoed(client, 'hello');
    proxy.connections[0]?.pause();
    client.socket.write('kept');
    await echoed(other, 'goes on');
    await pause(aWhileMs);
    expect([client.text, client.ended]).toEqual(['hello', undefined]);
    proxy.restore();
    await eventually(() => expect(client.text).toBe('hellokept'));

    proxy.connections[0]?.pause();
    atServer[0]?.destroy();
    await pause(aWhileMs);
    expect(client.ended).toBeUndefined();
    proxy.connections[0]?.resume();
    await eventually(() => expect(client.ended).toBeDefined());
  });

  it('pause of all: new connections are accepted and stay silent until it ends', async () => {
    proxy.pause();
    const client = await open();
    client.socket.write('hello');
    await pause(aWhileMs);
    expect([received, client.ended]).toEqual(['', undefined]);
    proxy.restore();
    await eventually(() => expect(client.text).toBe('hello'));
  });

  it('refuse: new connections are reset, those that there are stay', async () => {
    const client = await open();
    await echoed(client, 'hello');
    proxy.refuse();
    const late = await open();
    await eventually(() => expect(late.ended).toBe('ECONNRESET'));
    await echoed(client, 'still there');
    proxy.restore();
    await echoed(await open(), 'welcome');
  });

  it('delay: everything comes later and in order', async () => {
    const client = await open();
    await echoed(client, 'hello');
    proxy.delay(40);
    const startedMs = performance.now();
    for (const text of ['a', 'b', 'c']) client.socket.write(text);
    await eventually(() => expect(client.text).toBe('helloabc'), { everyMs: 2 });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(75);
  });

  it('a server that is not there resets the client', async () => {
    server.close();
    const client = await open();
    await eventually(() => expect(client.ended).toBe('ECONNRESET'));
  });
});
