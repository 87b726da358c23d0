import { readFileSync } from 'node:fs';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventsMessage } from '../../channels/protocol/down.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { checkMessage } from '../harness/message-form.ts';
import { type HubProcess, startHubProcess, tokenFor } from '../harness/hub-process.ts';

/** docs/protocol.md as a client without the library sees it. */

let hub: HubProcess;
const open: Socket[] = [];

beforeAll(async () => {
  const connector = { id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:acme' };
  const roles = {
    steward: [{ allow: 'read' }, { allow: 'ingest' }],
    viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
  };
  const environment = {
    PURSIGHT_SUBSCRIBE_RATE: '20',
    PURSIGHT_MAX_SUBSCRIPTIONS: '5',
    PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '3',
  };
  hub = await startHubProcess({ file: { connectors: [connector], policy: { roles } }, environment });
});

afterAll(async () => {
  for (const socket of open) socket.disconnect();
  await hub?.stop();
});

type Message = readonly [event: string, payload: unknown];
interface Client {
  readonly messages: Message[];
  readonly socket: Socket;
  ask(event: string, payload: object): Promise<unknown>;
  /** Payloads of one kind of message so far. */
  of(event: string): readonly unknown[];
}

interface ConnectOptions {
  readonly sub: string;
  readonly auth?: object;
  readonly ttlSeconds?: number;
  readonly transports?: readonly ('websocket' | 'polling')[];
}

class Refusal extends Error {
  readonly data: unknown;

  constructor(data: unknown) {
    super('refused for now');
    this.data = data;
  }
}

async function connect({
  sub,
  auth = {},
  ttlSeconds = 600,
  transports = ['websocket'],
}: ConnectOptions): Promise<Client> {
  const token = tokenFor({ sub, roles: ['steward'], ttlSeconds });
  const socket = io(hub.url, {
    auth: { token, protocol: 1, client: 'raw', ...auth },
    transports: [...transports],
    reconnection: false,
    forceNew: true,
  });
  open.push(socket);
  const messages: Message[] = [];
  socket.onAny((event: string, payload: unknown) => {
    checkMessage(event, payload);
    messages.push([event, payload]);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', (error) => reject(error));
    socket.io.on('packet', ({ data }) => {
      // a refusal that passes is told before there is a session, and the transport closed
      if (!socket.connected && Array.isArray(data) && data[0] === 'notice') reject(new Refusal(data[1]));
    });
  });
  return {
    messages,
    socket,
    ask: async (event, payload) => socket.timeout(5000).emitWithAck(event, payload) as Promise<unknown>,
    of: (event) => messages.filter(([name]) => name === event).map(([, payload]) => payload),
  };
}

let posted = 0;
async function post(type: string, subject: string, data?: object): Promise<void> {
  const event = { id: `p-${++posted}`, type, subject, ...(data === undefined ? {} : { data }) };
  expect(await postCloudEvent(hub.url, 'events', tokenFor({ roles: ['steward'] }), event)).toMatchObject({
    status: 200,
  });
}

async function refusal(options: ConnectOptions): Promise<unknown> {
  return connect(options).then(
    () => 'let in',
    (error: Error & { readonly data?: { readonly code?: string } }) => error.data?.code ?? error.message,
  );
}

it('W1 W2 D4: welcome is first; subscribed, live and then every event of the room', async () => {
  const client = await connect({
    sub: 'w1',
    auth: { subscriptions: [{ id: 'a', channel: 'asset:urn:gov:acme:w1' }], newer: true },
  });
  await eventually(() => expect(client.of('live')).toEqual([{ id: 'a' }]));
  await post('gov.asset.created', 'w1', { asset: { type: 'table', name: 'w1' } });
  await eventually(() => expect(client.of('events')).toHaveLength(1));
  const names = client.messages.map(([event]) => event).filter((name) => name !== 'cursor');
  expect(names).toEqual(['welcome', 'subscribed', 'live', 'events']);
  expect(client.messages[0]?.[1]).toMatchObject({
    session: client.socket.id,
    protocol: 1,
    expiresAt: expect.stringMatching(/Z$/),
  });
  const [subscribed] = client.of('subscribed') as { room: string }[];
  expect(client.of('events')[0]).toMatchObject({
    room: subscribed?.room,
    events: [{ kind: 'enter', subject: 'urn:gov:acme:w1', entity: { name: 'w1' }, document: { columns: [] } }],
  });
});

it('W3: an ack says ok or the error, live follows it, and an error does not end the session', async () => {
  const client = await connect({ sub: 'w3' });
  expect(await client.ask('subscribe', { id: 'a', channel: 'assets' })).toEqual({
    ok: true,
    id: 'a',
    room: expect.any(String),
    handle: expect.any(String),
    cursor: expect.any(String),
    recovered: false,
  });
  await eventually(() => expect(client.of('live')).toEqual([{ id: 'a' }]));
  const errors = await Promise.all([
    client.ask('subscribe', { id: 'a', channel: 'assets' }),
    client.ask('subscribe', { id: 'b', channel: 'nope' }),
    client.ask('subscribe', { id: 'b', channel: 'assets', colour: 'red' }),
    client.ask('unsubscribe', { id: 'zz' }),
    client.ask('hello', {}),
  ]);
  const codes = (errors as { ok: boolean; error: { code: string } }[]).map(({ ok, error }) => (ok ? 'ok' : error.code));
  expect(codes).toEqual([
    'duplicate-subscription',
    'invalid-channel',
    'invalid-request',
    'unknown-subscription',
    'invalid-request',
  ]);
  expect(await client.ask('unsubscribe', { id: 'a' })).toEqual({ ok: true });
});

it('W4: a subscription that is refused in CONNECT is ended, the others stand', async () => {
  const subscriptions = [
    { id: 'bad', channel: 'nope' },
    { id: 'good', channel: 'assets' },
  ];
  const client = await connect({ sub: 'w4', auth: { subscriptions } });
  // the order of the two is not promised, nor that they come in one read
  await eventually(() => {
    expect(client.of('live')).toEqual([{ id: 'good' }]);
    expect(client.of('ended')).toEqual([
      { id: 'bad', error: expect.objectContaining({ code: 'invalid-channel', retryable: false }) },
    ]);
  });
});

it('W6 W16: a client that is ahead speaks what the hub speaks, and what the hub does not know is refused by name', async () => {
  const ahead = { protocol: 2, oldestProtocol: 1, newsOfVersion2: { any: ['thing'] } };
  const client = await connect({ sub: 'w6', auth: { ...ahead, subscriptions: [{ id: 'a', channel: 'assets' }] } });
  await eventually(() => expect(client.of('live')).toEqual([{ id: 'a' }]));
  expect(client.of('welcome')).toEqual([
    { session: client.socket.id, protocol: 1, features: ['search'], expiresAt: expect.any(String) },
  ]);
  expect(await client.ask('subscribe', { id: 'b', channel: 'assets', newsOfVersion2: 1 })).toMatchObject({
    ok: false,
    error: { code: 'invalid-request', message: expect.stringContaining('unknown field "newsOfVersion2"') },
  });
  await expect(connect({ sub: 'w6', auth: { protocol: '3', oldestProtocol: '2' } })).rejects.toMatchObject({
    data: {
      code: 'unsupported-protocol',
      message: 'auth.protocol: this hub supports 1, the client 2 to 3',
      retryable: false,
      details: { protocol: 1, oldestProtocol: 1 },
    },
  });
});

it('W5 W6: only WebSocket, only protocol 1, only with a token, each refused with its code', async () => {
  expect(await refusal({ sub: 'w5', transports: ['polling'] })).toMatch(/xhr poll error/);
  expect(await refusal({ sub: 'w5', auth: { protocol: 2 } })).toBe('unsupported-protocol');
  expect(await refusal({ sub: 'w5', auth: { token: '' } })).toBe('unauthenticated');
  expect(await refusal({ sub: 'w5', auth: { token: 'x.y.z' } })).toBe('unauthenticated');
  expect(await refusal({ sub: 'w5', ttlSeconds: -60 })).toBe('token-expired');
});

it('W7: subscriptions that mean the same share a room, and an event comes once for them', async () => {
  const client = await connect({ sub: 'w7' });
  const filters = [
    { domain: 'w7', type: 'table' },
    { type: 'table', domain: 'w7' },
    { $and: [{ type: { $in: ['table'] } }, { domain: 'w7' }] },
  ];
  const acks = await Promise.all(
    filters.map(async (filter, index) => client.ask('subscribe', { id: `s${index}`, channel: 'assets', filter })),
  );
  expect(new Set((acks as { room: string }[]).map(({ room }) => room)).size).toBe(1);
  await post('gov.asset.created', 'w7', { asset: { type: 'table', name: 'w7', domain: 'w7' } });
  await post('gov.documentation.changed', 'w7', { description: 'second' });
  await eventually(() => expect(client.of('events')).toHaveLength(2));
});

it('W8 W9: an event has one id for everybody, and a leave says nothing of the content', async () => {
  const clients = [await connect({ sub: 'w8a' }), await connect({ sub: 'w8b' })];
  await clients[0]?.ask('subscribe', { id: 'a', channel: 'assets', filter: { name: 'w8' } });
  await clients[1]?.ask('subscribe', { id: 'b', channel: 'assets', filter: { domain: 'w8' } });
  await post('gov.asset.created', 'w8', { asset: { type: 'table', name: 'w8', domain: 'w8', description: 'secret' } });
  await post('gov.asset.deleted', 'w8');
  const eventsOf = (client: Client): readonly { id: string; kind: string }[] =>
    (client.of('events') as { events: { id: string; kind: string }[] }[]).flatMap(({ events }) => events);
  await eventually(() => expect(clients.map((client) => eventsOf(client).length)).toEqual([2, 2]));
  expect(
    new Set(
      clients.map((client) =>
        eventsOf(client)
          .map(({ id }) => id)
          .join(),
      ),
    ).size,
  ).toBe(1);
  expect(eventsOf(clients[0] as Client)[1]).toEqual({
    id: expect.any(String),
    subject: 'urn:gov:acme:w8',
    recordedtime: expect.any(String),
    kind: 'leave',
    reason: 'deleted',
  });
});

/** A block of the chapter on shapes. */
function shapesBlock(language: string): string {
  const [, chapter = ''] = readFileSync('docs/protocol.md', 'utf8').split('### Shapes and fields\n');
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(chapter)?.[1] ?? '';
}

it('W17: each request of docs/protocol.md gets of an event what stands there', async () => {
  const requests = [...shapesBlock('text').matchAll(/^> \d+\["subscribe",(.*)\]$/gm)].map(
    ([, request]) => JSON.parse(request ?? '') as { readonly id: string },
  );
  const due = JSON.parse(shapesBlock('json')) as Readonly<Record<string, object | null>>;
  expect(requests.map(({ id }) => id)).toEqual(Object.keys(due));
  await post('gov.asset.created', 'orders', { asset: { type: 'table', name: 'orders', domain: 'retail' } });
  const clients = [await connect({ sub: 'w17' }), await connect({ sub: 'w17' })];
  const rooms = new Map<string, string>();
  for (const [index, request] of requests.entries()) {
    const answer = (await clients[index % 2]?.ask('subscribe', request)) as { readonly room: string };
    rooms.set(answer.room, request.id);
  }
  await eventually(() => expect(clients.flatMap((client) => client.of('live'))).toHaveLength(requests.length));
  await post('gov.classification.changed', 'orders', { classifications: { add: [{ scheme: 'pii', name: 'email' }] } });
  // comes to all of them
  await post('gov.asset.deleted', 'orders');
  const got = (): readonly EventsMessage[] => clients.flatMap((client) => client.of('events') as EventsMessage[]);
  const kinds = (): readonly string[] => got().flatMap(({ events }) => events.map(({ kind }) => kind));
  await eventually(() => expect(kinds().filter((kind) => kind === 'leave')).toHaveLength(requests.length));
  const shown = Object.fromEntries(requests.map(({ id }): [string, object | null] => [id, null]));
  for (const { room, events } of got())
    for (const event of events) {
      if (event.kind !== 'update') continue;
      const { kind: _k, id: _i, subject: _s, recordedtime: _r, type: _t, time: _m, ...parts } = event;
      shown[rooms.get(room) ?? ''] = parts;
    }
  expect(shown).toEqual(due);
});

it('W3 W17: what does not go together is refused, with the field and what there is', async () => {
  const client = await connect({ sub: 'w17b' });
  const refused = async (fields: object): Promise<unknown> =>
    client.ask('subscribe', { id: 'a', channel: 'assets', ...fields });
  const withMessage = (message: string) => ({
    ok: false,
    error: { code: 'invalid-request', message: expect.stringContaining(message), retryable: false },
  });
  expect(await refused({ mode: 'view', shape: 'changes' })).toEqual(withMessage('shape: a view has no changes'));
  expect(await refused({ shape: 'all' })).toEqual(withMessage('shape: '));
  expect(await refused({ fields: ['name', 'colour'] })).toEqual(withMessage('fields.1: "colour" is not a field'));
  for (const fields of [[], Array(33).fill('name'), ['x'.repeat(65)], 'name', Array(20_000).fill(0)])
    expect(await refused({ fields })).toEqual(withMessage('fields: must be a list of 1 to 32 names'));
  expect(await refused({ shape: 'entity', fields: ['name'] })).toMatchObject({ ok: true });
});

it('W10 P5: a token with fewer rights moves the subscription, policy comes before the ack, and nothing old follows', async () => {
  const client = await connect({
    sub: 'w10',
    auth: { subscriptions: [{ id: 'a', channel: 'assets', filter: { domain: 'w10' } }] },
  });
  await eventually(() => expect(client.of('live')).toHaveLength(1));
  const ack = await client.ask('authenticate', { token: tokenFor({ sub: 'w10', roles: ['viewer'] }) });
  expect(ack).toMatchObject({ ok: true, expiresAt: expect.any(String) });
  expect(client.of('policy')).toEqual([
    { id: 'a', room: expect.any(String), handle: expect.any(String), reason: 'token' },
  ]);
  expect(await client.ask('authenticate', { token: tokenFor({ sub: 'other', roles: ['steward'] }) })).toMatchObject({
    ok: false,
    error: { code: 'forbidden' },
  });
  await post('gov.asset.created', 'w10-pii', {
    asset: { type: 'table', name: 'hidden', domain: 'w10', classifications: ['pii/email'] },
  });
  await post('gov.asset.created', 'w10', { asset: { type: 'table', name: 'shown', domain: 'w10' } });
  await eventually(() => expect(JSON.stringify(client.of('events'))).toContain('shown'));
  expect(JSON.stringify(client.messages)).not.toContain('hidden');
});

it('W11: a session ends with its token, and says so', async () => {
  const client = await connect({ sub: 'w11', ttlSeconds: 2 });
  await eventually(() => expect(client.of('notice')).toEqual([expect.objectContaining({ code: 'token-expired' })]));
  await eventually(() => expect(client.socket.connected).toBe(false));
});

it('L1: connections of one principal are bounded, and one that closes makes room', async () => {
  const clients = [await connect({ sub: 'l1' }), await connect({ sub: 'l1' }), await connect({ sub: 'l1' })];
  expect(await refusal({ sub: 'l1' })).toBe('too-many-connections');
  clients[0]?.socket.disconnect();
  await eventually(async () => expect(await refusal({ sub: 'l1' })).toBe('let in'));
});

it('W13: a client of Socket.IO with its default options comes back by itself when there is room again', async () => {
  const clients = [await connect({ sub: 'w13' }), await connect({ sub: 'w13' }), await connect({ sub: 'w13' })];
  const stock = io(hub.url, {
    auth: { token: tokenFor({ sub: 'w13', roles: ['steward'] }), protocol: 1, client: 'stock' },
    transports: ['websocket'],
    forceNew: true,
  });
  open.push(stock);
  const told: string[] = [];
  stock.io.on('packet', ({ data }) => void (Array.isArray(data) && told.push(String(data[0]))));
  await eventually(() => expect(told).toContain('notice'));
  expect(stock.connected).toBe(false);
  clients[0]?.socket.disconnect();
  await eventually(() => expect(stock.connected).toBe(true), { timeoutMs: 20_000 });
});

it('L2 L3 L4: subscriptions, messages and filters are bounded, each with its code', async () => {
  const client = await connect({ sub: 'l2' });
  const codeOf = (ack: unknown): string => (ack as { error?: { code: string } }).error?.code ?? 'ok';
  const values = Array.from({ length: 201 }, (_, index) => `v${index}`);
  expect(codeOf(await client.ask('subscribe', { id: 'f', channel: 'assets', filter: { name: { $in: values } } }))).toBe(
    'filter-too-large',
  );
  const codes: string[] = [];
  for (let index = 0; index < 6; index++)
    codes.push(codeOf(await client.ask('subscribe', { id: `s${index}`, channel: 'assets' })));
  expect(codes).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'too-many-subscriptions']);
  const many = await Promise.all(Array.from({ length: 120 }, async () => client.ask('unsubscribe', { id: 'zz' })));
  const limited = many.filter((ack) => codeOf(ack) === 'rate-limited');
  expect(limited.length).toBeGreaterThan(0);
  expect(limited[0]).toMatchObject({ error: { retryable: true, retryAfterMs: expect.any(Number) } });
});
