import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import { SearchClient } from '../../../test/harness/search-client.ts';
import { SearchWorld } from '../../../test/harness/search-world.ts';
import { metricValue } from '../../../test/harness/silence.ts';
import { searchesPerSession } from './session-searches.ts';

const policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' as const }],
    careful: [{ allow: 'read' as const }, { deny: 'read' as const, where: { domain: 'secret' } }],
  },
};
const careful = { roles: ['careful'] };

let world: SearchWorld;
beforeEach(async () => {
  world = new SearchWorld(policy);
  await world.start();
});
afterEach(() => world.stop());

async function open(principal: object = { roles: ['all'] }) {
  const connection = await world.connect(principal);
  const client = new SearchClient(connection);
  const urns = (id = 's'): readonly string[] => {
    client.read();
    return client.urns(id).map((urn) => urn.slice(4));
  };
  return { connection, client, urns };
}

const request = (more: object = {}) => ({ id: 's', q: 'customer', ...more });

it('P12 D8 follows the rights of the session: what the old ones let it see is gone before what the new ones do', async () => {
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  await world.world.change('b', { name: 'customer', fqn: 'v1', domain: 'secret' });
  const { connection, client, urns } = await open();
  await client.search(request({ sort: ['fqn'] }));
  await eventually(() => expect(urns().toSorted()).toEqual(['a', 'b']));
  const [roomBefore] = [...connection.rooms];
  const token = JSON.stringify({ roles: ['careful'] });
  expect(await connection.request('authenticate', { token })).toMatchObject({ ok: true });
  // with the answer it is in no room of the old class any more
  expect(connection.rooms.has(roomBefore ?? '')).toBe(false);
  await eventually(() => expect(connection.last('result')).toMatchObject({ id: 's', reason: 'token' }));
  // the index may learn of the documents after the events of them
  await eventually(() => expect([urns(), client.searches.get('s')?.total.value]).toEqual([['a'], 1]));
  await world.world.change('b', { name: 'customer', fqn: 'v2', domain: 'secret' });
  await world.world.change('c', { name: 'customer', fqn: 'v1' });
  await eventually(() => expect(urns().toSorted()).toEqual(['a', 'c']));
  expect(client.faults).toEqual([]);
});

it('D8 a change of rights while a query is on its way does not end the search: it gets what the new ones let it see', async () => {
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  await world.world.change('b', { name: 'customer', fqn: 'v1', domain: 'secret' });
  for (const isOpen of [false, true]) {
    const { connection, client, urns } = await open();
    if (isOpen) await client.search(request({ rev: 1, q: 'other' }));
    const [answer, renewed] = [
      client.search(request({ rev: 2 })),
      connection.request('authenticate', { token: JSON.stringify(careful) }),
    ];
    expect(await renewed).toMatchObject({ ok: true });
    await answer;
    await eventually(() => expect([urns(), connection.last('result')]).toMatchObject([['a'], { rev: 2 }]));
    expect(connection.last('searchended')).toBe(undefined);
    await world.world.change('a', { name: 'invoice', fqn: 'v2' });
    await eventually(() => expect(urns()).toEqual([]));
    await world.world.change('a', { name: 'customer', fqn: 'v3' });
    await eventually(() => expect(urns()).toEqual(['a']));
    expect(await client.end('s')).toEqual({ ok: true });
    expect(client.faults).toEqual([]);
  }
});

it('what hides nothing of a document says nothing of others: frames are the same with and without them', async () => {
  const { connection, client, urns } = await open(careful);
  await client.search(request({ facets: ['domain'], limit: 1 }));
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  await eventually(() => expect(urns()).toEqual(['a']));
  const sent = connection.sent.length;
  for (let i = 0; i < 30; i++) await world.world.change(`h${i}`, { name: 'customer', domain: 'secret', fqn: 'v1' });
  await eventually(async () => expect(await world.isQuiet()).toBe(true));
  expect(connection.sent.slice(sent).filter(([name]) => name !== 'cursor')).toEqual([]);
});

