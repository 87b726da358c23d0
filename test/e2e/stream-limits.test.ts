import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { tokenFor } from '../harness/hub-process.ts';
import { adminToken, StreamHub, stewardToken, tokenIdOf, urnOf } from '../harness/stream-hub.ts';
import type { StreamReader } from '../harness/stream-reader.ts';

const noToken = { token: '' };
const steward = (sub: string, ttlSeconds = 600): string => tokenFor({ sub, roles: ['steward'], ttlSeconds });

/** Reads a stream of server-sent events up to its first id, and then nothing any more. */
async function stopReading(
  url: string,
  path: string,
  token: string,
): Promise<{ readonly id: string; readonly closed: Promise<void> }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const id = /^id: (\S+)$/m.exec(text)?.[1];
    if (id !== undefined) {
      socket.pause();
      return { id, closed };
    }
  }
  throw new Error(`no id: ${text}`);
}

describe.each(await enginesHere())('limits of streams on %s', (engine) => {
  const hub = new StreamHub({
    PURSIGHT_WS_ENGINE: engine,
    PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '3',
  });
  beforeAll(() => hub.start());
  afterEach(() => hub.closeStreams());
  afterAll(() => hub.dispose());

  it('W22: a ticket opens its stream, as often as it is used, and nothing else', async () => {
    const ticket = await hub.ticket({ channel: 'domain:sealed', mode: 'view', shape: 'entity' }, steward('ticket'));
    await hub.put('sealed', { domain: 'sealed' });
    for (const _ of [1, 2]) {
      const stream = await (await hub.sse({ ticket }, noToken)).live();
      expect(stream.of('snapshot')).toMatchObject([{ items: [{ entity: { urn: urnOf('sealed') } }] }]);
      stream.close();
    }
    const refused = async (query: Record<string, string>, path = '/v1/stream'): Promise<unknown> =>
      (await callApi(hub.url, `${path}?${new URLSearchParams(query).toString()}`)).body;
    expect(await refused({ ticket, channel: 'assets' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ ticket, filter: '{}' })).toMatchObject({ code: 'invalid-request' });
    expect(await refused({ ticket: `${ticket.slice(0, -4)}AAAA` })).toMatchObject({ code: 'unauthenticated' });
    expect(await refused({ ticket, follow: 'true' }, '/v1/events')).toMatchObject({ code: 'unauthenticated' });
    expect(await refused({ token: stewardToken, channel: 'assets' })).toMatchObject({ code: 'unauthenticated' });
    expect((await callApi(hub.url, '/v1/documents', { token: ticket })).status).toBe(401);
    expect(hub.process.log()).not.toContain(ticket.slice(0, 40));
  });

  it('W22: a ticket for nothing that there is, or too large for an address, is not made', async () => {
    const made = (body: object): Promise<{ readonly status: number; readonly body: unknown }> =>
      callApi(hub.url, '/v1/stream-tickets', { token: steward('maker'), body: JSON.stringify(body) });
    expect(await made({ channel: 'nonsense' })).toMatchObject({ status: 400, body: { code: 'invalid-channel' } });
    expect(await made({ channel: 'assets', handle: 'x' })).toMatchObject({ status: 400 });
    const filter = { domain: { $in: Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(80)}`) } };
    expect(await made({ channel: 'assets', filter })).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('P7 W22: a revoked token ends the streams of its tickets, and they open none', async () => {
    const token = steward('gone');
    const ticket = await hub.ticket({ channel: 'assets' }, token);
    const stream = await (await hub.sse({ ticket }, noToken)).live();
    const body = JSON.stringify({ token: tokenIdOf(token) });
    expect((await callApi(hub.url, '/v1/revocations', { token: adminToken, body })).status).toBe(201);
    await stream.until(({ isOver }) => isOver);
    expect(stream.of('notice')).toMatchObject([{ code: 'token-revoked' }]);
    expect((await hub.sse({ ticket }, noToken)).status).toBe(401);
  });

  it('W11: a stream ends with its token, after a notice, and its ticket ends with it, too', async () => {
    const token = steward('short', 2);
    const ticket = await hub.ticket({ channel: 'assets' }, token);
    const [stream, follower] = [await hub.sse({ ticket }, noToken), await hub.lines({ follow: 'true' }, { token })];
    await stream.until(({ isOver }) => isOver);
    await follower.until(({ isOver }) => isOver);
    expect(stream.of('notice')).toMatchObject([{ code: 'token-expired' }]);
    expect(follower.lines.at(-1)).toMatchObject({ notice: { code: 'token-expired' } });
    expect((await hub.sse({ ticket }, noToken)).status).toBe(401);
  });

  it('L1 W21: streams count as connections, and a refusal that passes tells a browser when to come back', async () => {
    const token = steward('many');
    const streams: StreamReader[] = [];
    for (const _ of [1, 2, 3]) streams.push(await (await hub.sse({ channel: 'assets' }, { token })).live());
    const refused = await hub.sse({ channel: 'assets' }, { token });
    await refused.until(({ isOver }) => isOver);
    expect([refused.status, refused.retryMs]).toEqual([200, 5000]);
    expect(refused.of('refused')).toMatchObject([{ code: 'too-many-connections', retryable: true }]);
    const line = await callApi(hub.url, '/v1/events?follow=true', { token });
    expect(line).toMatchObject({ status: 429, body: { code: 'too-many-connections' } });
    const { body } = await callApi(hub.url, '/v1/sessions', { token: adminToken });
    const mine = (body as { sessions: { id: string; sub: string }[] }).sessions.filter(({ sub }) => sub === 'many');
    expect(mine).toHaveLength(3);
    await callApi(hub.url, `/v1/sessions/${mine[0]?.id}/disconnect`, { token: adminToken, method: 'POST' });
    await eventually(() => expect(streams.filter(({ isOver }) => isOver)).toHaveLength(1));
    await eventually(async () => {
      const again = await hub.sse({ channel: 'assets' }, { token });
      expect((await again.live()).status).toBe(200);
    });
  });

  it('D6: a reader that stops is closed and counted, others get everything, and it resumes', async () => {
    const token = steward('slow');
    const healthy = await (
      await hub.sse({ channel: 'domain:big', shape: 'document' }, { token: steward('healthy') })
    ).live();
    const slow = await stopReading(hub.url, '/v1/stream?channel=domain:big&shape=document', token);
    const before = await hub.metric('slow_consumer_closes_total');
    const rounds = 120;
    for (let round = 0; round < rounds; round++)
      await hub.put(`big-${round % 3}`, { domain: 'big', description: `${round} ${'x'.repeat(60_000)}` });
    await healthy.until(({ events }) => events.length === rounds, 30_000);
    await eventually(async () => expect(await hub.metric('slow_consumer_closes_total')).toBe(before + 1), {
      timeoutMs: 20_000,
    });
    const again = await hub.sse({ channel: 'domain:big', shape: 'document', lastEventId: slow.id }, { token });
    await again.live();
    expect(again.of('subscribed')).toMatchObject([{ recovered: true }]);
    expect(again.events.map(({ id }) => id)).toEqual(healthy.events.map(({ id }) => id));
  }, 120_000);

  it('W23: a download waits for a reader that pauses, and is whole', async () => {
    await hub.putMany('heavy', 1500, { domain: 'heavy', description: 'x'.repeat(10_000) });
    const query = new URLSearchParams({ filter: JSON.stringify({ domain: 'heavy' }) }).toString();
    const headers = { authorization: `Bearer ${stewardToken}`, accept: 'application/x-ndjson' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${hub.url}/v1/assets?${query}`, { headers }, resolve).on('error', reject);
    });
    response.pause();
    await pause(4000);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: true, count: 1500 });
    expect(lines.filter((line) => line.startsWith('{"asset"'))).toHaveLength(1500);
  }, 60_000);

  it('W21: a node that stops says when to come back', async () => {
    const stream = await (await hub.sse({ channel: 'assets' })).live();
    const follower = await (await hub.lines({ follow: 'true' })).live();
    await hub.process.stop();
    await stream.until(({ isOver }) => isOver);
    await follower.until(({ isOver }) => isOver);
    expect([stream.of('notice'), stream.retryMs]).toMatchObject([[{ code: 'shutting-down' }], 500]);
    expect(follower.lines.at(-1)).toMatchObject({ notice: { code: 'shutting-down', retryAfterMs: 500 } });
    await hub.start();
  });
});
