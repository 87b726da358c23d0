import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { RevocationTarget } from '../../channels/control/revocation.ts';
import type { Policy } from '../../channels/policy/policy.ts';
import { FakeConnection } from '../../test/harness/fake-connection.ts';
import { metricValue } from '../../test/harness/silence.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { createTestNode, MemoryDocuments, type TestNode } from '../../test/harness/test-node.ts';
import type { RoomRegistry } from '../delivery/tick/room-registry.ts';
import type { Metrics } from '../observability/metrics.ts';
import { Revocations } from '../control/revocations.ts';
import { ConnectionLimits } from '../limits/connection-limits.ts';
import type { SessionRegistry } from './session-registry.ts';

const policy: Policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' }],
    listed: [{ allow: 'read', where: { domain: { $in: '${principal.listed}' } } }],
    some: [{ allow: 'read', where: { domain: '${principal.domain}' } }],
  },
};
const startMs = Date.UTC(2026, 4, 4);

let rooms: RoomRegistry;
let metrics: Metrics;
let registry: SessionRegistry;
let bus: ReturnType<typeof createInProcessControlBus>;

let node: TestNode;
let log: MemoryEventLog;
let revocations: Revocations;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: startMs });
  bus = createInProcessControlBus();
  log = new MemoryEventLog();
  revocations = new Revocations({ now: () => Date.now() });
  node = createTestNode({
    log,
    journal: new MemoryEventJournal(),
    documents: new MemoryDocuments(),
    policy,
    sessions: {
      bus,
      revocations,
      limits: new ConnectionLimits({ perNode: 10, perAddress: 10, perPrincipal: 2 }),
      maxSubscriptions: 3,
      messagesPerSecond: 5,
    },
  });
  ({ rooms, metrics, sessions: registry } = node);
});
afterEach(async () => {
  await node.stop();
  vi.useRealTimers();
});

const auth = (fields: object = {}, token: object = {}): object => ({
  token: JSON.stringify(token),
  protocol: 1,
  client: 'test',
  ...fields,
});

const open = (fields: object = {}, token: object = {}, id = 'c1'): Promise<FakeConnection> =>
  node.connect(fields, token, id);