it('L2 bounds live searches of a session, and takes another when one was ended', async () => {
  const { connection, client } = await open();
  for (let i = 0; i < searchesPerSession; i++)
    expect(await client.search({ ...request({ q: `word${i}` }), id: `s${i}` })).toMatchObject({ ok: true });
  expect(world.live.size).toBe(searchesPerSession);
  expect(await client.search(request())).toMatchObject({ ok: false, error: { code: 'too-many-subscriptions' } });
  expect(await client.end('s0')).toEqual({ ok: true });
  expect(await client.search(request())).toMatchObject({ ok: true });
  connection.close();
  expect(world.live.size).toBe(0);
});

it('equal searches of equal rights are one, with one room; others are not', async () => {
  const [one, other, third] = [await open(), await open({ roles: ['all'], sub: 'eva' }), await open(careful)];
  const answers = await Promise.all([
    one.client.search(request()),
    other.client.search(request({ q: ' Customer' })),
    third.client.search(request()),
  ]);
  const [first, second, last] = answers.map((each) => (each as { readonly room: string }).room);
  expect([first === second, first === last, world.live.size]).toEqual([true, false, 2]);
  one.connection.close();
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  await eventually(() => expect([other.urns(), third.urns()]).toEqual([['a'], ['a']]));
});

it('W18: of queries that somebody types only the last is answered with a result, and the old hits stay until then', async () => {
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  const { connection, client, urns } = await open();
  await client.search(request({ rev: 1 }));
  await eventually(() => expect(urns()).toEqual(['a']));
  const typed = ['o', 'or', 'ord', 'orde', 'order'].map((q, index) =>
    client.search({ ...request({ q }), rev: index + 2 } as never),
  );
  const answers = (await Promise.all(typed)) as { readonly ok: boolean; readonly error?: { readonly code: string } }[];
  expect(answers.at(-1)?.ok).toBe(true);
  for (const { ok, error } of answers) if (!ok) expect(error?.code).toBe('unknown-subscription');
  await eventually(() => expect(connection.last('result')).toMatchObject({ rev: 6 }));
  expect([urns(), client.faults, world.live.size, connection.rooms.size]).toEqual([[], [], 1, 1]);
});

it('while the index is away hits change and leave, and it is said how old the result may be', async () => {
  for (const name of ['a', 'b', 'c']) await world.world.change(name, { name: `customer ${name}`, fqn: 'v1' });
  const { connection, client, urns } = await open();
  await client.search(request({ limit: 2, facets: ['domain'], sort: ['name'] }));
  await eventually(() => expect(urns()).toEqual(['a', 'b']));
  world.live.lost();
  world.index.isAway = true;
  await world.world.change('a', { name: 'invoices', fqn: 'v2' });
  await eventually(() => expect(urns()).toEqual(['b', 'c']));
  await eventually(() => expect(connection.last('delta')).toMatchObject({ staleMs: expect.any(Number) }), {
    timeoutMs: 8000,
  });
  expect(world.live.isAway).toBe(true);
  expect(await client.search({ id: 'new', q: 'other' } as never)).toMatchObject({
    ok: false,
    error: { code: 'storage-unavailable' },
  });
  world.index.isAway = false;
  await eventually(() => expect(client.searches.get('s')?.staleMs ?? urns()).toEqual(['b', 'c']), { timeoutMs: 8000 });
  expect(client.faults).toEqual([]);
}, 30_000);

