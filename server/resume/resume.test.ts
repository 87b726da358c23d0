import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Policy } from '../../channels/policy/policy.ts';
import type { WireEvent } from '../../channels/protocol/down.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { ModelClient } from '../../test/harness/model-client.ts';
import { createTestNode, MemoryDocuments, type TestNode, type TestNodeOptions } from '../../test/harness/test-node.ts';
import { World } from '../../test/harness/world.ts';

const policy: Policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' }],
    careful: [{ allow: 'read' }, { deny: 'read', where: { domain: 'secret' } }],
  },
};

let log: MemoryEventLog;
let journal: MemoryEventJournal;
let documents: MemoryDocuments;
let world: World;
let nodes: TestNode[];

async function startNode(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
  const node = createTestNode({ log, journal, documents, policy, now: () => log.nowMs, ...options });
  nodes.push(node);
  await node.start();
  return node;
}

beforeEach(() => {
  log = new MemoryEventLog(3);
  log.nowMs = 1_000_000;
  [journal, documents, nodes] = [new MemoryEventJournal(), new MemoryDocuments(), []];
  world = new World({ log, journal, documents });
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
});

const assets = { channel: 'assets', mode: 'events' } as const;
const view = (filter?: object) =>
  ({ channel: 'assets', mode: 'view', ...(filter === undefined ? {} : { filter }) }) as const;

/** Connects and waits until everything is live. */
async function live(client: ModelClient, node: TestNode, principal: object = {}): Promise<void> {
  await client.connect(node, principal);
  await eventually(() => {
    client.read();
    expect(client.subscriptions.every((each) => each.live)).toBe(true);
  });
}

async function caughtUp(node: TestNode): Promise<void> {
  await eventually(async () => expect(node.gateway.position.vector).toEqual(await log.heads()));
}

/** A node waits for some seconds before it says that it is behind. */
const afterReach = { timeoutMs: 12_000 };
const idsOf = (events: readonly WireEvent[]): readonly string[] => events.map(({ id }) => id);
const last = (client: ModelClient) => client.subscriptions[0]!.announced.at(-1);
const handed = (client: ModelClient): readonly string[] => idsOf(client.subscriptions[0]!.handed);

