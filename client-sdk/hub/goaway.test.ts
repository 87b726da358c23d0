import { expect, test, vi } from 'vitest';
import type { HubOptions } from './create-hub.ts';
import { type ContractServer, cursorOf, roomOf, sampleEvent } from '../testing/contract-server.ts';
import { connect, reached, startServer } from '../testing/hub-fixture.ts';

const room = roomOf({ channel: 'assets' });
const asks = { deadlineMs: 10_000, reconnectInMs: 10 };

/** A live subscription, and what it and its hub object tell. */
async function open(options: Partial<HubOptions> = {}) {
  const server = await startServer();
  const hub = connect(server.url, options);
  const calls: string[] = [];
  hub.on('status', (status) => calls.push(`[${status}]`));
  hub.on('error', ({ code }) => calls.push(`error ${code}`));
  const assets = hub.channel('assets');
  assets.on('gap', ({ reason }) => calls.push(`gap ${reason}`));
  assets.on('live', () => calls.push('live'));
  assets.on('event', ({ id }) => calls.push(id));
  await assets.live;
  server.send(room, sampleEvent('1'));
  server.tick();
  await vi.waitFor(() => expect(calls).toEqual(['[live]', 'live', '1']));
  calls.length = 0;
  return { server, hub, assets, calls };
}

/** The node says that it stops; fulfilled when the client has come a second time and waits there. */
async function drain(server: ContractServer): Promise<void> {
  const before = server.connects.length;
  server.options.goLive = false;
  server.sockets[0]?.emit('goaway', asks);
  await vi.waitFor(() => expect(server.connects).toHaveLength(before + 1));
  await vi.waitFor(() => expect(server.sockets).toHaveLength(2));
}

test('D7: the next connection is live before the first ends: nothing missed, nothing twice, no gap', async () => {
  const token = vi.fn<() => string>(() => 'valid');
  const { server, hub, assets, calls } = await open({ token });
  await drain(server);
  expect(hub.status).toBe('draining');
  expect(token).toHaveBeenCalledTimes(2);
  expect(server.connects[1]).toMatchObject({
    cursor: cursorOf(1),
    subscriptions: [{ id: assets.id, handle: `handle of ${room}` }],
  });
  // the first goes on while the next catches up
  server.send(room, sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toEqual(['[draining]', '2']));
  server.release();
  await reached(hub, 'live');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.send(room, sampleEvent('3'));
  await vi.waitFor(() => expect(calls.at(-1)).toBe('3'));
  expect(calls).toEqual(['[draining]', '2', '[live]', '3']);
});

test('D7: a first that breaks too early is followed by the next, which has what is missing', async () => {
  const { server, hub, calls } = await open();
  await drain(server);
  server.log.push({ room, event: sampleEvent('2') });
  server.sockets[0]?.conn.close();
  await reached(hub, 'live');
  server.release();
  await vi.waitFor(() => expect(calls).toEqual(['[draining]', '[live]', '2', 'live']));
  expect(server.connects).toHaveLength(2);
});

test('a next that fails is tried again while the first goes on', async () => {
  const { server, hub, calls } = await open();
  let refusals = 0;
  server.options.verify = () => {
    refusals += 1;
    return { code: 'not-ready', message: 'starting', retryable: true };
  };
  server.sockets[0]?.emit('goaway', asks);
  await vi.waitFor(() => expect(refusals).toBeGreaterThan(1));
  server.send(room, sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toContain('2'));
  server.options.verify = () => null;
  await reached(hub, 'live');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  expect(new Set(calls)).toEqual(new Set(['[draining]', 'error not-ready', '2', '[live]']));
  expect(calls.at(-1)).toBe('[live]');
});

test('what is asked for meanwhile is live at once and stays so', async () => {
  const { server, hub } = await open();
  await drain(server);
  server.options.goLive = true;
  const late = hub.channel('alerts');
  const calls: string[] = [];
  late.on('live', () => calls.push('live'));
  late.on('gap', () => calls.push('gap'));
  late.on('event', ({ id }) => calls.push(id));
  await late.live;
  server.release();
  await reached(hub, 'live');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.send(roomOf({ channel: 'alerts' }), sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toEqual(['live', '2']));
});

test('a subscription that the next refuses for now does not hold it up, and goes on there later', async () => {
  const { server, hub, calls } = await open();
  const error = { code: 'rate-limited', message: 'slower', retryable: true, retryAfterMs: 50 } as const;
  server.options.judge = () => error;
  server.sockets[0]?.emit('goaway', asks);
  await reached(hub, 'draining');
  await reached(hub, 'live');
  server.log.push({ room, event: sampleEvent('2') });
  server.options.judge = () => null;
  await vi.waitFor(() => expect(calls).toEqual(['[draining]', '[live]', '2', 'live']));
});

test('what the next cannot continue is a gap, told when it takes over', async () => {
  const { server, hub, calls } = await open();
  server.options.resume = () => 'too-large';
  await drain(server);
  server.send(room, sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toEqual(['[draining]', '2']));
  server.release();
  await reached(hub, 'live');
  expect(calls).toEqual(['[draining]', '2', 'gap too-large', 'live', '[live]']);
});

test('at the deadline it goes on with a next that is not live yet', async () => {
  const { server, hub, calls } = await open();
  server.options.goLive = false;
  server.sockets[0]?.emit('goaway', { deadlineMs: 300, reconnectInMs: 10 });
  await reached(hub, 'draining');
  await reached(hub, 'live');
  server.release();
  await vi.waitFor(() => expect(calls).toEqual(['[draining]', '[live]', 'live']));
  expect(server.sockets).toHaveLength(1);
});

test('close ends both', async () => {
  const { server, hub } = await open();
  await drain(server);
  hub.close();
  await vi.waitFor(() => expect(server.sockets).toHaveLength(0));
});