it('L11 a search that changes all the time does not keep others from being asked for', async () => {
  for (let i = 0; i < 60; i++) await world.world.change(`a${i}`, { name: `customer ${i}`, fqn: 'v1' });
  const { client } = await open();
  await client.search(request({ limit: 1, facets: ['status'] }));
  for (let i = 0; i < 40; i++)
    await client.search({ id: `other${i}`, q: `customer ${i}`, limit: 1, facets: ['status'] } as never);
  // each change makes all counts unsure: the index is asked, once a second for each
  const storm = (async () => {
    for (let i = 0; i < 200; i++) {
      await world.world.change('a1', { status: i % 2 === 0 ? 'deprecated' : 'active', fqn: `v${i + 2}` });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await storm;
  await eventually(async () => expect(await world.isQuiet()).toBe(true), { timeoutMs: 10_000 });
  client.read();
  for (let i = 0; i < 40; i++)
    expect(client.searches.get(`other${i}`)?.facets).toMatchObject({ status: [{ value: 'active' }] });
  expect(client.faults).toEqual([]);
  // far fewer runs than changes times searches
  expect(await metricValue(world.metrics, 'searchRequeries')).toBeLessThan(400);
}, 30_000);

it('W18: of queries that come at the same time without numbers the last stands, and nothing else is left behind', async () => {
  const { client } = await open();
  const answers = await Promise.all(['one', 'two', 'three'].map((q) => client.search(request({ q }))));
  expect(answers.map((each) => (each as { readonly ok: boolean }).ok)).toEqual([false, false, true]);
  await eventually(() => expect(client.read()).toBe(undefined));
  expect([world.live.size, await client.end('s'), world.live.size]).toEqual([1, { ok: true }, 0]);
});

it('W18: a query that is refused leaves what the client has, also after a change of rights', async () => {
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  const { connection, client, urns } = await open();
  await client.search(request({ rev: 1 }));
  await eventually(() => expect(urns()).toEqual(['a']));
  world.index.isAway = true;
  expect(await client.search(request({ rev: 2, q: 'other' }))).toMatchObject({
    error: { code: 'storage-unavailable' },
  });
  world.index.isAway = false;
  expect(await connection.request('authenticate', { token: JSON.stringify(careful) })).toMatchObject({ ok: true });
  await eventually(() => expect(connection.last('result')).toMatchObject({ rev: 1, reason: 'token' }));
  expect([urns(), world.live.size]).toEqual([['a'], 1]);
}, 20_000);

it('L13 finds what comes into the searched part of a document because something before it became shorter', async () => {
  const long = (length: number): string => 'x '.repeat(length / 2);
  const description = `${long(40_000)} needle`;
  await world.world.change('a', { name: 'customer', aliases: [long(30_000)], description, fqn: 'v1' });
  const { client, urns } = await open();
  await client.search(request({ q: 'needle' }));
  await world.world.change('a', { name: 'customer', aliases: ['short'], description, fqn: 'v2' });
  await eventually(() => expect(urns()).toEqual(['a']));
});

it('a search rests between two runs for its counts, however often these change', async () => {
  for (let i = 0; i < 40; i++) await world.world.change(`a${i}`, { name: `customer ${i}`, fqn: 'v1' });
  const { client } = await open();
  await client.search(request({ limit: 1, facets: ['status'] }));
  const before = await metricValue(world.metrics, 'searchRequeries');
  for (let i = 0; i < 60; i++) {
    await world.world.change('a39', { status: i % 2 === 0 ? 'deprecated' : 'active', fqn: `v${i + 2}` });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await eventually(async () => expect(await world.isQuiet()).toBe(true), { timeoutMs: 10_000 });
  expect((await metricValue(world.metrics, 'searchRequeries')) - before).toBeLessThanOrEqual(4);
}, 20_000);

it('P7 sends nothing before it is known what was revoked, neither a result nor an answer', async () => {
  await world.world.change('a', { name: 'customer', fqn: 'v1' });
  const { connection, client } = await open();
  let release = (): void => undefined;
  world.pending = new Promise((resolve) => (release = resolve));
  const answers = [client.search(request()), client.search({ id: 'once', once: true, q: 'customer' } as never)];
  await eventually(async () => expect(await metricValue(world.metrics, 'searchRequeries')).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(connection.names.filter((name) => name === 'ack' || name === 'result')).toEqual([]);
  world.pending = undefined;
  release();
  expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }]);
  expect(connection.names.filter((name) => name === 'result')).toHaveLength(2);
});
