import { expect, test, vi } from 'vitest';
import type { WireEvent } from '../../channels/protocol/down.ts';
import type { ResumeReason } from '../../channels/protocol/up.ts';
import { cursorOf, roomOf, sampleEvent } from '../testing/contract-server.ts';
import { connect, reached, startServer } from '../testing/hub-fixture.ts';
import type { Subscription } from './subscription.ts';

const assetsRoom = roomOf({ channel: 'assets' });

/** What an application sees, in order, in one word each. */
function follow(subscription: Subscription): string[] {
  const calls: string[] = [];
  subscription.on('live', () => calls.push('live'));
  subscription.on('gap', ({ reason }) => calls.push(`gap ${reason}`));
  subscription.on('policy', ({ reason }) => calls.push(`policy ${reason}`));
  subscription.on('event', ({ id }) => calls.push(id));
  return calls;
}

test('D3: after a reconnect it gets what it missed, nothing twice, and no gap', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'));
  server.tick();
  server.send(assetsRoom, sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toEqual(['live', '1', '2']));
  server.cut();
  server.log.push(...['3', '4', '5'].map((id) => ({ room: assetsRoom, event: sampleEvent(id) })));
  await vi.waitFor(() => expect(calls).toEqual(['live', '1', '2', '3', '4', '5', 'live']));
  server.send(assetsRoom, sampleEvent('5'), sampleEvent('6'));
  await vi.waitFor(() => expect(calls.at(-1)).toBe('6'));
  expect(calls).toEqual(['live', '1', '2', '3', '4', '5', 'live', '6']);
});

test('shows the cursor of the connection for what was live, and an own one for what was not', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const early = hub.channel('assets');
  await early.live;
  server.send(assetsRoom, sampleEvent('1'));
  server.tick();
  await new Promise(
    (resolve) => hub.on('notice', resolve) && server.sockets[0]?.emit('notice', { code: 'fresh', message: '' }),
  );
  const late = hub.channel('alerts');
  await late.live;
  server.options.goLive = false;
  server.send(assetsRoom, sampleEvent('2'));
  server.cut();
  const handle = `handle of ${assetsRoom}`;
  const lateHandle = `handle of ${roomOf({ channel: 'alerts' })}`;
  await vi.waitFor(() => expect(server.connects).toHaveLength(2));
  // both were at 1: the first by the cursor of the connection, the second by its own, which is the same
  expect(server.connects[1]).toMatchObject({
    cursor: cursorOf(1),
    subscriptions: [
      { id: early.id, channel: 'assets', handle },
      { id: late.id, channel: 'alerts', handle: lateHandle },
    ],
  });
  expect(JSON.stringify(server.connects[1]?.subscriptions)).not.toContain('cursor');
  await reached(hub, 'live');
  server.send('another room', sampleEvent('x'));
  // a cursor speaks only for what is live, and nothing is now
  server.tick();
  server.cut();
  await vi.waitFor(() => expect(server.connects).toHaveLength(3));
  expect(server.connects[2]).toMatchObject({
    cursor: cursorOf(3),
    subscriptions: [
      { handle, cursor: cursorOf(1) },
      { handle: lateHandle, cursor: cursorOf(1) },
    ],
  });
});

test('goes on from the last replay when the link breaks while it catches up', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.tick();
  await vi.waitFor(() => expect(server.connects).toHaveLength(1));
  server.options.goLive = false;
  server.cut();
  await vi.waitFor(() => expect(server.connects).toHaveLength(2));
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  for (const socket of server.sockets)
    socket.emit('replay', { id: assets.id, events: [sampleEvent('1')], cursor: cursorOf(1) });
  await vi.waitFor(() => expect(calls).toEqual(['live', '1']));
  server.log.push(...['1', '2'].map((id) => ({ room: assetsRoom, event: sampleEvent(id) })));
  server.options.goLive = true;
  server.cut();
  await vi.waitFor(() => expect(calls).toEqual(['live', '1', '2', 'live']));
  expect(server.connects[2]?.subscriptions).toMatchObject([{ cursor: cursorOf(1) }]);
});

test('D1: what one replay has left out is not handed over by a later one, after what followed it', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.tick();
  const [seen, left, back] = ['1', '2', '3'].map((id) => ({
    ...sampleEvent(id),
    subject: 'urn:example:one',
    recordedtime: `2026-01-01T00:00:00.00${id}Z`,
  })) as [WireEvent, WireEvent, WireEvent];
  server.send(assetsRoom, left);
  await vi.waitFor(() => expect(calls).toEqual(['live', '2']));
  server.log.splice(0, 1, ...[seen, left, back].map((event) => ({ room: assetsRoom, event })));
  server.cut();
  await vi.waitFor(() => expect(calls).toEqual(['live', '2', '3', 'live']));
});