describe('resume', () => {
  it('D2: goes on from a cursor on another node, with everything in between and nothing twice', async () => {
    const [first, second] = [await startNode(), await startNode()];
    const client = new ModelClient([assets]);
    await live(client, first);
    await world.change('a', {});
    await world.change('b', {});
    await caughtUp(first);
    client.disconnect();
    await world.change('a', {});
    await world.change('c', {});
    await live(client, second);
    expect(last(client)).toMatchObject({ recovered: true });
    await world.change('b', {});
    await caughtUp(second);
    client.read();
    expect(handed(client)).toEqual(idsOf(client.subscriptions[0]!.handed));
    expect([...handed(client)].toSorted()).toEqual(['urn:a@1', 'urn:a@2', 'urn:b@1', 'urn:b@2', 'urn:c@1']);
  });

  it('D2: waits for a node that is behind the cursor', async () => {
    const first = await startNode();
    const client = new ModelClient([assets]);
    await live(client, first);
    await world.change('a', {});
    await caughtUp(first);
    log.nowMs += 1000;
    await world.change('b', {});
    await caughtUp(first);
    client.disconnect();
    log.paused = true;
    const behind = createTestNode({ log: laggingLog(log), journal, documents, policy, now: () => log.nowMs });
    nodes.push(behind);
    await behind.start();
    await client.connect(behind);
    client.read();
    expect(client.subscriptions[0]!.announced).toHaveLength(1);
    log.paused = false;
    log.wake();
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    });
    expect(last(client)).toMatchObject({ recovered: true });
    expect([...handed(client)].toSorted()).toEqual(['urn:a@1', 'urn:b@1']);
  });

  it(
    'D1: a node that stays behind the cursor refuses for now, and neither goes on nor starts afresh',
    { timeout: 20_000 },
    async () => {
      const first = await startNode();
      const client = new ModelClient([assets]);
      await live(client, first);
      await world.change('a', {});
      await caughtUp(first);
      client.disconnect();
      log.paused = true;
      const behind = createTestNode({ log: laggingLog(log), journal, documents, policy, now: () => log.nowMs });
      nodes.push(behind);
      await behind.start();
      client.subscriptions[0]!.cursor = first.seals.cursor(first.gateway.position);
      await client.connect(behind);
      const { connection } = client;
      await eventually(() => expect(connection!.names).toContain('ended'), afterReach);
      expect(connection!.last('ended')).toMatchObject({ error: { code: 'not-ready', retryable: true } });
      expect(connection!.names).toEqual(['welcome', 'ended']);
    },
  );

  it('D5: a cursor beyond the end of the log is of another log', { timeout: 20_000 }, async () => {
    const node = await startNode();
    const client = new ModelClient([assets]);
    await live(client, node);
    client.disconnect();
    client.subscriptions[0]!.cursor = node.seals.cursor({ epoch: log.epoch, vector: [9, 9, 9], marks: [] });
    await client.connect(node);
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    }, afterReach);
    expect(last(client)).toMatchObject({ recovered: false, reason: 'epoch' });
  });

  it('D2: goes on from the journal where the ring no longer reaches back', async () => {
    const node = await startNode({ ringMaxBytes: 3 });
    const client = new ModelClient([{ ...assets, filter: { domain: 'hr' } }]);
    await live(client, node);
    client.disconnect();
    for (let i = 0; i < 20; i++) await world.change(`a${i % 5}`, { domain: i % 2 === 0 ? 'hr' : 'ops' });
    await world.journal();
    await caughtUp(node);
    await live(client, node);
    expect(last(client)).toMatchObject({ recovered: true });
    const kinds = client.subscriptions[0]!.handed.map(({ id, kind }) => `${id} ${kind}`);
    expect(kinds).toContain('urn:a0@1 enter');
    expect(kinds).toContain('urn:a0@2 leave');
    expect(kinds).toHaveLength(18);
  });

  it('D2: one that gives up while the journal is read takes nothing from those who wait for the same', async () => {
    const node = await startNode({ ringMaxBytes: 3 });
    const [first, second] = [new ModelClient([assets]), new ModelClient([assets])];
    await live(first, node);
    await live(second, node);
    for (const client of [first, second]) client.disconnect();
    second.subscriptions[0]!.cursor = first.subscriptions[0]!.cursor;
    for (let i = 0; i < 20; i++) await world.change(`a${i}`, {});
    await world.journal();
    await caughtUp(node);
    const read = journal.read.bind(journal);
    let reads = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    journal.read = async (query) => {
      reads += 1;
      await released;
      return read(query);
    };
    await first.connect(node);
    await second.connect(node);
    await eventually(() => expect(reads).toBeGreaterThan(0));
    first.disconnect();
    release();
    await eventually(() => {
      second.read();
      expect(second.subscriptions[0]!.live).toBe(true);
    });
    expect(last(second)).toMatchObject({ recovered: true });
    expect(handed(second)).toHaveLength(20);
  });

  it('D2: waits for a journal that is a moment behind, and misses nothing', async () => {
    const first = await startNode();
    const client = new ModelClient([assets]);
    await live(client, first);
    await world.change('a', {});
    await caughtUp(first);
    client.disconnect();
    for (let i = 0; i < 9; i++) await world.change(`b${i}`, {});
    const second = await startNode({ ringMaxBytes: 3, journalWaitMs: 10_000 });
    await client.connect(second);
    await new Promise((resolve) => setTimeout(resolve, 250));
    client.read();
    expect(client.subscriptions[0]!.live).toBe(false);
    await world.journal();
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    });
    expect(last(client)).toMatchObject({ recovered: true });
    expect(handed(client)).toHaveLength(10);
  });

  it.each([
    ['expired', { secrets: ['other'] as const }],
    ['epoch', { log: () => epochLog('another', 3) }],
    ['epoch', { log: () => epochLog('memory', 2) }],
    ['too-large', { maxReplayEvents: 3 }],
    ['coverage', { ringMaxBytes: 3, holes: true }],
    ['unavailable', { ringMaxBytes: 3 }],
  ])(
    'D5: says %s, and starts from now',
    async (reason, { holes, ...options }: Record<string, unknown> & { holes?: boolean }) => {
      const first = await startNode();
      const client = new ModelClient([assets]);
      await live(client, first);
      await world.change('a', {});
      await caughtUp(first);
      client.disconnect();
      for (let i = 0; i < 9; i++) await world.change(`b${i}`, {});
      if (holes === true) {
        await world.journal();
        const lost = (await log.heads()).map((to, partition) => ({
          epoch: log.epoch,
          partition,
          from: to + 1,
          to: to + 1,
          records: [],
        }));
        await journal.write(lost);
      }
      const { log: other, ...rest } = options;
      const second = await startNode({
        ...rest,
        ...(other === undefined ? {} : { log: (other as () => MemoryEventLog)() }),
      });
      await live(client, second);
      expect(last(client)).toMatchObject({ recovered: false, reason });
      expect(handed(client)).toEqual([]);
    },
  );

  it.each([
    ['a forged cursor', 'AAAA', undefined],
    ['an empty cursor', '', undefined],
    ['a cut cursor', 'cut', undefined],
    ['a forged handle', undefined, 'AAAA'],
    ['a cursor as a handle', undefined, 'cursor'],
  ])('D5: %s is told as expired and ends nothing', async (_name, cursor, handle) => {
    const node = await startNode();
    const client = new ModelClient([assets]);
    await live(client, node);
    client.disconnect();
    const [held] = client.subscriptions;
    if (cursor !== undefined) held!.cursor = cursor === 'cut' ? held!.cursor!.slice(0, -3) : cursor;
    if (handle !== undefined) held!.handle = handle === 'cursor' ? held!.cursor : handle;
    await live(client, node);
    expect(last(client)).toMatchObject({ recovered: false, reason: 'expired' });
  });

  it.each([
    ['other rights', {}, { roles: ['careful'] }],
    ['another filter', { filter: { domain: 'hr' } }, {}],
    ['another mode', { mode: 'view' }, {}],
    ['another tenant', {}, { tenant: 'globex' }],
  ])('D8: a handle of %s is told as policy', async (_name, fields, principal) => {
    const node = await startNode();
    const client = new ModelClient([assets]);
    await live(client, node);
    client.disconnect();
    Object.assign(client.subscriptions[0]!, fields);
    await live(client, node, principal);
    expect(last(client)).toMatchObject({ recovered: false, reason: 'policy' });
  });

  it('D8: says of an entity that was hidden meanwhile only that it left', async () => {
    const node = await startNode();
    const client = new ModelClient([assets]);
    const careful = { roles: ['careful'] };
    await live(client, node, careful);
    await world.change('held', { domain: 'hr' });
    await caughtUp(node);
    client.disconnect();
    await world.change('held', { description: 'a last word' });
    await world.change('new', { description: 'never seen' });
    await world.change('held', { domain: 'secret' });
    await world.change('new', { domain: 'secret' });
    await world.change('other', {});
    await caughtUp(node);
    await live(client, node, careful);
    expect(last(client)).toMatchObject({ recovered: true });
    const kinds = client.subscriptions[0]!.handed.map(({ id, kind }) => `${id} ${kind}`);
    expect(kinds).toEqual(['urn:held@1 enter', 'urn:held@3 leave', 'urn:new@2 leave', 'urn:other@1 enter']);
  });

  it('D5: a log with other records at the same places is another log', async () => {
    const first = await startNode();
    const client = new ModelClient([assets]);
    await live(client, first);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await world.change(name, {});
    await caughtUp(first);
    client.read();
    client.disconnect();
    log = new MemoryEventLog(3);
    log.nowMs = 2_000_000;
    documents = new MemoryDocuments();
    world = new World({ log, journal: new MemoryEventJournal(), documents });
    for (const name of ['u', 'v', 'w', 'x', 'y', 'z', 'a', 'b', 'c', 'd', 'e', 'f']) await world.change(name, {});
    const second = await startNode();
    client.subscriptions[0]!.cursor = first.seals.cursor(first.gateway.position);
    await live(client, second);
    expect(last(client)).toMatchObject({ recovered: false, reason: 'epoch' });
  });

  it('sends the past since a time, and says when that is not complete', async () => {
    const node = await startNode();
    await world.change('before', {});
    log.nowMs += 1000;
    const since = new Date(log.nowMs).toISOString();
    await world.change('a', {});
    await world.change('b', {});
    await caughtUp(node);
    const connection = await node.connect({ subscriptions: [{ id: 's', channel: 'assets', since }] });
    await eventually(() => expect(connection.names).toContain('live'));
    expect(connection.last('subscribed')).toMatchObject({ recovered: true });
    expect(idsOf((connection.last('replay') as { events: WireEvent[] }).events)).toEqual(['urn:a@1', 'urn:b@1']);
    log.lose(0, (await log.heads())[0]!);
    log.lose(1, (await log.heads())[1]!);
    log.lose(2, (await log.heads())[2]!);
    expect(await connection.request('subscribe', { id: 't', channel: 'assets', since })).toMatchObject({
      recovered: false,
      reason: 'coverage',
    });
  });

  it.each([
    ['since: must be an RFC 3339 time', { since: 'yesterday' }],
    ['since: not together with cursor', { since: '2026-01-01T00:00:00Z', cursor: 'x' }],
    ['since: a view shows', { since: '2026-01-01T00:00:00Z', mode: 'view' }],
  ])('refuses with "%s"', async (message, fields) => {
    const node = await startNode();
    const connection = await node.connect();
    expect(await connection.request('subscribe', { id: 's', channel: 'assets', ...fields })).toMatchObject({
      ok: false,
      error: { code: 'invalid-request', message: expect.stringContaining(message) as unknown },
    });
  });

  it('D6: sends no faster than the client takes it, and closes one that takes nothing', async () => {
    const node = await startNode();
    const client = new ModelClient([assets]);
    await live(client, node);
    client.disconnect();
    for (let i = 0; i < 60; i++) await world.change(`a${i}`, { description: 'x'.repeat(20_000) });
    await caughtUp(node);
    await client.connect(node);
    const { connection } = client;
    connection!.unreadBytes = 300_000;
    await eventually(() => expect(connection!.names).toContain('subscribed'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connection!.names).not.toContain('replay');
    connection!.unreadBytes = 0;
    await eventually(() => expect(connection!.names).toContain('live'));
    client.read();
    expect(handed(client)).toHaveLength(60);
    const cursors = connection!.sent
      .filter(([name]) => name === 'replay')
      .map(([, payload]) => (payload as { cursor: string }).cursor);
    expect(new Set(cursors).size).toBe(cursors.length);
    expect(cursors.length).toBeGreaterThan(10);
  });
});

