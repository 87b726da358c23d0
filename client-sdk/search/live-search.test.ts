import { expect, test, vi } from 'vitest';
import type { SearchQuery } from '../../channels/protocol/search.ts';
import type { Hub } from '../hub/hub.ts';
import { type ContractServer, sampleHit } from '../testing/contract-server.ts';
import { connect, reached, record, startServer } from '../testing/hub-fixture.ts';
import type { LiveSearch, SearchEvents } from './search.ts';

/** `name version` of each hit. */
function content({ hits }: Pick<LiveSearch, 'hits'>): readonly string[] {
  return hits.map(({ entity }) => `${entity.name} ${entity.owners[0]?.slice('owner '.length)}`);
}

function urn(name: string): string {
  return `urn:example:${name}`;
}

/** A live search for `a`, which finds what `find` says, and what it tells. */
async function open(names: readonly string[] = ['a', 'b', 'c'], q = 'a') {
  const server = await startServer();
  server.searches.options.find = () => names.map((name) => sampleHit(name));
  const hub = connect(server.url);
  const search = hub.search(q);
  const statuses: string[] = [];
  for (const name of ['live', 'stale'] as const) search.on(name, () => statuses.push(name));
  await search.live;
  const changes = record<'change', SearchEvents['change']>(search, 'change');
  const results = record<'result', SearchEvents['result']>(search, 'result');
  const ended = record<'ended', SearchEvents['ended']>(search, 'ended');
  return { server, hub, search, statuses, changes, results, ended };
}

function asked(server: ContractServer): readonly unknown[] {
  return server.requests.filter(({ name }) => name === 'search').map(({ payload }) => payload);
}

test('has the first hits, and then each change of them in order; what has not changed is the same object', async () => {
  const server = await startServer();
  server.searches.options.find = () => ['a', 'b', 'c'].map((name) => sampleHit(name));
  const options = { filter: { domain: 'retail' }, limit: 3, facets: ['domain'], highlight: false } as const;
  const search = connect(server.url).search('customer', options);
  expect(search.getSnapshot()).toMatchObject({ status: 'loading', isSearching: true, hits: [], error: null });
  const results = record<'result', SearchEvents['result']>(search, 'result');
  await search.live;
  expect(asked(server)).toEqual([{ id: search.id, rev: 1, q: 'customer', ...options }]);
  expect(search.getSnapshot()).toMatchObject({ status: 'live', isSearching: false, total: { value: 3 } });
  expect(results).toEqual([
    { hits: search.hits, total: search.total, facets: {}, staleMs: undefined, query: { q: 'customer', ...options } },
  ]);

  const [a, b] = search.hits;
  const changes = record<'change', SearchEvents['change']>(search, 'change');
  const before = search.getSnapshot();
  const said = [
    { kind: 'leave', urn: urn('c') },
    { kind: 'move', urn: urn('a'), after: urn('b') },
    { kind: 'enter', after: null, hit: sampleHit('d') },
    { kind: 'update', hit: sampleHit('b', 2) },
  ] as const;
  const total = { value: 7, relation: 'atLeast' } as const;
  server.searches.change(search.query, { changes: said, total, staleMs: 1200 });
  await vi.waitFor(() => expect(content(search)).toEqual(['d 1', 'b 2', 'a 1']));
  expect(changes).toEqual([{ changes: said, result: expect.objectContaining({ hits: search.hits, staleMs: 1200 }) }]);
  expect(search).toMatchObject({ total, facets: {}, staleMs: 1200, status: 'live' });
  expect([search.hits[2], before.hits[1]]).toEqual([a, b]);
  expect(search.hits[2]).toBe(a);
  expect(before.hits).toHaveLength(3);

  // only the counts are others: the hits are the same list
  const { hits } = search;
  server.searches.change(search.query, { changes: [], facets: { domain: [{ value: 'retail', count: 3 }] } });
  await vi.waitFor(() => expect(search.facets.domain).toHaveLength(1));
  expect([search.hits === hits, search.staleMs, search.total]).toEqual([true, undefined, total]);
});