test('events of a shared room do not reach a subscription that is still catching up', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const first = hub.channel('assets');
  const firstCalls = follow(first);
  await first.live;
  server.options.goLive = false;
  const second = hub.channel('assets');
  const secondCalls = follow(second);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  server.send(assetsRoom, sampleEvent('1'));
  await vi.waitFor(() => expect(firstCalls).toEqual(['live', '1']));
  server.release();
  await second.live;
  server.send(assetsRoom, sampleEvent('2'));
  await vi.waitFor(() => expect(firstCalls).toEqual(['live', '1', '2']));
  expect(secondCalls).toEqual(['1', 'live', '2']);
});

test.each<[string, ResumeReason | undefined, readonly string[]]>([
  ['coverage', 'coverage', ['gap coverage']],
  ['policy', 'policy', ['policy policy', 'gap policy']],
  ['no reason', undefined, ['gap reconnected']],
])('D5: what the hub cannot continue is told as a gap before the next event: %s', async (_, reason, told) => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.options.resume = () => reason;
  server.cut();
  await vi.waitFor(() => expect(calls).toEqual(['live', ...told, 'live']));
  server.send(assetsRoom, sampleEvent('1'));
  await vi.waitFor(() => expect(calls.at(-1)).toBe('1'));
});

test('a hub that cannot continue now but can at the next try leaves no gap', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.options.resume = () => 'unavailable';
  server.options.goLive = false;
  server.cut();
  await vi.waitFor(() => expect(server.connects).toHaveLength(2));
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.options.resume = () => true;
  server.options.goLive = true;
  server.log.push({ room: assetsRoom, event: sampleEvent('1') });
  server.cut();
  await vi.waitFor(() => expect(calls).toEqual(['live', '1', 'live']));
});

test('since: asks for what has happened until it is told once, and takes more of it than waits otherwise', async () => {
  const server = await startServer();
  server.send(assetsRoom, ...['1', '2', '3', '4'].map(sampleEvent));
  const hub = connect(server.url);
  const assets = hub.channel('assets', { since: new Date('2026-01-06T09:30:00Z'), maxBuffered: 1 });
  await assets.live;
  expect(server.connects[0]?.subscriptions).toMatchObject([{ since: '2026-01-06T09:30:00.000Z' }]);
  const calls = follow(assets);
  await vi.waitFor(() => expect(calls).toEqual(['1', '2', '3', '4']));
  server.cut();
  await vi.waitFor(() => expect(calls.at(-1)).toBe('live'));
  expect(calls).toEqual(['1', '2', '3', '4', 'live']);
  expect(server.connects[1]?.subscriptions?.[0]).not.toHaveProperty('since');
  expect(server.connects[1]?.subscriptions).toMatchObject([{ cursor: cursorOf(4) }]);
  expect(() => hub.channel('assets', { since: 'yesterday' })).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining('`since`') }),
  );
});

test('since: what the hub does not reach back to is a gap from the start', async () => {
  const server = await startServer();
  server.options.resume = () => 'coverage';
  const assets = connect(server.url).channel('assets', { since: '2020-01-01T00:00:00Z' });
  const calls = follow(assets);
  await assets.live;
  expect(calls).toEqual(['gap coverage', 'live']);
});

test('events that a hub could not build are a gap, and what it sends of them later does not come behind newer ones', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const calls = follow(assets);
  await assets.live;
  server.tick();
  for (const socket of server.sockets) socket.emit('stale', { room: assetsRoom });
  for (const socket of server.sockets) socket.emit('stale', { room: 'another' });
  server.log.push({ room: assetsRoom, event: sampleEvent('1') });
  server.send(assetsRoom, sampleEvent('2'));
  await vi.waitFor(() => expect(calls).toEqual(['live', 'gap unavailable', '2']));
  server.cut();
  await vi.waitFor(() => expect(calls).toEqual(['live', 'gap unavailable', '2', 'gap reconnected', 'live']));
  server.tick();
  server.send(assetsRoom, sampleEvent('3'));
  await vi.waitFor(() => expect(calls.at(-1)).toBe('3'));
  server.cut();
  await vi.waitFor(() => expect(calls.slice(-2)).toEqual(['3', 'live']));
});

test('a refused connection waits as long as the hub asks', async () => {
  const server = await startServer();
  server.options.verify = () => ({ code: 'rate-limited', message: 'later', retryable: true, retryAfterMs: 200 });
  const hub = connect(server.url);
  await reached(hub, 'backoff');
  const sinceMs = Date.now();
  server.options.verify = () => null;
  await reached(hub, 'live');
  expect(Date.now() - sinceMs).toBeGreaterThanOrEqual(190);
});