describe('handshake', () => {
  it.each([
    ['unauthenticated', {}],
    ['unauthenticated', 'text'],
    ['unauthenticated', { token: '', protocol: 1, client: 'x' }],
    ['unauthenticated', { token: 'bad', protocol: 1, client: 'x' }],
    ['unsupported-protocol', auth({ protocol: 99 })],
    ['invalid-request', auth({ client: 7 })],
    ['invalid-request', auth({ subscriptions: [{ id: 'not an id', channel: 'assets' }] })],
  ])('refuses with %s and counts it', async (code, given) => {
    await expect(registry.admit({ auth: given, address: 'x' })).rejects.toMatchObject({ code });
    expect(await metricValue(metrics, 'refusals', { code })).toBe(1);
  });

  it('R1: a claim of the wrong kind counts as missing, and one beyond the limits of a filter is refused', async () => {
    const some = (domain: unknown): object => ({ roles: ['some'], claims: { domain } });
    const connection = await open({}, some(['retail']), 'odd');
    expect(connection.names).toEqual(['welcome', 'notice']);
    expect(connection.last('notice')).toMatchObject({ code: 'nothing-granted' });
    const listed = Array.from({ length: 201 }, (_, index) => `d${index}`);
    const refused = registry.admit({ auth: auth({}, { roles: ['listed'], claims: { listed } }), address: 'x' });
    await expect(refused).rejects.toMatchObject({ code: 'filter-too-large' });
  });

  it('L6: strangers do not use up the room of those who have a token', async () => {
    const knocks = Array.from({ length: 5000 }, () =>
      registry
        .admit({ auth: { token: 'bad', protocol: 1, client: 'x' }, address: 'x' })
        .catch((error: HubError) => error.code),
    );
    expect(new Set(await Promise.all(knocks))).toEqual(new Set(['unauthenticated']));
    await expect(registry.admit({ auth: auth(), address: 'y' })).resolves.toMatchObject({ principal: { sub: 'ada' } });
  });

  it('refuses above the limits, until a connection is given back', async () => {
    const [first] = [await open({}, {}, 'c1'), await open({}, {}, 'c2')];
    await expect(open({}, {}, 'c3')).rejects.toMatchObject({ code: 'too-many-connections' });
    expect(registry.size).toBe(2);
    first.close();
    await open({}, {}, 'c3');
    expect(registry.size).toBe(2);
  });

  it('D4: welcomes first, and says live for each subscription only after the connection is in its room', async () => {
    const subscriptions = [
      { id: 'a', channel: 'assets' },
      { id: 'b', channel: 'nonsense' },
      { id: 'c', channel: 'alerts' },
    ];
    const connection = await open({ subscriptions });
    expect(connection.names).toEqual(['welcome', 'subscribed', 'live', 'subscribed', 'live', 'ended']);
    expect(connection.sent[0]?.[1]).toEqual({
      session: 'c1',
      protocol: 1,
      features: [],
      expiresAt: new Date(startMs + 60_000).toISOString(),
    });
    expect(connection.last('ended')).toMatchObject({ id: 'b', error: { code: 'invalid-channel' } });
    expect(connection.rooms).toContain((connection.last('subscribed') as { room: string }).room);
    expect([rooms.roomCount, registry.subscriptionCount]).toEqual([2, 2]);
  });

  it('announces the session without its token, and withdraws it', async () => {
    const connection = await open();
    const [presence, ...others] = await bus.sessions('acme');
    expect(others).toEqual([]);
    expect(presence).toEqual({
      id: 'c1',
      node: 'n1',
      tenant: 'acme',
      sub: 'ada',
      roles: ['all'],
      connectedAt: new Date(startMs).toISOString(),
      client: 'test',
    });
    connection.close();
    expect(await bus.sessions('acme')).toEqual([]);
  });
});

describe('messages', () => {
  it('D4: answers a subscribe before it says live', async () => {
    const connection = await open();
    const answer = await connection.request('subscribe', { id: 'a', channel: 'assets', filter: { domain: 'hr' } });
    expect(answer).toMatchObject({ ok: true, id: 'a', room: expect.any(String) });
    expect(connection.names).toEqual(['welcome', 'ack', 'live']);
    expect(connection.rooms).toContain((answer as { room: string }).room);
  });

  it('shares a room between subscriptions of one meaning and leaves it with the last', async () => {
    const connection = await open();
    const first = (await connection.request('subscribe', {
      id: 'a',
      channel: 'assets',
      filter: { domain: 'hr', type: 'table' },
    })) as { room: string };
    const second = (await connection.request('subscribe', {
      id: 'b',
      channel: 'assets',
      filter: { $and: [{ type: 'table' }, { domain: 'hr' }] },
    })) as { room: string };
    expect(second.room).toBe(first.room);
    expect(await connection.request('unsubscribe', { id: 'a' })).toEqual({ ok: true });
    expect(connection.rooms).toContain(first.room);
    await connection.request('unsubscribe', { id: 'b' });
    expect(connection.rooms).not.toContain(first.room);
    expect(rooms.roomCount).toBe(0);
  });

  it.each<[string, string, unknown]>([
    ['invalid-request', 'publish', {}],
    ['invalid-request', 'constructor', {}],
    ['invalid-request', 'subscribe', undefined],
    ['invalid-request', 'subscribe', { id: 'a', channel: 'assets', extra: 1 }],
    ['invalid-channel', 'subscribe', { id: 'a', channel: 'topic:x' }],
    ['invalid-filter', 'subscribe', { id: 'a', channel: 'assets', filter: { tenant: 'globex' } }],
    ['unknown-subscription', 'unsubscribe', { id: 'nope' }],
    ['unauthenticated', 'authenticate', { token: 'bad' }],
  ])('%s answers %s %j, and the session goes on', async (code, event, payload) => {
    const connection = await open();
    expect(await connection.request(event, payload)).toMatchObject({ ok: false, error: { code } });
    expect(await connection.request('subscribe', { id: 'ok', channel: 'assets' })).toMatchObject({ ok: true });
    expect(connection.ended).toBeUndefined();
  });

  it('refuses an id twice and a subscription too many, and holds what it held', async () => {
    const connection = await open({ subscriptions: [{ id: 'a', channel: 'assets' }] });
    expect(await connection.request('subscribe', { id: 'a', channel: 'alerts' })).toMatchObject({
      ok: false,
      error: { code: 'duplicate-subscription' },
    });
    for (const id of ['b', 'c']) await connection.request('subscribe', { id, channel: `asset:${id}` });
    expect(await connection.request('subscribe', { id: 'd', channel: 'alerts' })).toMatchObject({
      ok: false,
      error: { code: 'too-many-subscriptions' },
    });
    expect([registry.subscriptionCount, rooms.roomCount]).toEqual([3, 3]);
  });

  it('limits the rate and says when to come again', async () => {
    const connection = await open();
    for (let i = 0; i < 20; i++) await connection.request('unsubscribe', { id: 'x' });
    expect(await connection.request('unsubscribe', { id: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'rate-limited', retryable: true, retryAfterMs: 200 },
    });
    vi.advanceTimersByTime(200);
    expect(await connection.request('unsubscribe', { id: 'x' })).toMatchObject({
      error: { code: 'unknown-subscription' },
    });
  });

  it('tells a fault by a notice when no answer was asked for', async () => {
    const connection = await open();
    connection.tell('subscribe', { id: 'a', channel: 'nonsense' });
    await vi.waitFor(() => expect(connection.last('notice')).toMatchObject({ code: 'invalid-channel' }));
  });
});