test('D9: while somebody types one request is on its way, the last query follows, and the old hits stay true until then', async () => {
  const { server, search, results, statuses } = await open(['a']);
  server.searches.options.find = ({ q = '' }) => [sampleHit(q)];
  server.searches.options.answers = false;
  for (const q of ['ab', 'abc', 'abcd']) search.setQuery(q);
  await vi.waitFor(() => expect(asked(server)).toHaveLength(2));
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'update', hit: sampleHit('a', 2) }] });
  await vi.waitFor(() => expect(content(search)).toEqual(['a 2']));
  expect([search.isSearching, search.status, search.query]).toEqual([true, 'live', { q: 'a' }]);
  server.searches.options.answers = true;
  server.searches.release();
  await vi.waitFor(() => expect(content(search)).toEqual(['abcd 1']));
  expect(asked(server)).toMatchObject([
    { rev: 1, q: 'a' },
    { rev: 2, q: 'ab' },
    { rev: 4, q: 'abcd' },
  ]);
  expect(results.map(({ query }) => query.q)).toEqual(['ab', 'abcd']);
  expect([search.isSearching, statuses]).toEqual([false, ['live']]);
});

test('takes other members of the query, and takes them back; the same again is not asked', async () => {
  const { server, search } = await open();
  search.setQuery({ limit: 2, channel: 'alerts' });
  await vi.waitFor(() => expect(content(search)).toEqual(['a 1', 'b 1']));
  search.setQuery({ q: 'a', limit: 2 });
  search.setQuery({ limit: undefined, sort: ['name'] });
  await vi.waitFor(() => expect(search.isSearching).toBe(false));
  expect(asked(server).slice(1)).toMatchObject([
    { q: 'a', limit: 2, channel: 'alerts' },
    { q: 'a', channel: 'alerts', sort: ['name'] },
  ]);
  expect(search.query).toEqual({ q: 'a', channel: 'alerts', sort: ['name'] });
  search.close();
  expect(() => search.setQuery('b')).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('D9: after a reconnect only what is different is told', async () => {
  const { server, search, changes, results, statuses } = await open();
  const [a] = search.hits;
  server.cut();
  await vi.waitFor(() => expect(statuses).toEqual(['live', 'stale', 'live']));
  expect([changes, results]).toEqual([[], []]);
  server.searches.options.find = () => [sampleHit('c'), sampleHit('a'), sampleHit('d'), sampleHit('e', 2)];
  server.cut();
  await vi.waitFor(() => expect(content(search)).toEqual(['c 1', 'a 1', 'd 1', 'e 2']));
  expect(search.hits[1]).toBe(a);
  expect(changes.map((each) => each.changes.map(({ kind }) => kind))).toEqual([['leave', 'move', 'enter', 'enter']]);
  expect(results).toEqual([]);
});

/** The node says that it stops; fulfilled when the client has asked a second node. */
async function drain(server: ContractServer): Promise<void> {
  const before = asked(server).length;
  server.searches.options.answers = false;
  server.sockets[0]?.emit('goaway', { deadlineMs: 10_000, reconnectInMs: 10 });
  await vi.waitFor(() => expect(asked(server)).toHaveLength(before + 1));
}

test('D7: the next connection has its result before the first ends: live all the time, and only differences are told', async () => {
  const { server, hub, search, changes, statuses } = await open();
  await drain(server);
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('c') }] });
  await vi.waitFor(() => expect(content(search)).toEqual(['a 1', 'b 1']));
  expect(hub.status).toBe('draining');
  server.searches.options.find = () => [sampleHit('a'), sampleHit('b', 2)];
  server.searches.release();
  await reached(hub, 'live');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  expect(content(search)).toEqual(['a 1', 'b 2']);
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('a') }] });
  await vi.waitFor(() => expect(content(search)).toEqual(['b 2']));
  expect([changes.length, statuses]).toEqual([3, ['live']]);
});

test('D7: a next that still builds its index is waited for while the first lasts', async () => {
  const { server, hub, search, changes, statuses } = await open();
  let [refusals, isBuilt] = [0, false];
  server.searches.options.judge = () => {
    if (isBuilt) return null;
    refusals += 1;
    return { code: 'not-ready', message: 'building', retryable: true, retryAfterMs: 10 };
  };
  server.sockets[0]?.emit('goaway', { deadlineMs: 10_000, reconnectInMs: 10 });
  await vi.waitFor(() => expect(refusals).toBeGreaterThan(3));
  expect([hub.status, server.sockets.length]).toEqual(['draining', 2]);
  const total = { value: 2, relation: 'exact' } as const;
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('c') }], total });
  await vi.waitFor(() => expect(content(search)).toEqual(['a 1', 'b 1']));
  server.searches.options.find = () => [sampleHit('a'), sampleHit('b')];
  isBuilt = true;
  await reached(hub, 'live');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  expect([content(search), changes.length, statuses]).toEqual([['a 1', 'b 1'], 1, ['live']]);
});

