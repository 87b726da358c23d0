import { expect, test, vi } from 'vitest';
import type { WireEvent } from '../../channels/protocol/down.ts';
import type { WireError } from '../../channels/protocol/hub-error.ts';
import { roomOf, sampleEvent } from '../testing/contract-server.ts';
import { connect, reached, startServer } from '../testing/hub-fixture.ts';
import type { Subscription } from './subscription.ts';

const assetsRoom = roomOf({ channel: 'assets' });

function idsOf(subscription: Subscription): string[] {
  const ids: string[] = [];
  subscription.on('event', (event) => ids.push(event.id));
  return ids;
}

async function take(subscription: Subscription, count: number): Promise<readonly WireEvent[]> {
  const events: WireEvent[] = [];
  for await (const event of subscription) if (events.push(event) === count) break;
  return events;
}

test('routes events by room, and a shared room reaches every subscription in it', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const [one, two, other] = [hub.channel('assets'), hub.channel('assets'), hub.channel('alerts')];
  const [ids, sharedIds, otherIds] = [idsOf(one), idsOf(two), idsOf(other)];
  await Promise.all([one.live, two.live, other.live]);
  server.send(assetsRoom, sampleEvent('1'), sampleEvent('2'));
  server.send(roomOf({ channel: 'alerts' }), sampleEvent('3'));
  await vi.waitFor(() => expect(otherIds).toEqual(['3']));
  expect(ids).toEqual(['1', '2']);
  expect(sharedIds).toEqual(['1', '2']);
});

test('leaving one subscription of a shared room does not disturb the other', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const [one, two] = [hub.channel('assets'), hub.channel('assets')];
  const [ids, otherIds] = [idsOf(one), idsOf(two)];
  await Promise.all([one.live, two.live]);
  one.close();
  server.send(assetsRoom, sampleEvent('1'));
  await vi.waitFor(() => expect(otherIds).toEqual(['1']));
  expect(ids).toEqual([]);
  expect(server.requests).toEqual([{ name: 'unsubscribe', payload: { id: one.id } }]);
});

test('events wait for their reader, in order, and breaking out of the loop unsubscribes', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'), sampleEvent('2'));
  server.send(assetsRoom, sampleEvent('3'), sampleEvent('4'));
  expect((await take(assets, 3)).map(({ id }) => id)).toEqual(['1', '2', '3']);
  await vi.waitFor(() => expect(server.requests).toEqual([{ name: 'unsubscribe', payload: { id: assets.id } }]));
  expect(() => assets[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'invalid-request' }));
});

test('the first listener gets what was buffered before anything newer', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const assets = hub.channel('assets');
  const marker = idsOf(hub.channel('assets'));
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'), sampleEvent('2'));
  await vi.waitFor(() => expect(marker).toEqual(['1', '2']));
  const ids = idsOf(assets);
  expect(ids).toEqual([]);
  server.send(assetsRoom, sampleEvent('3'));
  await vi.waitFor(() => expect(ids).toEqual(['1', '2', '3']));
});

test('D3: a repeated event is handed over once', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const ids = idsOf(assets);
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'), sampleEvent('2'), sampleEvent('1'));
  server.send(assetsRoom, sampleEvent('2'), sampleEvent('3'));
  await vi.waitFor(() => expect(ids).toEqual(['1', '2', '3']));
});

test('a subscription that was not live before a reconnect has no gap to tell', async () => {
  const server = await startServer();
  server.options.goLive = false;
  const hub = connect(server.url);
  const assets = hub.channel('assets');
  const gap = vi.fn();
  assets.on('gap', gap);
  await reached(hub, 'live');
  server.options.goLive = true;
  server.cut();
  await assets.live;
  expect(server.connects).toHaveLength(2);
  expect(gap).not.toHaveBeenCalled();
});

test('a hole in the log of the hub is told to every live subscription', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const gaps: unknown[] = [];
  assets.on('gap', (gap) => gaps.push(gap));
  await assets.live;
  for (const socket of server.sockets) socket.emit('notice', { code: 'gap', message: 'offset jumped' });
  await vi.waitFor(() => expect(gaps).toEqual([{ reason: 'log' }]));
});

test.each(['in the CONNECT payload', 'later'])(
  'a refusal %s ends the subscription with the reason and not the hub object',
  async (when) => {
    const server = await startServer();
    const error: WireError = { code: 'forbidden', message: 'no grant for alerts', retryable: false };
    server.options.judge = ({ channel }) => (channel === 'alerts' ? error : null);
    const hub = connect(server.url);
    if (when === 'later') await reached(hub, 'live');
    const alerts = hub.channel('alerts');
    await expect(alerts.live).rejects.toMatchObject({ code: 'forbidden', message: 'no grant for alerts' });
    await hub.channel('assets').live;
  },
);

