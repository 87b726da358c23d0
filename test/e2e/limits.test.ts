import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventsMessage, PolicyMessage, WireEvent } from '../../channels/protocol/down.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { openRawSession, payloadsOf, type RawSocket, request } from '../harness/raw-socket.ts';
import { record, type Recorder } from '../harness/recorder.ts';

const engines = await enginesHere();
const admin = tokenFor({ sub: 'root', roles: ['admin'] });

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
      steward: [{ allow: 'read' }],
      viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
    },
  },
};

const limits = {
  PURSIGHT_MAX_CONNECTIONS: '7',
  PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '5',
  PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '3',
  PURSIGHT_MAX_SUBSCRIPTIONS: '4',
  PURSIGHT_SUBSCRIBE_RATE: '5',
  PURSIGHT_MAX_BUFFERED_BYTES: '1048576',
  PURSIGHT_TRUSTED_PROXIES: '1',
};

interface Asset {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** The number that the description of an event begins with. */
function numberOf(event: WireEvent): number {
  if (event.kind === 'leave') return -1;
  const text = event.kind === 'enter' ? event.document['description'] : event.changes['/description']?.new;
  return Number.parseInt(typeof text === 'string' ? text : '', 10);
}

describe.each(engines)('limits on the %s engine', (engine) => {
  const folder = scratchFolder();
  const open: RawSocket[] = [];
  const clients: Recorder[] = [];
  let hub: HubProcess;
  let lastEvent = 0;

  beforeAll(async () => {
    hub = await startHubProcess({ dataDir: folder.path, file, environment: { ...limits, PURSIGHT_WS_ENGINE: engine } });
  });

  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    for (const client of clients.splice(0)) client.close();
    await eventually(async () => expect(await sessions()).toEqual([]));
  });

  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  async function sessions(): Promise<readonly { readonly id: string; readonly sub: string }[]> {
    const { body } = await callApi(hub.url, '/v1/sessions', { token: admin });
    return (body as { sessions: { id: string; sub: string }[] }).sessions;
  }

  async function join(
    sub: string,
    { address, token, channel }: { address?: string; token?: string; channel?: string } = {},
  ): Promise<RawSocket> {
    const subscriptions = channel === undefined ? [] : [{ id: 'main', channel }];
    const headers = address === undefined ? {} : { 'X-Forwarded-For': address };
    const socket = await openRawSession(
      hub.url,
      token ?? tokenFor({ sub, roles: ['steward'] }),
      { subscriptions },
      { headers },
    );
    open.push(socket);
    await socket.until((message) => message.startsWith('42["welcome"'));
    return socket;
  }