test('D7: a next whose index is not built before the first ends takes over all the same', async () => {
  const { server, hub, statuses } = await open();
  server.searches.options.judge = () => ({ code: 'not-ready', message: 'building', retryable: true, retryAfterMs: 5 });
  server.sockets[0]?.emit('goaway', { deadlineMs: 300, reconnectInMs: 10 });
  await reached(hub, 'draining');
  await reached(hub, 'live');
  await vi.waitFor(() => expect(statuses).toEqual(['live', 'stale']));
  server.searches.options.judge = () => null;
  await vi.waitFor(() => expect(statuses).toEqual(['live', 'stale', 'live']));
});

test('D7: a next that breaks changes nothing, and a first that breaks early is followed by the next', async () => {
  const { server, hub, search, statuses } = await open();
  await drain(server);
  server.sockets[1]?.conn.close();
  await vi.waitFor(() => expect(asked(server)).toHaveLength(3));
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('c') }] });
  await vi.waitFor(() => expect(content(search)).toEqual(['a 1', 'b 1']));
  expect(statuses).toEqual(['live']);
  server.sockets[0]?.conn.close();
  await reached(hub, 'live');
  server.searches.release();
  await vi.waitFor(() => expect(content(search)).toEqual(['a 1', 'b 1', 'c 1']));
  expect(statuses).toEqual(['live', 'stale', 'live']);
});

test('what a hub refuses for now is retried after the time that it asks for, with the newest query', async () => {
  const { server, search, ended } = await open();
  let refusals = 0;
  server.searches.options.judge = () => {
    refusals += 1;
    return refusals > 2 ? null : { code: 'rate-limited', message: 'slower', retryable: true, retryAfterMs: 150 };
  };
  const startMs = performance.now();
  search.setQuery('ab');
  await vi.waitFor(() => expect(refusals).toBe(1));
  search.setQuery('abc');
  server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('a') }] });
  await vi.waitFor(() => expect(content(search)).toEqual(['b 1', 'c 1']));
  expect(search.status).toBe('live');
  await vi.waitFor(() => expect(search.query.q).toBe('abc'));
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(300);
  expect(asked(server).slice(1)).toMatchObject([{ q: 'ab' }, { q: 'abc' }, { q: 'abc' }]);
  expect(ended).toEqual([]);
});

test('what it refuses for good ends it, at the hub too; what it held stays readable', async () => {
  const { server, search, ended } = await open();
  server.searches.options.judge = () => ({ code: 'invalid-filter', message: 'nothing: unknown', retryable: false });
  search.setQuery({ filter: { nothing: 1 } });
  await vi.waitFor(() => expect(ended).toMatchObject([{ code: 'invalid-filter' }]));
  expect(search.getSnapshot()).toMatchObject({
    status: 'ended',
    isSearching: false,
    error: { code: 'invalid-filter' },
  });
  expect(content(search)).toEqual(['a 1', 'b 1', 'c 1']);
  await vi.waitFor(() => expect(server.requests.at(-1)).toEqual({ name: 'unsearch', payload: { id: search.id } }));
  const refused = connect(server.url).search('x');
  await expect(refused.live).rejects.toMatchObject({ code: 'invalid-filter' });
});

test('a hub that does not search ends it and says so', async () => {
  const server = await startServer();
  server.options.features = [];
  const hub = connect(server.url);
  const error = { code: 'not-supported', retryable: false, message: expect.stringContaining('component search') };
  await expect(hub.search('a').live).rejects.toMatchObject(error);
  await expect(hub.search.once('a')).rejects.toMatchObject(error);
  await reached(hub, 'live');
  const ended = record<'ended', SearchEvents['ended']>(hub.search('a'), 'ended');
  await vi.waitFor(() => expect(ended).toMatchObject([error]));
  expect(server.requests).toEqual([]);
});