test.each(['in the CONNECT payload', 'later'])('a refusal %s that time can heal is tried again', async (when) => {
  const server = await startServer();
  let refusals = 0;
  const error: WireError = { code: 'rate-limited', message: 'slower', retryable: true, retryAfterMs: 5 };
  server.options.judge = () => ((refusals += 1) < 3 ? error : null);
  const hub = connect(server.url);
  if (when === 'later') await reached(hub, 'live');
  await hub.channel('assets').live;
  expect(refusals).toBe(3);
});

test('an end by the hub reaches listeners and the loop, after what was delivered before it', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const ended = vi.fn();
  assets.on('ended', ended);
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'));
  const error: WireError = { code: 'forbidden', message: 'the grant was withdrawn', retryable: false };
  for (const socket of server.sockets) socket.emit('ended', { id: assets.id, error });
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  const reader = assets[Symbol.asyncIterator]();
  await expect(reader.next()).resolves.toMatchObject({ value: { id: '1' } });
  await expect(reader.next()).rejects.toMatchObject({ code: 'forbidden' });
  await expect(reader.next()).resolves.toMatchObject({ done: true });
  expect(server.requests).toEqual([]);
});

test('an application that does not read loses the subscription, not events', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  const assets = hub.channel('assets', { maxBuffered: 3 });
  const ended = vi.fn();
  assets.on('ended', ended);
  await assets.live;
  server.send(assetsRoom, ...['1', '2', '3', '4', '5'].map(sampleEvent));
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: 'slow-consumer', retryable: true });
  await vi.waitFor(() => expect(server.requests).toEqual([{ name: 'unsubscribe', payload: { id: assets.id } }]));
  const ids: string[] = [];
  await expect(
    (async () => {
      for await (const { id } of assets) ids.push(id);
    })(),
  ).rejects.toMatchObject({ code: 'slow-consumer' });
  expect(ids).toEqual(['1', '2', '3']);
  expect(hub.status).toBe('live');
});

test('listeners need no buffer', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets', { maxBuffered: 1 });
  const ids = idsOf(assets);
  await assets.live;
  server.send(assetsRoom, ...['1', '2', '3', '4'].map(sampleEvent));
  await vi.waitFor(() => expect(ids).toEqual(['1', '2', '3', '4']));
});

test('a change of rights drops what is unread and moves the room; nothing comes a second time', async () => {
  const server = await startServer();
  const assets = connect(server.url).channel('assets');
  const policies: unknown[] = [];
  assets.on('policy', (policy) => policies.push(policy));
  await assets.live;
  server.send(assetsRoom, sampleEvent('1'), sampleEvent('2'));
  for (const socket of server.sockets) {
    socket.emit('policy', { id: assets.id, room: 'narrower', handle: 'narrower', reason: 'token' });
    socket.emit('events', { room: assetsRoom, events: [sampleEvent('3')] });
    socket.emit('events', { room: 'narrower', events: [sampleEvent('1'), sampleEvent('4')] });
  }
  await vi.waitFor(() => expect(policies).toEqual([{ reason: 'token' }]));
  const reader = assets[Symbol.asyncIterator]();
  await expect(reader.next()).resolves.toMatchObject({ value: { id: '4' } });
  server.send(assetsRoom, sampleEvent('6'));
  for (const socket of server.sockets) socket.emit('events', { room: 'narrower', events: [sampleEvent('5')] });
  await expect(reader.next()).resolves.toMatchObject({ value: { id: '5' } });
});

test('one closed before its answer came is given up at the hub', async () => {
  const server = await startServer();
  const hub = connect(server.url);
  await reached(hub, 'live');
  const assets = hub.channel('assets');
  assets.close();
  await expect(assets.live).rejects.toMatchObject({ code: 'closed' });
  await vi.waitFor(() => expect(server.requests.map(({ name }) => name)).toEqual(['subscribe', 'unsubscribe']));
});

test('leaving is asked for again when the hub wants it slower', async () => {
  const server = await startServer();
  let refusals = 0;
  const error: WireError = { code: 'rate-limited', message: 'slower', retryable: true, retryAfterMs: 5 };
  server.options.judgeUnsubscribe = () => ((refusals += 1) < 3 ? error : null);
  const hub = connect(server.url);
  const assets = hub.channel('assets');
  await assets.live;
  assets.close();
  await vi.waitFor(() => expect(refusals).toBe(3));
  expect(hub.status).toBe('live');
});