describe('views', () => {
  it('D5: many at once fill, however short the ring is and however long they wait for their turn', async () => {
    const node = await startNode({ ringMaxBytes: 3 });
    await world.change('a', {});
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    documents.onFind = () => released;
    const clients = Array.from({ length: 12 }, () => new ModelClient([view()]));
    for (const client of clients) await client.connect(node);
    for (let i = 0; i < 9; i++) await world.change(`b${i}`, {});
    await caughtUp(node);
    release();
    await eventually(() => {
      for (const client of clients) client.read();
      expect(clients.map(({ subscriptions }) => [subscriptions[0]!.live, subscriptions[0]!.items.size])).toEqual(
        clients.map(() => [true, 10]),
      );
    });
    expect(clients.map(({ connection }) => connection?.ended)).toEqual(clients.map(() => undefined));
  });

  it('D4: hold exactly what matches, through changes while the snapshot is read', async () => {
    const node = await startNode();
    for (let i = 0; i < 450; i++)
      await world.change(`a${String(i).padStart(3, '0')}`, { domain: i % 3 === 0 ? 'ops' : 'hr' });
    await caughtUp(node);
    const client = new ModelClient([view({ domain: 'hr' })]);
    await client.connect(node);
    await world.change('a000', { domain: 'hr' });
    await world.change('a001', { domain: 'ops' });
    await world.change('a449', { description: 'new' }, 'large');
    await world.change('b', { domain: 'hr' });
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    });
    await caughtUp(node);
    client.read();
    const { items } = client.subscriptions[0]!;
    const wanted = [...documents.documents.values()].filter((each) => each.head.domain === 'hr');
    expect([...items.keys()].toSorted()).toEqual(wanted.map(({ urn }) => urn).toSorted());
    expect(items.get('urn:a449')?.document['description']).toBe('new');
    expect(client.faults).toEqual([]);
  });

  it('D5: go on by replay, or by a new snapshot', async () => {
    const node = await startNode();
    const client = new ModelClient([view()]);
    await world.change('a', {});
    await live(client, node);
    client.disconnect();
    await world.change('a', { status: 'deleted' });
    await world.change('b', {});
    await caughtUp(node);
    await live(client, node);
    expect(last(client)).toMatchObject({ recovered: true });
    expect([...client.subscriptions[0]!.items.keys()]).toEqual(['urn:b']);
    client.disconnect();
    await world.change('c', {});
    client.subscriptions[0]!.cursor = 'nonsense';
    await live(client, node);
    expect(last(client)).toMatchObject({ recovered: false, reason: 'expired', cursor: '' });
    expect([...client.subscriptions[0]!.items.keys()]).toEqual(['urn:b', 'urn:c']);
  });

  it('refuse more than 5000 documents', async () => {
    const node = await startNode();
    for (let i = 0; i < 5001; i++) documents.put((await makeDocument(`d${i}`)) as never);
    const connection = await node.connect({ subscriptions: [{ id: 'v', channel: 'assets', mode: 'view' }] });
    await eventually(() =>
      expect(connection.last('ended')).toMatchObject({ id: 'v', error: { code: 'view-too-large' } }),
    );
    expect(connection.names).not.toContain('live');
  });

  it('D8: are filled anew when the rights change, and nothing of the old ones follows', async () => {
    const node = await startNode();
    await world.change('open', {});
    await world.change('closed', { domain: 'secret' });
    await caughtUp(node);
    const client = new ModelClient([view()]);
    await live(client, node);
    expect(client.subscriptions[0]!.items.size).toBe(2);
    const { connection } = client;
    const token = JSON.stringify({ roles: ['careful'] });
    expect(await connection!.request('authenticate', { token })).toMatchObject({ ok: true });
    await eventually(() => expect(connection!.names.filter((name) => name === 'live')).toHaveLength(2));
    const since = connection!.names.indexOf('policy');
    expect(JSON.stringify(connection!.sent.slice(since))).not.toContain('urn:closed');
    expect(connection!.last('snapshot')).toMatchObject({ items: [{ entity: { urn: 'urn:open' } }], last: true });
  });

  it('are told when the catalog cannot be read', async () => {
    const node = await startNode();
    documents.failing = true;
    const connection = await node.connect({ subscriptions: [{ id: 'v', channel: 'assets', mode: 'view' }] });
    await eventually(() =>
      expect(connection.last('ended')).toMatchObject({
        id: 'v',
        error: { code: 'storage-unavailable', retryable: true },
      }),
    );
  });
});