test('D8: a change of rights replaces the list, and says so before the new one', async () => {
  const { server, search } = await open();
  const told: string[] = [];
  for (const name of ['policy', 'result', 'change'] as const)
    search.on(name, () => told.push(`${name} ${content(search).join(',')}`));
  const [socket] = server.sockets;
  server.searches.options.find = () => [sampleHit('b')];
  const request = { id: search.id, rev: 1, q: 'a', filter: { narrower: true } };
  if (socket !== undefined) server.searches.show(socket, request, 'token');
  await vi.waitFor(() => expect(told).toEqual(['policy b 1', 'result b 1']));
  server.searches.change(request, { changes: [{ kind: 'enter', after: null, hit: sampleHit('z') }] });
  await vi.waitFor(() => expect(told.at(-1)).toBe('change z 1,b 1'));
});

test('D8: a hub that cannot open it again after a change of rights leaves nothing of the list, and is asked again', async () => {
  const { server, search, statuses, ended } = await open();
  const policies = record<'policy', SearchEvents['policy']>(search, 'policy');
  server.searches.options.find = () => [sampleHit('b')];
  const sizes = record<'policy', unknown>(search, 'policy');
  search.on('policy', () => sizes.push(search.hits.length));
  const [socket] = server.sockets;
  const error = { code: 'not-ready', message: 'later', retryable: true } as const;
  socket?.emit('searchended', { id: search.id, error });
  await vi.waitFor(() => expect(content(search)).toEqual(['b 1']));
  expect([policies, sizes.at(-1), statuses]).toEqual([[{ reason: 'token' }], 0, ['live', 'stale', 'live']]);
  socket?.emit('searchended', { id: search.id, error: { ...error, code: 'forbidden', retryable: false } });
  await vi.waitFor(() => expect(ended).toMatchObject([{ code: 'forbidden' }]));
  expect(search.hits).toEqual([]);
});

test.each([
  [[{ kind: 'leave', urn: urn('x') }]],
  [[{ kind: 'update', hit: sampleHit('x') }]],
  [[{ kind: 'move', urn: urn('x'), after: null }]],
  [[{ kind: 'move', urn: urn('a'), after: urn('a') }]],
  [[{ kind: 'enter', after: null, hit: sampleHit('a') }]],
  [
    [
      { kind: 'leave', urn: urn('a') },
      { kind: 'enter', after: urn('a'), hit: sampleHit('x') },
    ],
  ],
] as const)(
  'D9: changes that do not fit (%j) show nothing wrong: it is stale until it was searched anew',
  async (misfit) => {
    const { server, search, changes, statuses } = await open();
    const before = search.hits;
    server.searches.change({ q: 'a' }, { changes: misfit });
    await vi.waitFor(() => expect(statuses).toEqual(['live', 'stale', 'live']));
    expect(search.hits).toBe(before);
    expect(asked(server)).toMatchObject([{ rev: 1 }, { rev: 1, q: 'a' }]);
    expect(changes).toEqual([]);
    server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn('a') }] });
    await vi.waitFor(() => expect(changes).toHaveLength(1));
  },
);

test('D9: the changes of another result, or of one that was replaced, are not for it', async () => {
  const { server, hub, search } = await open();
  const other = hub.search('other');
  await other.live;
  server.searches.change({ q: 'other' }, { changes: [{ kind: 'leave', urn: urn('a') }] });
  await vi.waitFor(() => expect(content(other)).toEqual(['b 1', 'c 1']));
  expect(content(search)).toEqual(['a 1', 'b 1', 'c 1']);
  // equal searches share their changes
  search.setQuery('other');
  await vi.waitFor(() => expect(search.query.q).toBe('other'));
  server.searches.change({ q: 'other' }, { changes: [{ kind: 'move', urn: urn('c'), after: null }] });
  await vi.waitFor(() => expect(content(other)).toEqual(['c 1', 'b 1']));
  expect(content(search)).toEqual(['c 1', 'a 1', 'b 1']);
});