describe('rights', () => {
  it('D8: other rights move every subscription, leaving the old room first, and say so', async () => {
    const connection = await open({ subscriptions: [{ id: 'a', channel: 'assets' }] });
    const { room: old } = connection.last('subscribed') as { room: string };
    const token = JSON.stringify({ roles: ['some'], claims: { domain: 'hr' } });
    expect(await connection.request('authenticate', { token })).toMatchObject({
      ok: true,
      expiresAt: expect.any(String),
    });
    const { room } = connection.last('policy') as { room: string };
    expect(connection.last('policy')).toEqual({ id: 'a', room, handle: expect.any(String), reason: 'token' });
    expect(connection.moves.slice(-2)).toEqual([`-${old}`, `+${room}`]);
    expect(rooms.roomCount).toBe(1);
  });

  it('D8: closes at once when bytes of the old rights are still unread', async () => {
    const connection = await open({ subscriptions: [{ id: 'a', channel: 'assets' }] });
    connection.unreadBytes = 10;
    await connection.request('authenticate', { token: JSON.stringify({ roles: ['some'] }) });
    expect(connection.ended).toBe('terminate');
  });

  it('equal rights in a newer token move nothing', async () => {
    const connection = await open({ subscriptions: [{ id: 'a', channel: 'assets' }] });
    const moves = connection.moves.length;
    await connection.request('authenticate', { token: JSON.stringify({ expiresAtMs: startMs + 120_000 }) });
    expect([connection.moves.length, connection.last('policy'), connection.ended]).toEqual([
      moves,
      undefined,
      undefined,
    ]);
  });

  it.each([{ sub: 'eve' }, { tenant: 'globex' }])('D8: a token of somebody else is refused: %j', async (token) => {
    const connection = await open();
    expect(await connection.request('authenticate', { token: JSON.stringify(token) })).toMatchObject({
      ok: false,
      error: { code: 'forbidden' },
    });
  });

  it('D8: ends the session when its token expires, and not before', async () => {
    const connection = await open();
    vi.advanceTimersByTime(59_999);
    expect(connection.ended).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect([connection.last('notice'), connection.ended]).toMatchObject([{ code: 'token-expired' }, 'end']);
  });

  it('a newer token lets it live longer', async () => {
    const connection = await open();
    await connection.request('authenticate', { token: JSON.stringify({ expiresAtMs: startMs + 120_000 }) });
    vi.advanceTimersByTime(119_999);
    expect(connection.ended).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(connection.ended).toBe('end');
  });

  it('keeps a session whose token lives longer than a timer can', async () => {
    const connection = await open({}, { expiresAtMs: startMs + 3_000_000_000 });
    vi.setSystemTime(startMs + 2_999_990_000);
    vi.advanceTimersByTime(9_999);
    expect(connection.ended).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(connection.ended).toBe('end');
  });
});

