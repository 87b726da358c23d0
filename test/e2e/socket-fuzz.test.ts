import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventsMessage } from '../../channels/protocol/down.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import {
  frameBytes,
  openRawSession,
  openRawSocket,
  payloadsOf,
  type RawSocket,
  request,
} from '../harness/raw-socket.ts';

const engines = await enginesHere();
const admin = tokenFor({ sub: 'root', roles: ['admin'] });
const intruderToken = tokenFor({ sub: 'intruder', roles: [] });
const seed = Number(process.env['PURSIGHT_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A run of fast-check ends after this, whatever number of cases it has done. */
const budgetMs = Number(process.env['PURSIGHT_TEST_FUZZ_MS'] ?? 7000);

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }] },
  },
};

/** What goes over the wire: bytes as they are, a frame of any kind, or a text message. */
type Piece = { readonly bytes: Buffer };

const anyBytes = fc.uint8Array({ maxLength: 64 }).map((bytes): Piece => ({ bytes: Buffer.from(bytes) }));
const anyFrame = fc
  .record({ opcode: fc.nat(15), payload: fc.uint8Array({ maxLength: 200 }), masked: fc.boolean(), fin: fc.boolean() })
  .map(({ opcode, payload, ...options }): Piece => ({ bytes: frameBytes(opcode, Buffer.from(payload), options) }));

const subscribeEvent = fc.record(
  {
    id: fc.oneof(fc.constantFrom('a', 'b', 'held'), fc.string()),
    channel: fc.oneof(fc.constantFrom('assets', 'alerts', 'asset:x'), fc.string(), fc.jsonValue()),
    filter: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const event = fc.tuple(
  fc.constantFrom('subscribe', 'unsubscribe', 'authenticate', 'disconnect', 'error', 'toString', ''),
  fc.oneof(subscribeEvent, fc.record({ token: fc.constantFrom(intruderToken, admin, 'x') }), fc.jsonValue()),
);
const connectAuth = fc.record(
  { token: fc.constantFrom(intruderToken, 'x'), protocol: fc.constantFrom(1, 2), client: fc.constant('fuzz') },
  { requiredKeys: [] },
);
const packet = fc.oneof(
  connectAuth.map((auth) => `40${JSON.stringify(auth)}`),
  fc.tuple(fc.option(fc.nat(1000)), event).map(([ack, parts]) => `42${ack ?? ''}${JSON.stringify(parts)}`),
  fc.tuple(fc.nat(1000), fc.jsonValue()).map(([ack, value]) => `43${ack}${JSON.stringify([value])}`),
  fc.tuple(fc.nat(9), fc.nat(9), fc.string()).map(([outer, inner, rest]) => `${outer}${inner}${rest}`),
  fc.constantFrom('2', '3', '41', '5', '6', '40/admin,', '42/admin,["a"]', '451-["a",{"_placeholder":true,"num":0}]'),
);

/** A packet as it is, or with a part cut out, doubled or replaced. */
const damaged = fc
  .tuple(packet, fc.constantFrom('none', 'cut', 'double', 'replace'), fc.nat(), fc.string({ maxLength: 5 }))
  .map(([text, how, where, other]) => {
    const at = text.length === 0 ? 0 : where % text.length;
    if (how === 'cut') return text.slice(0, at) + text.slice(at + 3);
    if (how === 'double') return text.slice(0, at) + text;
    return how === 'replace' ? text.slice(0, at) + other + text.slice(at + 1) : text;
  });
const anyPacket = damaged.map((text): Piece => ({ bytes: frameBytes(1, text) }));

const conversation = fc.record({
  connected: fc.boolean(),
  pieces: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: anyPacket },
      { weight: 2, arbitrary: anyFrame },
      { weight: 1, arbitrary: anyBytes },
    ),
    { minLength: 1, maxLength: 12 },
  ),
  together: fc.boolean(),
});