test('searches once: through a reconnect and what is refused for now, and with the reason of what is refused', async () => {
  const server = await startServer();
  server.searches.options.find = () => [sampleHit('a')];
  server.searches.options.answers = false;
  const hub = connect(server.url);
  const found = hub.search.once('a', { limit: 5, facets: ['domain'] });
  await vi.waitFor(() => expect(asked(server)).toHaveLength(1));
  server.cut();
  await vi.waitFor(() => expect(asked(server)).toHaveLength(2));
  let refusals = 0;
  server.searches.options.judge = () => {
    server.searches.options.answers = true;
    return (refusals += 1) > 1 ? null : { code: 'not-ready', message: 'building', retryable: true };
  };
  server.searches.release();
  const query: SearchQuery = { q: 'a', limit: 5, facets: ['domain'] };
  const total = { value: 1, relation: 'exact' };
  expect(await found).toEqual({ hits: [sampleHit('a')], total, facets: {}, staleMs: undefined, query });
  expect(asked(server).at(-1)).toEqual({ id: expect.any(String), rev: 1, once: true, ...query });
  server.searches.options.judge = () => ({ code: 'invalid-request', message: 'q: too long', retryable: false });
  await expect(hub.search.once('b')).rejects.toMatchObject({ code: 'invalid-request' });
  server.searches.options.answers = false;
  const late = hub.search.once('c');
  hub.close();
  await expect(late).rejects.toMatchObject({ code: 'closed' });
  await expect(hub.search.once('d')).rejects.toMatchObject({ code: 'closed' });
  expect(() => hub.search('d')).toThrow(expect.objectContaining({ code: 'closed' }));
  expect(server.requests.every(({ name }) => name === 'search')).toBe(true);
});

test('closed, it is given up at the hub, again if that wants it slower, and changes no more', async () => {
  const { server, search, ended } = await open();
  let refusals = 0;
  server.searches.options.judgeUnsearch = () =>
    (refusals += 1) > 1 ? null : { code: 'rate-limited', message: 'slower', retryable: true, retryAfterMs: 5 };
  const calls = vi.fn();
  const stop = search.subscribe(calls);
  const before = search.getSnapshot();
  expect(search.getSnapshot()).toBe(before);
  search.close();
  search.close();
  expect([calls.mock.calls.length, ended]).toEqual([1, [null]]);
  expect(search.getSnapshot()).toEqual({ ...before, status: 'ended', isSearching: false });
  stop();
  await vi.waitFor(() => expect(refusals).toBe(2));
  expect(server.requests.slice(1)).toEqual(Array(2).fill({ name: 'unsearch', payload: { id: search.id } }));
});

test('a listener may ask for something else, or close it: the rest is told to nobody', async () => {
  const { server, search, ended } = await open(['a']);
  server.searches.options.find = ({ q = '' }) => [sampleHit(q)];
  const told: string[] = [];
  search.on('result', ({ query: { q = '' } }) => {
    told.push(q);
    if (q === 'ab') search.setQuery('abc');
    if (q === 'abc') search.close();
  });
  search.on('result', ({ query }) => told.push(`second ${query.q}`));
  search.setQuery('ab');
  await vi.waitFor(() => expect(ended).toEqual([null]));
  expect(told).toEqual(['ab', 'second ab', 'abc', 'second abc']);
  expect(asked(server)).toMatchObject([{ rev: 1 }, { rev: 2 }, { rev: 3 }]);
});

async function next(loop: AsyncIterator<Pick<LiveSearch, 'hits'>>): Promise<readonly string[] | undefined> {
  const { done, value } = await loop.next();
  return done === true ? undefined : content(value as Pick<LiveSearch, 'hits'>);
}

test('a loop gets the result each time that it is another; a slow one gets the newest', async () => {
  const { server, search, changes } = await open();
  const loop = search[Symbol.asyncIterator]();
  expect(await next(loop)).toEqual(['a 1', 'b 1', 'c 1']);
  const waiting = next(loop);
  const leave = (name: string): void =>
    server.searches.change({ q: 'a' }, { changes: [{ kind: 'leave', urn: urn(name) }] });
  leave('a');
  expect(await waiting).toEqual(['b 1', 'c 1']);
  leave('b');
  await vi.waitFor(() => expect(changes).toHaveLength(2));
  expect(await next(loop)).toEqual(['c 1']);
  search.close();
  expect(await next(loop)).toBe(undefined);
});

test('leaving its loop closes a search, and a loop throws the reason of another end', async () => {
  const { server, hub, search, ended } = await open();
  for await (const { hits } of search) if (hits.length > 0) break;
  expect(ended).toEqual([null]);
  server.searches.options.judge = () => ({ code: 'forbidden', message: 'no', retryable: false });
  await expect(readAll(hub)).rejects.toMatchObject({ code: 'forbidden' });
});

async function readAll(hub: Hub): Promise<void> {
  for await (const { total } of hub.search('x')) expect(total.value).toBe(-1);
}
