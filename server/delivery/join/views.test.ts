import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import { ModelClient } from '../../../test/harness/model-client.ts';
import { lastTold, live, ResumeWorld } from '../../../test/harness/resume-world.ts';
import type { MemoryDocuments } from '../../../test/harness/test-node.ts';
import type { World } from '../../../test/harness/world.ts';

let fixture: ResumeWorld;
let documents: MemoryDocuments;
let world: World;

beforeEach(() => {
  fixture = new ResumeWorld();
  ({ documents, world } = fixture);
});
afterEach(() => fixture.stop());

const startNode: ResumeWorld['startNode'] = (options) => fixture.startNode(options);
const caughtUp: ResumeWorld['caughtUp'] = (node) => fixture.caughtUp(node);
const view = (filter?: object) =>
  ({ channel: 'assets', mode: 'view', ...(filter === undefined ? {} : { filter }) }) as const;

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

  it('L8: that nobody reads hold up nobody else, of the same tenant neither', async () => {
    const node = await startNode();
    for (let i = 0; i < 30; i++) await world.change(`a${i}`, { description: 'x'.repeat(20_000) });
    await caughtUp(node);
    const stalled = Array.from({ length: 20 }, () => new ModelClient([view()]));
    for (const [index, client] of stalled.entries()) {
      await client.connect(node, { sub: `stalled-${index}` });
      client.connection!.unreadBytes = 300 * 1024;
    }
    await eventually(() =>
      expect(stalled.every(({ connection }) => connection!.names.includes('subscribed'))).toBe(true),
    );
    const reading = new ModelClient([view()]);
    await live(reading, node, { sub: 'reads' });
    expect(reading.subscriptions[0]!.items.size).toBe(30);
    for (const { connection } of stalled) connection!.unreadBytes = 0;
  });

  it('L8: of one principal wait for its own, beyond a few, and all fill', async () => {
    const node = await startNode();
    for (let i = 0; i < 9; i++) await world.change(`a${i}`, {});
    await caughtUp(node);
    const wanted = Array.from({ length: 30 }, (_, i) => view({ name: { $ne: `x${i}` } }));
    const client = new ModelClient(wanted);
    await live(client, node);
    expect(client.subscriptions.map(({ items }) => items.size)).toEqual(wanted.map(() => 9));
  });

  it('D8: do not show what was hidden between the reading of a page and its sending', async () => {
    const node = await startNode();
    for (let i = 0; i < 12; i++) await world.change(`a${i}`, { description: 'x'.repeat(20_000), name: `NAME-${i}-` });
    await caughtUp(node);
    const client = new ModelClient([view()]);
    documents.onFind = async () => void (client.connection!.unreadBytes = 300 * 1024);
    await client.connect(node, { roles: ['careful'] });
    const { connection } = client;
    await eventually(() => expect(connection!.unreadBytes).toBeGreaterThan(0));
    await world.change('a5', { domain: 'secret' });
    await caughtUp(node);
    documents.onFind = async () => undefined;
    expect(connection!.names).not.toContain('snapshot');
    connection!.unreadBytes = 0;
    await eventually(() => expect(connection!.names).toContain('live'));
    const text = JSON.stringify(connection!.sent);
    expect([text.includes('NAME-4-'), text.includes('NAME-5-')]).toEqual([true, false]);
    expect(client.faults).toEqual([]);
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
    expect(items.get('urn:a449')?.document?.['description']).toBe('new');
    expect(client.faults).toEqual([]);
  });

  it.each([
    ['longer than it is kept for others', 268_435_456, 30_000],
    ['although nothing may be kept for others', 2048, 0],
  ])('D4: lack nothing of what happened while the snapshot was read, %s', async (_, replayMemoryBytes, passesMs) => {
    const node = await startNode({ replayMemoryBytes });
    await world.change('a', { domain: 'hr' });
    await caughtUp(node);
    const client = new ModelClient([view({ domain: 'hr' })]);
    let release = (): void => undefined;
    documents.onFind = () => new Promise<void>((resolve) => (release = resolve));
    await client.connect(node);
    await eventually(() => expect(client.connection!.names).toContain('subscribed'));
    const found = documents.documents.get('acme|urn:a')!;
    await world.change('a', { domain: 'ops' }, 'large');
    await world.change('b', { domain: 'hr' }, 'large');
    await caughtUp(node);
    // the page that was read before them
    const now = documents.documents.get('acme|urn:a')!;
    documents.put(found);
    const reads = documents.holdReads();
    release();
    await reads.begun;
    documents.put(now);
    fixture.log.nowMs += passesMs;
    reads.release();
    await eventually(() => {
      client.read();
      expect(client.subscriptions[0]!.live).toBe(true);
    });
    expect([...client.subscriptions[0]!.items.keys()]).toEqual(['urn:b']);
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
    expect(lastTold(client)).toMatchObject({ recovered: true });
    expect([...client.subscriptions[0]!.items.keys()]).toEqual(['urn:b']);
    client.disconnect();
    await world.change('c', {});
    client.subscriptions[0]!.cursor = 'nonsense';
    await live(client, node);
    expect(lastTold(client)).toMatchObject({ recovered: false, reason: 'expired', cursor: '' });
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

  it('of entities alone may have more, up to their own limit', async () => {
    const node = await startNode({ maxViewEntities: 5500 });
    for (let i = 0; i < 5001; i++) documents.put((await makeDocument(`d${i}`)) as never);
    const connection = await node.connect({
      subscriptions: [{ id: 'v', channel: 'assets', mode: 'view', shape: 'entity' }],
    });
    await eventually(() => expect(connection.names).toContain('live'), { timeoutMs: 20_000 });
    for (let i = 5001; i < 5502; i++) documents.put((await makeDocument(`d${i}`)) as never);
    const second = await node.connect({
      subscriptions: [{ id: 'w', channel: 'assets', mode: 'view', shape: 'entity' }],
    });
    await eventually(() => expect(second.last('ended')).toMatchObject({ error: { code: 'view-too-large' } }), {
      timeoutMs: 20_000,
    });
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

async function makeDocument(name: string): Promise<unknown> {
  const { sampleAsset } = await import('../../../adapters/contract/samples.ts');
  return sampleAsset('acme', `urn:${name}`, { name });
}
