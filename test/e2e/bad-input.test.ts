import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MalformedMessage } from '../../adapters/formats/malformed-message.ts';
import { malformedMessages } from '../../adapters/formats/malformed.ts';
import { errorCodes } from '../../channels/protocol/error-code.ts';
import { atlasMessage } from '../harness/atlas-messages.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createTopics } from '../harness/kafka-topics.ts';
import {
  exchange,
  openRawSession,
  openRawSocket,
  type RawSocket,
  request,
  socketIoPath,
} from '../harness/raw-socket.ts';
import { outline, record } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';
import { badConnects, endedAtConnect } from './bad-input/bad-connects.ts';
import { badFrames } from './bad-input/bad-frames.ts';
import { admin, badHttp, maxBodyBytes } from './bad-input/bad-http.ts';
import { badRequests } from './bad-input/bad-requests.ts';
import { badTokens, tooLongToken } from './bad-input/bad-tokens.ts';

const { Kafka, logLevel } = kafkajs;
const engines = await enginesHere();

const policy = {
  version: 1,
  roles: {
    admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
    steward: [{ allow: 'read' }],
    writer: [{ allow: 'ingest' }],
  },
};

interface ConnectorKafka {
  readonly brokers: string;
  readonly atlasTopic: string;
  readonly eventsTopic: string;
}

function hubFile(kafka?: ConnectorKafka): object {
  const from = (topic: string | undefined): object =>
    kafka === undefined ? {} : { topic, kafka: { brokers: [kafka.brokers] } };
  return {
    connectors: [
      {
        id: 'atlas',
        format: 'atlas',
        tenant: 'acme',
        namespace: 'urn:gov:atlas:northbank',
        ...from(kafka?.atlasTopic),
      },
      {
        id: 'events',
        format: 'cloudevents',
        tenant: 'acme',
        namespace: 'urn:gov:events:northbank',
        ...from(kafka?.eventsTopic),
      },
      { id: 'foreign', format: 'cloudevents', tenant: 'other', namespace: 'urn:gov:events:other' },
    ],
    policy,
  };
}

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

/** A client like any other still gets what it asks for. */
async function expectUseful(hub: HubProcess): Promise<void> {
  const id = randomUUID();
  const client = await record({ name: 'normal', url: hub.url, token: admin, channel: 'assets', filter: { name: id } });
  const posted = await postCloudEvent(hub.url, 'events', admin, {
    id,
    type: 'gov.asset.created',
    subject: id,
    data: { asset: { type: 'table', name: id } },
  });
  expect(posted).toMatchObject({ status: 200, body: { accepted: 1, rejected: [] } });
  await eventually(() => expect(outline(client.events)).toEqual([`enter ${id}`]));
  client.close();
}

async function expectAlive(hub: HubProcess): Promise<void> {
  expect((await callApi(hub.url, '/healthz')).status).toBe(200);
}

/** Those that an HTTP request can carry as they are; the others need a Kafka header or a tombstone. */
function fitsHttp({ name, format, message }: MalformedMessage): boolean {
  // an array is a batch there, and a body beyond the limit never becomes a message
  if (message.value === null || name === 'atlas: an array' || message.value.byteLength > maxBodyBytes) return false;
  const { 'content-type': contentType = '', ...others } = message.headers;
  return (
    format === 'atlas' ||
    (Object.keys(others).length === 0 && contentType === 'application/cloudevents+json; charset=utf-8')
  );
}

const inHttp = malformedMessages.filter(fitsHttp);