describe('the end of a session', () => {
  it('frees rooms, limits and its timer when the connection closes', async () => {
    const connection = await open({ subscriptions: [{ id: 'a', channel: 'assets' }] });
    connection.close();
    expect([registry.size, registry.subscriptionCount, rooms.roomCount, vi.getTimerCount()]).toEqual([0, 0, 0, 0]);
  });

  it('an operator closes sessions of the own tenant only', async () => {
    const connection = await open();
    expect([registry.disconnect('globex', 'c1'), registry.disconnect('acme', 'nope')]).toEqual([false, false]);
    expect(connection.ended).toBeUndefined();
    expect(registry.disconnect('acme', 'c1')).toBe(true);
    expect([connection.last('notice'), connection.ended]).toMatchObject([{ code: 'disconnected' }, 'end']);
  });

  it('tells all why when the node stops; D8: a peer that reads nothing is cut off', async () => {
    const [reader, stalled] = [await open({}, {}, 'c1'), await open({}, {}, 'c2')];
    stalled.unreadBytes = 100_000;
    registry.endAll(new HubError('shutting-down', 'stopping', { retryAfterMs: 500 }));
    expect(reader.last('notice')).toEqual({ code: 'shutting-down', message: 'stopping', retryAfterMs: 500 });
    expect([reader.ended, stalled.ended]).toEqual(['end', 'terminate']);
  });
});

describe('SessionRegistry: revocation', () => {
  const revoke = (target: RevocationTarget, tenant = 'acme'): void => {
    const [at, expiresAt] = [new Date(startMs).toISOString(), new Date(startMs + 3_600_000).toISOString()];
    revocations.add({ id: JSON.stringify(target), tenant, target, by: 'root', at, expiresAt });
    registry.endRevoked();
  };

  it('P7: ends the sessions that it concerns, at once where something is not read yet, and no others', async () => {
    const token = { tokenId: 't-1', issuedAtMs: startMs - 1000 };
    const one = await open({}, token, 'one');
    const slow = await open({}, token, 'slow');
    const other = await open({}, { sub: 'bob' }, 'other');
    slow.unreadBytes = 1;
    revoke({ kind: 'token', token: 't-1' }, 'globex');
    expect(one.ended).toBeUndefined();
    revoke({ kind: 'token', token: 't-1' });
    expect([one.last('notice'), one.ended]).toMatchObject([{ code: 'token-revoked' }, 'end']);
    expect([slow.last('notice'), slow.ended, other.ended]).toEqual([undefined, 'terminate', undefined]);
  });

  it('P7: ends one session, and leaves its token as it is', async () => {
    const [one, other] = [await open({}, {}, 'one'), await open({}, {}, 'other')];
    revoke({ kind: 'session', session: 'one' });
    expect([one.last('notice'), other.ended]).toMatchObject([{ code: 'disconnected' }, undefined]);
  });

  it('P7: takes a session back that was let in while its token was being revoked', async () => {
    const admitted = await registry.admit({ auth: auth({}, { tokenId: 't-2' }), address: '127.0.0.1' });
    revoke({ kind: 'token', token: 't-2' });
    const connection = new FakeConnection('late');
    registry.open(connection, admitted);
    expect([connection.last('notice'), connection.ended]).toMatchObject([{ code: 'token-revoked' }, 'end']);
  });
});