  async function ingest(assets: readonly Asset[]): Promise<void> {
    const events = assets.map((asset) => ({
      specversion: '1.0',
      id: String((lastEvent += 1)),
      source: '/limits',
      type: 'gov.asset.updated',
      subject: asset.name,
      data: { asset: { type: 'table', ...asset } },
    }));
    const posted = await callApi(hub.url, '/v1/ingest/events', {
      token: admin,
      body: JSON.stringify(events),
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    expect(posted).toMatchObject({ status: 200, body: { accepted: assets.length } });
  }

  const tooMany = /"code":"too-many-connections","message":"[^"]*","retryAfterMs":5000\}\]/;
  async function refusal(attempt: Promise<RawSocket>): Promise<string> {
    return attempt.then(
      () => 'let in',
      (error: Error) => error.message,
    );
  }

  it('connections: of a principal, an address and the node, given back when they close', async () => {
    const [first] = [await join('ada'), await join('ada'), await join('ada')];
    expect(await refusal(join('ada'))).toMatch(tooMany);
    expect(await refusal(join('ada', { address: '10.0.0.1' }))).toMatch(/you already have 3 connections/);
    await join('bob');
    await join('bob');
    expect(await refusal(join('cleo'))).toMatch(/your address already has 5 connections/);
    await join('cleo', { address: '10.0.0.1' });
    await join('cleo', { address: '10.0.0.2' });
    expect(await refusal(join('dan', { address: '10.0.0.3' }))).toMatch(/this node already has 7 connections/);
    // the same name in another tenant is another principal
    first?.destroy();
    await eventually(async () =>
      expect(await refusal(join('ada', { token: tokenFor({ sub: 'ada', tenant: 'other', roles: [] }) }))).toBe(
        'let in',
      ),
    );
    const { text } = await callApi(hub.url, '/metrics');
    expect(text).toMatch(/^pursight_connections 7$/m);
    expect(text).toMatch(/^pursight_refusals_total\{code="too-many-connections"\} \d+$/m);
  });

  it('connections: many at once do not slip past', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => refusal(join('ada'))));
    expect(outcomes.filter((outcome) => outcome === 'let in')).toHaveLength(3);
    expect(await sessions()).toHaveLength(3);
  });

  it('subscriptions of a session, in CONNECT and later', async () => {
    const wanted = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, channel: 'assets' }));
    const socket = await openRawSession(hub.url, tokenFor({ roles: ['steward'] }), { subscriptions: wanted });
    open.push(socket);
    await socket.until((message) =>
      message.startsWith('42["ended",{"id":"e","error":{"code":"too-many-subscriptions"'),
    );
    expect(payloadsOf(socket, 'live')).toEqual(['a', 'b', 'c', 'd'].map((id) => ({ id })));
    expect(await request(socket, 'subscribe', { id: 'f', channel: 'alerts' })).toMatchObject({
      ok: false,
      error: { code: 'too-many-subscriptions', retryable: false },
    });
    expect(await request(socket, 'unsubscribe', { id: 'a' })).toEqual({ ok: true });
    expect(await request(socket, 'subscribe', { id: 'f', channel: 'alerts' })).toMatchObject({ ok: true });
  });

  it('messages: more than the rate are refused with a time to wait, and only on that session', async () => {
    const [busy, quiet] = [await join('ada'), await join('ada')];
    const answers = await Promise.all(Array.from({ length: 40 }, () => request(busy, 'unsubscribe', { id: 'none' })));
    const codes = answers.map((answer) => (answer['error'] as { code: string }).code);
    // a burst of four seconds' worth, and what trickles in meanwhile
    expect(codes.indexOf('rate-limited')).toBeGreaterThanOrEqual(20);
    expect(codes.indexOf('rate-limited')).toBeLessThan(30);
    const refused = answers.at(-1)?.['error'] as { retryAfterMs: number; retryable: boolean };
    expect(refused.retryable).toBe(true);
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(200);
    expect(await request(quiet, 'subscribe', { id: 'x', channel: 'assets' })).toMatchObject({ ok: true });
    await eventually(
      async () => expect(await request(busy, 'subscribe', { id: 'x', channel: 'assets' })).toMatchObject({ ok: true }),
      { everyMs: 300 },
    );
  });

  it('time: a session ends with its token, unless it was refreshed', async () => {
    const brief = { sub: 'ada', roles: ['steward'], ttlSeconds: 2 };
    const [ending, refreshed] = [
      await join('ada', { token: tokenFor(brief) }),
      await join('ada', { token: tokenFor(brief) }),
    ];
    const answer = await request(refreshed, 'authenticate', { token: tokenFor({ ...brief, ttlSeconds: 600 }) });
    expect(Date.parse(answer['expiresAt'] as string)).toBeGreaterThan(Date.now() + 500_000);
    expect(ending.isClosed).toBe(false);
    await ending.until((message) => message.startsWith('42["notice",{"code":"token-expired"'));
    await ending.closed;
    expect(await request(refreshed, 'subscribe', { id: 'x', channel: 'assets' })).toMatchObject({ ok: true });
    expect(payloadsOf(refreshed, 'notice')).toEqual([]);
  });

  it('time: a refresh that is refused changes nothing', async () => {
    const socket = await join('ada', { token: tokenFor({ sub: 'ada', roles: ['steward'], ttlSeconds: 2 }) });
    expect(await request(socket, 'authenticate', { token: tokenFor({ sub: 'eve', roles: ['admin'] }) })).toMatchObject({
      ok: false,
      error: { code: 'forbidden' },
    });
    await socket.until((message) => message.startsWith('42["notice",{"code":"token-expired"'));
    await socket.closed;
  });

  it('rights: a lesser role moves rooms, and nothing of the old class follows', async () => {
    const stem = `rights-${engine}`;
    const reduced = await join('ada', { channel: 'assets' });
    const stripped = await join('bob', { channel: 'assets' });
    const steward = await join('cleo', { channel: 'assets' });
    await ingest([{ name: `${stem}-1`, classifications: ['pii/email'] }]);
    for (const socket of [reduced, stripped, steward]) await socket.until((message) => message.includes(`${stem}-1`));

    expect(
      await request(reduced, 'authenticate', { token: tokenFor({ sub: 'ada', roles: ['viewer'] }) }),
    ).toMatchObject({ ok: true });
    expect(await request(stripped, 'authenticate', { token: tokenFor({ sub: 'bob', roles: [] }) })).toMatchObject({
      ok: true,
    });
    const moved = payloadsOf<PolicyMessage>(reduced, 'policy');
    expect(moved).toMatchObject([{ id: 'main', room: expect.any(String), reason: 'token' }]);
    const seen = reduced.messages.length;

    await ingest([
      { name: `${stem}-1`, description: 'changed' },
      { name: `${stem}-2`, classifications: ['pii/iban'] },
      { name: `${stem}-3` },
    ]);
    await steward.until((message) => message.includes(`${stem}-3`));
    await reduced.until((message) => message.includes(`${stem}-3`));
    const later = reduced.messages.slice(seen).filter((message) => message.startsWith('42["events"'));
    const frames = later.map((message) => (JSON.parse(message.slice(2)) as [string, EventsMessage])[1]);
    expect(frames.map((frame) => frame.room)).toEqual(frames.map(() => moved[0]?.room));
    expect(frames.flatMap((frame) => frame.events).map((event) => event.subject)).toEqual([`urn:gov:bank:${stem}-3`]);
    expect(payloadsOf<EventsMessage>(stripped, 'events').flatMap((frame) => frame.events)).toHaveLength(1);
    expect(payloadsOf<EventsMessage>(steward, 'events').flatMap((frame) => frame.events)).toHaveLength(4);
  });

  it('rights: while events pour in, each change of role holds from its policy message on', async () => {
    const tokens = ['viewer', 'steward'].map((role) => tokenFor({ sub: 'ada', roles: [role] }));
    const socket = await join('ada', { channel: 'assets' });
    let pouring = true;
    const pour = async (): Promise<void> => {
      for (let round = 0; pouring; round++) {
        const names = Array.from({ length: 20 }, (_, index) => `pour-${engine}-${round}-${index}`);
        await ingest(names.map((name, index) => ({ name, classifications: index % 2 === 0 ? ['pii/email'] : [] })));
      }
    };
    const poured = pour();
    for (let change = 0; change < 18; change++) {
      expect(await request(socket, 'authenticate', { token: tokens[change % 2] })).toMatchObject({ ok: true });
      const from = socket.messages.length;
      await socket.until((message) => message.startsWith('42["events"'), { from });
    }
    pouring = false;
    await poured;
    // a room in the order of the wire: the first is the steward's, then they take turns
    const wire = socket.messages.flatMap((message) =>
      /^42\["(policy|events)"/.test(message)
        ? [JSON.parse(message.slice(2)) as ['policy', PolicyMessage] | ['events', EventsMessage]]
        : [],
    );
    const viewerRoom = wire.find(([name]) => name === 'policy')?.[1].room;
    let current: string | undefined;
    for (const [name, { room, ...rest }] of wire) {
      if (name === 'policy') current = room;
      if (current !== undefined) expect(room).toBe(current);
      if (name === 'events' && room === viewerRoom) expect(JSON.stringify(rest)).not.toContain('pii/email');
    }
    expect(wire.filter(([name]) => name === 'policy')).toHaveLength(18);
    expect(wire.filter(([name, { room }]) => name === 'events' && room === viewerRoom).length).toBeGreaterThan(5);
  });

  it('memory: a client that stops reading is closed and counted, one beside it gets everything', async () => {
    const channel = `asset:urn:gov:bank:slow-${engine}`;
    const slow = await join('ada', { channel });
    const fast = await record({
      name: 'fast',
      url: hub.url,
      token: tokenFor({ sub: 'bob', roles: ['steward'] }),
      channel,
    });
    clients.push(fast);
    const metric = async (): Promise<number> =>
      Number(/^pursight_slow_consumer_closes_total (\d+)$/m.exec((await callApi(hub.url, '/metrics')).text)?.[1]);
    expect(await metric()).toBe(0);
    slow.pause();
    // more than the kernel holds for a connection; one entity, because only its order is promised
    const texts = Array.from({ length: 300 }, (_, index) => String(index).padEnd(60_000, '.'));
    for (let start = 0; start < texts.length; start += 4) {
      await ingest(texts.slice(start, start + 4).map((description) => ({ name: `slow-${engine}`, description })));
      // at the pace of the fast one, or a busy machine would make it slow as well
      await eventually(() => expect(fast.events).toHaveLength(start + 4), { everyMs: 2 });
    }
    expect(fast.events.map(numberOf)).toEqual(texts.map((_, index) => index));
    expect(fast.gaps).toEqual([]);
    await eventually(async () => expect((await sessions()).map((session) => session.sub)).toEqual(['bob']));
    expect(await metric()).toBe(1);
    slow.resume();
    await slow.closed;
    // what it got is whole up to the end: nothing was left out in the middle
    const got = payloadsOf<EventsMessage>(slow, 'events')
      .flatMap((frame) => frame.events as readonly WireEvent[])
      .map(numberOf);
    expect(got).toEqual(got.map((_, index) => index));
    expect(got.length).toBeLessThan(texts.length);
  });
});