describe.each(engines)('bad input on the %s engine', (engine) => {
  let hub: HubProcess;
  const folder = scratchFolder();
  const open: RawSocket[] = [];
  let residentAtStart = 0;

  const fresh = async (): Promise<RawSocket> => {
    const socket = await openRawSocket(hub.url);
    open.push(socket);
    await socket.until((message) => message.startsWith('0{'));
    return socket;
  };
  const session = async (extra: object = {}): Promise<RawSocket> => {
    const socket = await openRawSession(hub.url, tokenFor({ roles: ['admin'] }), extra);
    open.push(socket);
    await socket.until((message) => message.startsWith('42["welcome"'));
    return socket;
  };
  const connectError = async (auth: unknown): Promise<unknown> => {
    const socket = await fresh();
    socket.send(auth === undefined ? '40' : `40${JSON.stringify(auth)}`);
    const answer = await socket.until((message) => /^4[04]/.test(message));
    expect(answer).toMatch(/^44\{/);
    await socket.closed;
    return (JSON.parse(answer.slice(2)) as { data: unknown }).data;
  };

  beforeAll(async () => {
    hub = await startHubProcess({
      dataDir: folder.path,
      file: hubFile(),
      environment: {
        PURSIGHT_WS_ENGINE: engine,
        PURSIGHT_MAX_BODY_BYTES: String(maxBodyBytes),
        PURSIGHT_SUBSCRIBE_RATE: '1000',
      },
    });
    await expectUseful(hub);
    residentAtStart = residentMiB(hub.pid);
  });

  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });

  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  describe('HTTP', () => {
    it.each(badHttp)('$name: $code', async ({ path, code, method, token, headers, body }) => {
      const answer = await callApi(hub.url, path, {
        ...(method === undefined ? {} : { method }),
        ...(token === undefined ? {} : { token }),
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      });
      expect(answer).toMatchObject({
        status: errorCodes[code].status,
        body: { code, retryable: errorCodes[code].retryable, detail: expect.any(String) },
      });
      expect(answer.text).not.toContain('node:');
    });

    it.each(inHttp)('ingest: $name: $code', async ({ format, message, code }) => {
      const connector = format === 'atlas' ? 'atlas' : 'events';
      const headers = { 'content-type': 'application/json', ...message.headers };
      const answer = await callApi(hub.url, `/v1/ingest/${connector}`, {
        token: admin,
        headers,
        body: new Uint8Array(message.value ?? []),
      });
      expect(answer).toMatchObject({ status: errorCodes[code].status, body: { code } });
    });

    it.each(badTokens)('token $name: $code', async ({ token, code }) => {
      expect(await callApi(hub.url, '/v1/documents', { token })).toMatchObject({
        status: 401,
        body: { code },
      });
    });

    it('a refusal for the method names those that are possible', async () => {
      const response = await fetch(new URL('/v1/ingest/events', hub.url));
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });

    it('a token that is too long is refused as over WebSocket', async () => {
      expect(await callApi(hub.url, '/v1/documents', { token: tooLongToken })).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    });

    it.each([
      ['no HTTP at all', 'hello\r\n\r\n'],
      ['path of two slashes', 'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
      ['address instead of a path', 'GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
      ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
      ['method that is none', 'JUMP /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
      [
        'two lengths',
        'POST /v1/ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello',
      ],
      [
        'length that is no number',
        'POST /v1/ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\nConnection: close\r\n\r\nhello',
      ],
      [
        'length and chunks',
        'POST /v1/ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      ],
      ['control characters in the path', 'GET /\u0001\u0002 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ])('raw: %s is refused', async (_name, bytes) => {
      const answer = await exchange(hub.url, bytes, 500);
      if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (4\d\d|505)/);
      await expectAlive(hub);
    });

    it('a body that is never finished is let go when the client leaves', async () => {
      await exchange(
        hub.url,
        `POST /v1/ingest/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin}\r\nContent-Length: 1000\r\n\r\n{`,
        200,
      );
      await expectAlive(hub);
    });

    it('the answer to HEAD has no body: the client would take it for the next answer', async () => {
      const answer = await exchange(hub.url, 'HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 300);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
    });
  });

  describe('handshake', () => {
    it.each([
      [
        'polling',
        { path: '/socket.io/?EIO=4&transport=polling', headers: { Upgrade: undefined, Connection: undefined } },
      ],
      ['WebSocket to another path', { path: '/ws' }],
      ['protocol of an older engine', { path: '/socket.io/?EIO=3&transport=websocket' }],
      ['unknown transport', { path: '/socket.io/?EIO=4&transport=carrier-pigeon' }],
      ['no transport', { path: '/socket.io/?EIO=4' }],
      ['unknown session', { path: `${socketIoPath}&sid=unknown` }],
      ['no key', { headers: { 'Sec-WebSocket-Key': undefined } }],
      ['page of another origin', { headers: { Origin: 'https://evil.example' } }],
      ['page without origin of its own', { headers: { Origin: 'null' } }],
      ['origin that begins like an allowed one', { headers: { Origin: 'http://localhost.evil.example' } }],
    ])('%s is refused', async (_name, options) => {
      const outcome = await openRawSocket(hub.url, options).then(
        (socket) =>
          Promise.race([socket.until((message) => message.startsWith('0{')), socket.closed.then(() => 'closed')]).catch(
            () => 'closed',
          ),
        () => 'refused',
      );
      expect(outcome).toMatch(/^(refused|closed)$/);
      await expectAlive(hub);
    });

    it('headers beyond what the engine takes are refused', async () => {
      await expect(openRawSocket(hub.url, { headers: { 'X-Long': 'x'.repeat(40_000) } })).rejects.toThrow(/431|closed/);
      await expectAlive(hub);
    });
  });

  describe('CONNECT', () => {
    it.each(badConnects)('$name: $code', async ({ auth, code }) => {
      expect(await connectError(auth)).toMatchObject({ code, retryable: false });
    });

    it.each(badTokens)('token $name: $code', async ({ token, code }) => {
      expect(await connectError({ token, protocol: 1, client: 'raw' })).toMatchObject({ code });
    });

    it('token too long: unauthenticated', async () => {
      expect(await connectError({ token: tooLongToken, protocol: 1, client: 'raw' })).toMatchObject({
        code: 'unauthenticated',
      });
    });

    it('bad subscriptions end one by one, the others go live', async () => {
      const subscriptions = [
        ...endedAtConnect.map(({ code: _code, ...rest }) => rest),
        { id: 'good', channel: 'assets' },
        { id: 'good', channel: 'alerts' },
      ];
      const socket = await session({ subscriptions });
      for (const { id, code } of [...endedAtConnect, { id: 'good', code: 'duplicate-subscription' }]) {
        await socket.until((message) => message.startsWith(`42["ended",{"id":"${id}","error":{"code":"${code}"`));
      }
      await socket.until((message) => message === '42["live",{"id":"good"}]');
    });

    it('many at once on one connection give one session', async () => {
      const before = await sessions();
      const socket = await fresh();
      const frame = `40${JSON.stringify({ token: tokenFor({ sub: 'many', roles: ['admin'] }), protocol: 1, client: 'raw' })}`;
      for (let index = 0; index < 10; index++) socket.send(frame);
      await eventually(() =>
        expect(socket.isClosed || socket.messages.some((message) => message.startsWith('42["welcome"'))).toBe(true),
      );
      await expectAlive(hub);
      expect((await sessions()) - before).toBeLessThanOrEqual(1);
      expect(socket.messages.filter((message) => message.startsWith('42["welcome"')).length).toBeLessThanOrEqual(1);
    });
  });

  async function sessions(): Promise<number> {
    const { body } = await callApi(hub.url, '/v1/sessions', { token: admin });
    return (body as { sessions: unknown[] }).sessions.length;
  }

  describe('events of a client', () => {
    it.each(badRequests)('$name: $code', async ({ event, payload, code }) => {
      const socket = await session({ subscriptions: [{ id: 'held', channel: 'assets' }] });
      expect(await request(socket, event, payload)).toMatchObject({
        ok: false,
        error: { code, retryable: errorCodes[code].retryable, message: expect.any(String) },
      });
      // and the session goes on
      expect(await request(socket, 'subscribe', { id: 'after', channel: 'alerts' })).toMatchObject({
        ok: true,
        id: 'after',
      });
    });
  });

  describe('frames', () => {
    it.each(badFrames)('$name: $outcome', async ({ at, send, outcome }) => {
      const neighbour = await session();
      const socket = at === 'fresh' ? await fresh() : await session();
      const before = socket.messages.length;
      send(socket);
      if (outcome === 'closed') await socket.closed;
      else if (outcome === 'ignored')
        expect(await request(socket, 'subscribe', { id: 'after', channel: 'alerts' })).toMatchObject({ ok: true });
      else await socket.until((message) => outcome.test(message), { from: before });
      expect(await request(neighbour, 'subscribe', { id: 'n', channel: 'alerts' })).toMatchObject({ ok: true });
    });
  });

  it('after all of it the hub is ready, useful and no fatter', async () => {
    expect(await callApi(hub.url, '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ok', ready: true, engine },
    });
    await expectUseful(hub);
    expect(residentMiB(hub.pid) - residentAtStart).toBeLessThan(250);
    expect(hub.log()).not.toContain('"level":60');
    expect(hub.log()).not.toMatch(/message handling failed|request failed|unhandled promise rejection/);
    expect((await callApi(hub.url, '/metrics')).text).not.toMatch(/^pursight_refusals_total\{code="internal"\}/m);
    await eventually(async () => expect(await sessions()).toBe(0));
  });
});

describeWithServices(['kafka'], 'bad native messages by Kafka', ({ kafka: brokers }) => {
  const folder = scratchFolder();
  const suffix = randomUUID().slice(0, 8);
  const topics = { atlas: `bad-atlas-${suffix}`, cloudevents: `bad-events-${suffix}` };
  let hub: HubProcess;

  interface Letter {
    readonly id: string;
    readonly connector: string;
    readonly code: string;
    readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number };
  }

  const letters = async (): Promise<readonly Letter[]> => {
    const { body } = await callApi(hub.url, '/v1/deadletters?limit=1000', { token: admin });
    return (body as { deadLetters: readonly Letter[] }).deadLetters;
  };

  async function produceAll(): Promise<void> {
    const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer({
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    for (const format of ['atlas', 'cloudevents'] as const) {
      for (const { message } of malformedMessages.filter((each) => each.format === format)) {
        await producer.send({
          topic: topics[format],
          messages: [
            { value: message.value === null ? null : Buffer.from(message.value), headers: { ...message.headers } },
          ],
        });
      }
    }
    const event = {
      specversion: '1.0',
      id: 'last',
      source: '/x',
      type: 'gov.asset.created',
      subject: 'last',
      data: { asset: { name: 'last', type: 'table' } },
    };
    await producer.send({
      topic: topics.atlas,
      messages: [{ value: atlasMessage('ENTITY_CREATE', { guid: 'last', name: 'last' }, 1_700_000_000_000) }],
    });
    await producer.send({
      topic: topics.cloudevents,
      messages: [{ value: JSON.stringify(event), headers: { 'content-type': 'application/cloudevents+json' } }],
    });
    await producer.disconnect();
  }

  beforeAll(async () => {
    await createTopics(
      brokers,
      { [topics.atlas]: 1, [topics.cloudevents]: 1 },
      { 'max.message.bytes': String(16 * 1024 * 1024) },
    );
    hub = await startHubProcess({
      dataDir: folder.path,
      file: hubFile({ brokers, atlasTopic: topics.atlas, eventsTopic: topics.cloudevents }),
      environment: { PURSIGHT_TOPIC_PREFIX: `bad-${suffix}` },
    });
  });

  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  it(
    'each stands in the dead letters with its place, code and bytes, and what follows is taken in',
    { timeout: 90_000 },
    async () => {
      await produceAll();
      for (const urn of ['urn:gov:atlas:northbank:last', 'urn:gov:events:northbank:last']) {
        await eventually(
          async () =>
            expect((await callApi(hub.url, `/v1/documents/${encodeURIComponent(urn)}`, { token: admin })).status).toBe(
              200,
            ),
          { timeoutMs: 40_000 },
        );
      }
      const found = await letters();
      const expected = (['atlas', 'cloudevents'] as const).flatMap((format) =>
        malformedMessages
          .filter((each) => each.format === format)
          .map(({ name, code }, offset) => ({ name, place: `${topics[format]}/0/${offset}`, code })),
      );
      const place = ({ origin }: Letter): string => `${origin.topic}/${origin.partition}/${origin.offset}`;
      const byPlace = new Map(found.map((letter) => [place(letter), letter]));
      expect(expected.map((each) => ({ ...each, code: byPlace.get(each.place)?.code }))).toEqual(expected);
      expect(found).toHaveLength(expected.length);

      for (const each of expected) {
        const malformed = malformedMessages.find(({ name }) => name === each.name);
        const { body } = await callApi(hub.url, `/v1/deadletters/${byPlace.get(each.place)?.id}`, { token: admin });
        const kept = (body as { bytes: string | null }).bytes;
        const sent = malformed?.message.value ?? null;
        expect(
          kept === null || sent === null ? kept === sent : Buffer.from(kept, 'base64').equals(sent),
          each.name,
        ).toBe(true);
      }
    },
  );

  it('the hub is well afterwards, and another tenant sees no dead letter of it', async () => {
    expect(await callApi(hub.url, '/readyz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { body } = await callApi(hub.url, '/v1/deadletters', {
      token: tokenFor({ roles: ['admin'], tenant: 'other' }),
    });
    expect(body).toEqual({ deadLetters: [] });
    await expectUseful(hub);
  });
});
