import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayMessage } from '../../../channels/protocol/down.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import type { MemoryEventJournal } from '../../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { ModelClient } from '../../../test/harness/model-client.ts';
import { lastTold, live, ResumeWorld } from '../../../test/harness/resume-world.ts';
import type { MemoryDocuments } from '../../../test/harness/test-node.ts';
import type { World } from '../../../test/harness/world.ts';

let fixture: ResumeWorld;
let log: MemoryEventLog;
let journal: MemoryEventJournal;
let documents: MemoryDocuments;
let world: World;

beforeEach(() => {
  fixture = new ResumeWorld();
  ({ log, journal, documents, world } = fixture);
});
afterEach(() => fixture.stop());

const startNode: ResumeWorld['startNode'] = (options) => fixture.startNode(options);
const caughtUp: ResumeWorld['caughtUp'] = (node) => fixture.caughtUp(node);
const assets = { channel: 'assets', mode: 'events' } as const;

/** A node waits for some seconds before it says that it is behind. */
const afterReach = { timeoutMs: 12_000 };
const idsOf = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);
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
    expect(lastTold(client)).toMatchObject({ recovered: true });
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
    const behind = await startNode({ log: laggingLog(log) });
    await client.connect(behind);
    client.read();
    expect(client.subscriptions[0]!.announced).toHaveLength(1);
    log.paused = false;
    log.wake();
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    });
    expect(lastTold(client)).toMatchObject({ recovered: true });
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
      const behind = await startNode({ log: laggingLog(log) });
      client.subscriptions[0]!.cursor = first.seals.cursor(first.gateway.position);
      await client.connect(behind);
      const { connection } = client;
      await eventually(() => expect(connection!.names).toContain('ended'), afterReach);
      expect(connection!.last('ended')).toMatchObject({ error: { code: 'not-ready', retryable: true } });
      expect(connection!.names.filter((name) => name !== 'cursor')).toEqual(['welcome', 'ended']);
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
    expect(lastTold(client)).toMatchObject({ recovered: false, reason: 'epoch' });
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
    expect(lastTold(client)).toMatchObject({ recovered: true });
    const kinds = client.subscriptions[0]!.handed.map(({ id, kind }) => `${id} ${kind}`);
    expect(kinds).toContain('urn:a0@1 enter');
    expect(kinds).toContain('urn:a0@2 leave');
    expect(kinds).toHaveLength(18);
  });

  it.each([
    ['D2: tells what has been shown again', 'secret', 'hr', ['urn:a@2 enter', 'urn:a@3 update']],
    ['D8: tells of what has been hidden only that it left', 'hr', 'secret', ['urn:a@2 leave']],
  ])('%s since the ring was looked through for others', async (_, first, then, due) => {
    const node = await startNode();
    const careful = { roles: ['careful'] };
    const early = new ModelClient([assets]);
    // of another room: nothing is ready for it
    const late = new ModelClient([{ ...assets, filter: { urn: { $startsWith: 'urn:' } } }]);
    for (const client of [early, late]) {
      await live(client, node, careful);
      client.disconnect();
    }
    await world.change('a', { domain: first });
    await caughtUp(node);
    // from here on the node remembers what it was then
    await live(early, node, careful);
    await world.change('a', { domain: then });
    await world.change('a', { name: 'renamed' });
    log.nowMs += 100_000;
    for (let i = 0; i < 20; i++) await world.change(`b${i}`, {});
    await world.journal();
    await caughtUp(node);
    await live(late, node, careful);
    expect(lastTold(late)).toMatchObject({ recovered: true });
    const told = late.subscriptions[0]!.handed.filter(({ subject }) => subject === 'urn:a');
    expect(told.map(({ id, kind }) => `${id} ${kind}`)).toEqual(due);
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
    expect(lastTold(second)).toMatchObject({ recovered: true });
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
    expect(lastTold(client)).toMatchObject({ recovered: true });
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
        const lost = (await log.ends()).map((to, partition) => ({
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
      expect(lastTold(client)).toMatchObject({ recovered: false, reason });
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
    expect(lastTold(client)).toMatchObject({ recovered: false, reason: 'expired' });
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
    expect(lastTold(client)).toMatchObject({ recovered: false, reason: 'policy' });
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
    expect(lastTold(client)).toMatchObject({ recovered: true });
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
    const other = new ResumeWorld();
    other.log.nowMs = 2_000_000;
    for (const name of ['u', 'v', 'w', 'x', 'y', 'z', 'a', 'b', 'c', 'd', 'e', 'f']) await other.world.change(name, {});
    const second = await other.startNode();
    client.subscriptions[0]!.cursor = first.seals.cursor(first.gateway.position);
    await live(client, second);
    expect(lastTold(client)).toMatchObject({ recovered: false, reason: 'epoch' });
    await other.stop();
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
    expect(idsOf((connection.last('replay') as ReplayMessage).events)).toEqual(['urn:a@1', 'urn:b@1']);
    log.lose(0, (await log.ends())[0]!);
    log.lose(1, (await log.ends())[1]!);
    log.lose(2, (await log.ends())[2]!);
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

describe('a feed that is asked for while a tick waits for the catalog', () => {
  it('D4: waits for the end of the tick, and is neither refused nor behind', async () => {
    const node = await startNode();
    await live(new ModelClient([{ channel: 'assets', mode: 'view' }]), node);
    const reads = documents.holdReads();
    await world.change('a', {}, 'large');
    await reads.begun;
    const client = new ModelClient([assets]);
    await client.connect(node);
    client.read();
    expect(client.connection?.names).toEqual(['welcome']);
    reads.release();
    await world.change('b', {});
    await eventually(() => {
      client.read();
      expect(handed(client)).toEqual(['urn:b@1']);
    });
    expect([client.faults, lastTold(client)?.recovered]).toEqual([[], false]);
  });
});

describe('a session whose rights change while a tick waits for the catalog', () => {
  it.each([
    ['one that sees everything', ['all']],
    ['one that may not see all', ['careful']],
  ])('D2: gets the events of that tick, and those after it under the new rights: %s', async (_, roles) => {
    const node = await startNode();
    // the view needs the documents of large events
    await live(new ModelClient([{ channel: 'assets', mode: 'view' }]), node);
    const client = new ModelClient([assets]);
    await live(client, node, { roles: roles[0] === 'all' ? ['careful'] : ['all'] });
    await world.change('a', {});
    await eventually(() => (client.read(), expect(handed(client)).toEqual(['urn:a@1'])));
    const reads = documents.holdReads();
    await world.change('a', { name: 'second' }, 'large');
    await reads.begun;
    const renewed = client.connection!.request('authenticate', { token: JSON.stringify({ roles }) });
    await world.change('a', { name: 'third' });
    await world.change('b', { domain: 'secret' });
    reads.release();
    expect(await renewed).toMatchObject({ ok: true });
    const all = ['urn:a@1', 'urn:a@2', 'urn:a@3', ...(roles[0] === 'all' ? ['urn:b@1'] : [])];
    await eventually(() => (client.read(), expect(handed(client)).toEqual(all)));
    expect(client.faults).toEqual([]);
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
      if (name === 'ends') return async () => (asked++ === 0 ? Array.from({ length: 3 }, () => 0) : target.ends());
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function epochLog(epoch: string, partitions: number): MemoryEventLog {
  return Object.assign(new MemoryEventLog(partitions), { epoch });
}