describe('a feed that is asked for while a tick waits for the catalog', () => {
  it('D4: waits for the end of the tick, and is neither refused nor behind', async () => {
    const node = await startNode();
    await live(new ModelClient([view()]), node);
    let isRead = false;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    documents.onRead = () => {
      isRead = true;
      return released;
    };
    await world.change('a', {}, 'large');
    await eventually(() => expect(isRead).toBe(true));
    const client = new ModelClient([assets]);
    await client.connect(node);
    client.read();
    expect(client.connection?.names).toEqual(['welcome']);
    release();
    await world.change('b', {});
    await eventually(() => {
      client.read();
      expect(handed(client)).toEqual(['urn:b@1']);
    });
    expect([client.faults, last(client)?.recovered]).toEqual([[], false]);
  });
});

describe('drain', () => {
  it('D7: asks every session, each at a time of its own, and waits for them', async () => {
    const node = await startNode();
    const connections = await Promise.all(Array.from({ length: 10 }, () => node.connect()));
    let done = false;
    const drained = node.sessions.drain(10_000).then(() => (done = true));
    await eventually(() => expect(connections.every((each) => each.names.includes('goaway'))).toBe(true));
    const times = connections.map((each) => (each.last('goaway') as { reconnectInMs: number }).reconnectInMs);
    expect(new Set(times).size).toBe(10);
    expect(Math.max(...times)).toBeLessThanOrEqual(5000);
    expect(done).toBe(false);
    for (const connection of connections) connection.close();
    await drained;
  });

  it('ends at the deadline', async () => {
    const node = await startNode();
    await node.connect();
    await node.sessions.drain(50);
    expect(node.sessions.size).toBe(1);
  });
});

/** The same log for a node that has just begun to read. */
function laggingLog(of: MemoryEventLog): MemoryEventLog {
  let asked = 0;
  return new Proxy(of, {
    get: (target, name) => {
      if (name === 'heads') return async () => (asked++ === 0 ? Array.from({ length: 3 }, () => 0) : target.heads());
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function epochLog(epoch: string, partitions: number): MemoryEventLog {
  return Object.assign(new MemoryEventLog(partitions), { epoch });
}

async function makeDocument(name: string): Promise<unknown> {
  const { sampleAsset } = await import('../../adapters/contract/samples.ts');
  return sampleAsset('acme', `urn:${name}`, { name });
}