describe.each(engines)('random frames on the %s engine', (engine) => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let witness: RawSocket;

  beforeAll(async () => {
    hub = await startHubProcess({
      dataDir: folder.path,
      file,
      environment: {
        PURSIGHT_WS_ENGINE: engine,
        PURSIGHT_LOG_LEVEL: 'warn',
        PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '10000',
      },
    });
    witness = await openRawSession(hub.url, admin, { subscriptions: [{ id: 'held', channel: 'assets' }] });
    await witness.until((message) => message.startsWith('42["live"'));
  });

  afterAll(async () => {
    witness?.destroy();
    await hub?.stop();
    folder.remove();
  });

  /** Something that the witness must get and no other. */
  async function tellWitness(id: string): Promise<void> {
    const posted = await postCloudEvent(hub.url, 'events', admin, {
      id,
      type: 'gov.asset.created',
      subject: id,
      data: { asset: { type: 'table', name: id } },
    });
    expect(posted).toMatchObject({ status: 200, body: { accepted: 1 } });
    await witness.until((message) => message.startsWith('42["events"') && message.includes(`urn:gov:bank:${id}"`));
  }

  async function converse(
    { connected, pieces, together }: typeof conversation extends fc.Arbitrary<infer Value> ? Value : never,
    then: () => Promise<void>,
  ): Promise<void> {
    const socket = connected ? await openRawSession(hub.url, intruderToken) : await openRawSocket(hub.url);
    const bytes = pieces.map((piece) => piece.bytes);
    if (together) socket.write(Buffer.concat(bytes));
    else for (const each of bytes) socket.write(each);
    // the hub has dealt with all of it when it answers what came after, or has closed
    socket.send('42424242["unsubscribe",{"id":"end"}]');
    await Promise.race([
      socket.closed,
      socket.until((message) => message.startsWith('43424242')).catch(() => undefined),
      callApi(hub.url, '/healthz'),
    ]);
    await then();
    expect(payloadsOf<EventsMessage>(socket, 'events')).toEqual([]);
    socket.destroy();
  }

  it(`never end the hub and never reach another session (seed ${seed})`, { timeout: 60_000 }, async () => {
    const isOwn = (message: string): boolean => message === '2' || /^42\["(events|cursor)"/.test(message);
    const othersBefore = witness.messages.filter((message) => !isOwn(message));
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(conversation, async (talk) => {
        cases += 1;
        await converse(talk, async () => (cases % 10 === 0 ? tellWitness(`case-${cases}`) : undefined));
        expect((await callApi(hub.url, '/healthz')).status).toBe(200);
        expect(witness.isClosed).toBe(false);
      }),
      { seed, numRuns: 100_000, interruptAfterTimeLimit: budgetMs, markInterruptAsFailure: false },
    );
    expect(cases).toBeGreaterThan(100);
    // nobody's answers or notices went to the witness
    expect(witness.messages.filter((message) => !isOwn(message))).toEqual(othersBefore);
  });

  it('leave a hub that is well: no session kept, no fault logged, events as ever', async () => {
    await eventually(async () => {
      const { body } = await callApi(hub.url, '/v1/sessions', { token: admin });
      expect((body as { sessions: { sub: string }[] }).sessions.map(({ sub }) => sub)).toEqual(['root']);
    });
    expect(await request(witness, 'subscribe', { id: 'after', channel: 'alerts' })).toMatchObject({ ok: true });
    await tellWitness('after');
    expect(await callApi(hub.url, '/readyz')).toMatchObject({ status: 200, body: { status: 'ok', engine } });
    const { text } = await callApi(hub.url, '/metrics');
    expect(text).toMatch(/^pursight_connections 1$/m);
    expect(text).toMatch(/^pursight_subscriptions 2$/m);
    expect(text).not.toMatch(/code="internal"/);
    expect(hub.log()).not.toMatch(/"level":(50|60)/);
  });
});
