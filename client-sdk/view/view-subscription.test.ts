import { expect, test, vi } from 'vitest';
import type { AnyWireEvent, WireItem } from '../../channels/protocol/down.ts';
import { type ContractServer, roomOf, sampleItem } from '../testing/contract-server.ts';
import { connect, record, startServer } from '../testing/hub-fixture.ts';
import type { View } from './view.ts';

const room = roomOf({ channel: 'assets', mode: 'view' });

const item = sampleItem;

let lastId = 0;
function event(kind: 'enter' | 'update' | 'leave', name: string, version = 1): AnyWireEvent {
  const recordedtime = new Date((lastId += 1)).toISOString();
  const base = { id: `e${lastId}`, subject: `urn:example:${name}`, recordedtime };
  return kind === 'leave' ? { ...base, kind, reason: 'left' } : { ...base, kind, ...item(name, version) };
}

/** `name version` of each item. */
function content({ items }: Pick<View, 'items'>): readonly string[] {
  return items.map(({ entity, document }) => `${entity.name} ${document['version'] as number}`);
}

async function openView(documents: readonly WireItem[]): Promise<{ server: ContractServer; view: View }> {
  const server = await startServer();
  server.options.documents = () => documents;
  const view = connect(server.url).view('assets', {});
  expect([view.status, view.items]).toEqual(['loading', []]);
  await view.live;
  return { server, view };
}

test('holds the pages of the snapshot, and is changed once by what comes in one frame', async () => {
  const { server, view } = await openView([item('a'), item('c'), item('d')]);
  expect(server.connects[0]?.subscriptions).toEqual([{ id: view.id, channel: 'assets', mode: 'view' }]);
  expect([view.status, content(view)]).toEqual(['live', ['a 1', 'c 1', 'd 1']]);
  const before = view.items;
  const changes = record<'change', { readonly items: readonly WireItem[]; readonly reset: boolean }>(view, 'change');
  server.send(room, event('enter', 'b'), event('update', 'c', 2), event('leave', 'd'), event('leave', 'unknown'));
  await vi.waitFor(() => expect(changes).toHaveLength(1));
  expect(content(view)).toEqual(['a 1', 'b 1', 'c 2']);
  expect(changes[0]).toEqual({
    ...{ items: view.items, reset: false },
    ...{ entered: ['urn:example:b'], updated: ['urn:example:c'], left: ['urn:example:d'] },
  });
  expect(before.map(({ entity }) => entity.name)).toEqual(['a', 'c', 'd']);
  expect(view.items[0]).toBe(before[0]);
  expect(view.get('urn:example:c')).toBe(view.items[2]);
  expect([view.get('urn:example:d'), view.get('')]).toEqual([undefined, undefined]);
});

test('after a reconnect that the hub continues, only what has changed meanwhile is changed', async () => {
  const { server, view } = await openView([item('a'), item('b')]);
  const before = view.items;
  const statuses: string[] = [];
  view.subscribe(() => statuses.push(view.status));
  server.cut();
  server.log.push({ room, event: event('update', 'b', 2) });
  await vi.waitFor(() => expect(statuses.at(-1)).toBe('live'));
  expect(statuses).toEqual(['stale', 'stale', 'live']);
  expect(content(view)).toEqual(['a 1', 'b 2']);
  expect(view.items[0]).toBe(before[0]);
});

test('D5: after a reconnect that the hub cannot continue, a new snapshot replaces the content, and what is equal stays', async () => {
  const { server, view } = await openView([item('a'), item('b'), item('c')]);
  const before = view.items;
  const resets: boolean[] = [];
  view.on('change', ({ reset }) => resets.push(reset));
  server.options.resume = () => 'coverage';
  const { document, entity } = item('a');
  // the same in another order
  server.options.documents = () => [
    { document: Object.fromEntries(Object.entries(document).toReversed()), entity },
    item('c', 2),
    item('d'),
  ];
  server.cut();
  await vi.waitFor(() => expect(content(view)).toEqual(['a 1', 'c 2', 'd 1']));
  expect(view.items[0]).toBe(before[0]);
  expect(resets).toEqual([true]);
  // nothing is another: nothing is told
  const items = view.items;
  const again = vi.fn();
  view.on('live', again);
  server.cut();
  await vi.waitFor(() => expect(again).toHaveBeenCalledOnce());
  expect(view.items).toBe(items);
  expect(resets).toEqual([true]);
});

test('a snapshot that breaks off changes nothing, and is asked for again', async () => {
  const { server, view } = await openView([item('a')]);
  server.options.resume = () => 'epoch';
  server.options.goLive = false;
  server.options.documents = () => [item('x'), item('y')];
  server.cut();
  await vi.waitFor(() => expect(server.connects).toHaveLength(2));
  server.options.goLive = true;
  server.cut();
  await vi.waitFor(() => expect(content(view)).toEqual(['x 1', 'y 1']));
  expect(server.connects[2]?.subscriptions).toMatchObject([{ handle: `handle of ${room}` }]);
});

test('what happened while the snapshot was read comes with it', async () => {
  const server = await startServer();
  server.options.goLive = false;
  server.options.documents = () => [item('a'), item('b')];
  const view = connect(server.url).view('assets');
  const changes = record<'change', unknown>(view, 'change');
  await vi.waitFor(() => expect(server.connects).toHaveLength(1));
  server.log.push({ room, event: event('update', 'a', 2) }, { room, event: event('leave', 'b') });
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.release();
  await view.live;
  expect([content(view), changes.length]).toEqual([['a 2'], 1]);
});

test('ends when more match than it may hold, also while it is live, and leaves the hub', async () => {
  const { server, view } = await openView(Array.from({ length: 4999 }, (_, index) => item(`d${index}`)));
  const ended: unknown[] = [];
  view.on('ended', (error) => ended.push(error));
  server.send(room, event('enter', 'x'));
  await vi.waitFor(() => expect(view.items).toHaveLength(5000));
  server.send(room, event('enter', 'y'));
  await vi.waitFor(() => expect(ended).toMatchObject([{ code: 'view-too-large', retryable: false }]));
  expect(view.status).toBe('ended');
  await vi.waitFor(() => expect(server.requests).toEqual([{ name: 'unsubscribe', payload: { id: view.id } }]));
});

test('D8: a change of rights empties it at once; what may be seen follows', async () => {
  const { server, view } = await openView([item('a'), item('b')]);
  const told: string[] = [];
  view.on('policy', ({ reason }) => told.push(`policy ${reason} ${view.status} ${view.items.length}`));
  view.on('live', () => told.push(`live ${view.items.length}`));
  const [socket] = server.sockets;
  socket?.emit('policy', { id: view.id, room: 'narrower', handle: 'narrower', reason: 'token' });
  socket?.emit('events', { room, events: [event('enter', 'z')] });
  socket?.emit('snapshot', { id: view.id, page: 0, items: [item('b')], last: true });
  socket?.emit('live', { id: view.id });
  socket?.emit('events', { room: 'narrower', events: [event('enter', 'c')] });
  await vi.waitFor(() => expect(content(view)).toEqual(['b 1', 'c 1']));
  expect(told).toEqual(['policy token stale 0', 'live 1']);
});

test('other rights after a reconnect empty it before the snapshot', async () => {
  const { server, view } = await openView([item('a'), item('b')]);
  const sizes: number[] = [];
  view.on('change', ({ items }) => sizes.push(items.length));
  server.options.resume = () => 'policy';
  server.options.documents = () => [item('b')];
  server.cut();
  await vi.waitFor(() => expect(content(view)).toEqual(['b 1']));
  expect(sizes).toEqual([0, 1]);
});

test.each(['stale', 'gap', 'no document'] as const)(
  'what the hub cannot say (%s) makes it stale, until a fresh snapshot is there',
  async (fault) => {
    const { server, view } = await openView([item('a'), item('b')]);
    const statuses: string[] = [];
    view.on('stale', () => statuses.push('stale'));
    view.on('live', () => statuses.push('live'));
    server.options.documents = () => [item('a'), item('b', 2)];
    const [socket] = server.sockets;
    const { document: _, ...bare } = event('update', 'b') as Extract<AnyWireEvent, { kind: 'enter' }>;
    if (fault === 'stale') socket?.emit('stale', { room });
    else if (fault === 'gap') socket?.emit('notice', { code: 'gap', message: 'a hole' });
    else server.send(room, bare as AnyWireEvent);
    await vi.waitFor(() => expect(statuses).toEqual(['stale', 'live']));
    expect(content(view)).toEqual(['a 1', 'b 2']);
    expect(server.requests).toEqual([
      { name: 'unsubscribe', payload: { id: view.id } },
      { name: 'subscribe', payload: { id: view.id, channel: 'assets', mode: 'view' } },
    ]);
  },
);

test('a refusal ends it; what it held stays readable', async () => {
  const { server, view } = await openView([item('a')]);
  const ended = vi.fn();
  view.on('ended', ended);
  const error = { code: 'view-too-large', message: 'too many', retryable: false } as const;
  server.options.judge = () => error;
  server.cut();
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  expect([view.status, content(view)]).toEqual(['ended', ['a 1']]);
  const refused = connect(server.url).view('assets');
  await expect(refused.live).rejects.toMatchObject({ code: 'view-too-large' });
});

test('closed, it is given up at the hub and changes no more', async () => {
  const { server, view } = await openView([item('a')]);
  const calls = vi.fn();
  const stop = view.subscribe(calls);
  const before = view.getSnapshot();
  expect(view.getSnapshot()).toBe(before);
  view.close();
  view.close();
  expect(calls).toHaveBeenCalledOnce();
  expect(view.getSnapshot()).toEqual({ items: before.items, status: 'ended', error: null });
  stop();
  await vi.waitFor(() => expect(server.requests).toEqual([{ name: 'unsubscribe', payload: { id: view.id } }]));
});
