import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { enginesHere } from '../harness/engines.ts';
import { callApi } from '../harness/hub-api.ts';
import { tokenFor } from '../harness/hub-process.ts';
import type { StreamReader } from '../harness/stream-reader.ts';
import { adminToken, StreamHub, stewardToken, tokenIdOf, urnOf } from '../harness/stream-hub.ts';

describe.each(await enginesHere())('streams on %s', (engine) => {
  const hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine });
  beforeAll(() => hub.start());
  afterEach(() => hub.closeStreams());
  afterAll(() => hub.dispose());

  it('D1 D4 W20: SSE sends each event of a channel under its kind, with nothing between live and the first', async () => {
    const stream = await (await hub.sse({ channel: 'assets' })).live();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(stream.of('subscribed')).toEqual([{ id: 'stream', recovered: false }]);
    await hub.put('one');
    await hub.put('one');
    await stream.until(({ events }) => events.length === 2);
    expect(stream.messages.map(({ event }) => event)).toEqual(['subscribed', 'live', 'enter', 'update']);
    expect(stream.subjects).toEqual([urnOf('one'), urnOf('one')]);
  });

  it('D2 D5 W20: SSE resumes from Last-Event-ID, also after the hub was killed', async () => {
    const first = await (await hub.sse({ channel: 'assets' })).live();
    await first.until(({ lastEventId }) => lastEventId !== '');
    const { lastEventId } = first;
    first.close();
    await hub.put('missed-a');
    await hub.crash();
    await hub.put('missed-b');
    const second = await (await hub.sse({ channel: 'assets' }, { headers: { 'last-event-id': lastEventId } })).live();
    expect(second.of('subscribed')).toEqual([{ id: 'stream', recovered: true }]);
    expect(second.subjects).toEqual([urnOf('missed-a'), urnOf('missed-b')]);
    const other = await hub.sse({ channel: 'alerts' }, { headers: { 'last-event-id': lastEventId } });
    await other.live();
    expect(other.of('subscribed')).toMatchObject([{ recovered: false, reason: 'policy' }]);
  });

  it('D2 W20: NDJSON follows, says where it stands, and goes on after a cursor', async () => {
    const first = await (await hub.lines({ follow: 'true' })).live();
    await hub.put('line-a');
    await first.until(({ subjects, lines: got }) => subjects.length === 1 && 'cursor' in (got.at(-1) ?? {}));
    const { cursor } = first;
    first.close();
    await hub.put('line-b');
    const rest = await hub.lines({ after: cursor });
    await rest.until(({ isOver }) => isOver);
    expect(rest.subjects).toEqual([urnOf('line-b')]);
    expect(rest.lines.at(-1)).toEqual({ cursor: expect.any(String) });
    const followed = await (await hub.lines({ after: rest.cursor, follow: 'true' })).live();
    expect(followed.subjects).toEqual([]);
  });

  it('a view over SSE: a snapshot, then what changes', async () => {
    await hub.put('viewed', { domain: 'views' });
    const stream = await (await hub.sse({ channel: 'domain:views', mode: 'view', shape: 'entity' })).live();
    expect(stream.of('snapshot')).toMatchObject([
      { page: 0, last: true, items: [{ entity: { urn: urnOf('viewed') } }] },
    ]);
    await hub.put('viewed', { domain: 'views', name: 'renamed' });
    // what is in the snapshot may come again
    const isRenamed = { kind: 'update', entity: { name: 'renamed' } };
    await stream.until(
      ({ events }) => events.at(-1)?.['entity'] !== undefined && JSON.stringify(events.at(-1)).includes('renamed'),
    );
    expect(stream.events.at(-1)).toMatchObject(isRenamed);
  });

  it('several subscriptions in one stream say their rooms, and resume together', async () => {
    const subscriptions = JSON.stringify([
      { id: 'a', channel: 'assets' },
      { id: 'b', channel: 'domain:many' },
    ]);
    const stream = await hub.sse({ subscriptions });
    await stream.until(({ lastEventId }) => lastEventId !== '');
    const rooms = new Map(stream.of('subscribed').map(({ id, room }) => [room, id]));
    await hub.put('several', { domain: 'many' });
    await stream.until(({ events }) => events.length === 2);
    expect(stream.events.map(({ room }) => String(rooms.get(room))).toSorted(compareText)).toEqual(['a', 'b']);
    const again = await hub.sse({ subscriptions }, { headers: { 'last-event-id': stream.lastEventId } });
    await again.until(({ lastEventId }) => lastEventId !== '');
    expect(again.of('subscribed')).toMatchObject([{ recovered: true }, { recovered: true }]);
    expect(
      again.events.map(({ kind, room }) => `${String(kind)} ${String(rooms.get(room))}`).toSorted(compareText),
    ).toEqual(['enter a', 'enter b']);
  });

  it('D8: what was hidden meanwhile is only reported as left, and a revoked token ends its streams', async () => {
    const token = tokenFor({ sub: 'vera', roles: ['viewer'] });
    const stream = await (await hub.sse({ channel: 'assets' }, { token })).live();
    await hub.put('secret');
    await stream.until(({ events, lastEventId }) => events.length === 1 && lastEventId !== '');
    await hub.put('secret', { classifications: [{ scheme: 'pii', name: 'email' }], description: 'number 4711' });
    await stream.until(({ events }) => events.length === 2);
    expect(stream.events.at(-1)).toMatchObject({ kind: 'leave' });
    const again = await (
      await hub.sse({ channel: 'assets' }, { token, headers: { 'last-event-id': stream.lastEventId } })
    ).live();
    expect(again.text).not.toContain('4711');
    const revoked = await callApi(hub.url, '/v1/revocations', {
      token: adminToken,
      body: JSON.stringify({ token: tokenIdOf(token) }),
    });
    expect(revoked.status).toBe(201);
    await stream.until(({ isOver }) => isOver);
    expect(stream.of('notice')).toMatchObject([{ code: 'token-revoked' }]);
    expect((await hub.sse({ channel: 'assets' }, { token })).status).toBe(401);
  });

  it('W23: a download has all of one position, and its events go on without a hole', async () => {
    for (let index = 0; index < 40; index++) await hub.put(`copy-${index}`, { domain: 'copied' });
    const filter = JSON.stringify({ domain: 'copied' });
    const accept = { headers: { accept: 'application/x-ndjson' } };
    const copy = await hub.open('/v1/assets', { filter, fields: 'urn,name' }, accept);
    await copy.until(({ isOver }) => isOver);
    const end = copy.lines.at(-1) as { end: boolean; count: number; cursor: string };
    expect(end).toMatchObject({ end: true, count: 40 });
    expect(copy.lines[0]).toMatchObject({ asset: { urn: urnOf('copy-0') } });
    await hub.put('copy-1', { domain: 'copied' });
    await hub.put('elsewhere', { domain: 'other' });
    await hub.put('copy-40', { domain: 'copied' });
    const rest = await (await hub.lines({ filter, after: end.cursor, follow: 'true', shape: 'document' })).live();
    expect(rest.subjects).toEqual([urnOf('copy-1'), urnOf('copy-40')]);
    expect(rest.lines.some((line) => 'gap' in line)).toBe(false);
    const other = await (await hub.lines({ after: end.cursor, follow: 'true' })).live();
    expect(other.lines[0]).toEqual({ gap: 'policy' });
  });

  it('W23: a download that broke off goes on after its last cursor, and other rights or filters do not take it', async () => {
    await hub.putMany('mass', 2500, { domain: 'mass' });
    const query = { filter: JSON.stringify({ domain: 'mass' }), fields: 'urn' };
    const accept = { headers: { accept: 'application/x-ndjson' } };
    const whole = await hub.open('/v1/assets', query, accept);
    await whole.until(({ isOver }) => isOver);
    const urnsOf = (lines: StreamReader['lines']): readonly unknown[] =>
      lines.flatMap((line) => ('asset' in line ? [line] : []));
    expect(whole.lines.at(-1)).toMatchObject({ end: true, count: 2500 });
    const [first, second] = whole.lines.flatMap((line, index) => ('cursor' in line ? [index] : []));
    const half = whole.lines.slice(0, second);
    const after = String(whole.lines[second ?? 0]?.['cursor']);
    expect([first, second].map((index) => urnsOf(whole.lines.slice(0, index)).length)).toEqual([1000, 2000]);
    const rest = await hub.open('/v1/assets', { ...query, after }, accept);
    await rest.until(({ isOver }) => isOver);
    expect([...urnsOf(half), ...urnsOf(rest.lines)]).toEqual(urnsOf(whole.lines));
    expect(rest.lines.at(-1)).toMatchObject({ end: true, count: 2500, cursor: expect.any(String) });
    for (const [other, token] of [
      [{ after }, stewardToken],
      [{ ...query, after }, tokenFor({ roles: ['viewer'] })],
      [{ ...query, after: 'AAAA' }, stewardToken],
    ] as const) {
      const refused = await hub.open('/v1/assets', other, { ...accept, token });
      expect(refused.status).toBe(400);
    }
  });

  it('a history between two times ends by itself', async () => {
    const since = new Date().toISOString();
    await hub.put('then');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const until = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await hub.put('later');
    const past = await hub.lines({ since, until });
    await past.until(({ isOver }) => isOver);
    // from the first record of that time: those that the log has stored with it may come before
    expect([past.subjects.at(-1), past.cursor]).toEqual([urnOf('then'), '']);
  });

  it.each([
    [401, 'unauthenticated', '/v1/stream', { channel: 'assets' }, ''],
    [401, 'unauthenticated', '/v1/events', { follow: 'true' }, ''],
    [401, 'unauthenticated', '/v1/stream', { ticket: 'AAAA' }, stewardToken],
    [400, 'invalid-channel', '/v1/stream', { channel: 'nonsense' }, stewardToken],
    [400, 'invalid-request', '/v1/stream', { channel: 'assets', colour: 'red' }, stewardToken],
    [400, 'invalid-request', '/v1/stream', { channel: 'assets', cursor: 'x' }, stewardToken],
    [400, 'invalid-request', '/v1/stream', { subscriptions: '[]' }, stewardToken],
    [400, 'invalid-json', '/v1/events', { filter: '{', follow: 'true' }, stewardToken],
    [400, 'invalid-request', '/v1/events', {}, stewardToken],
    [400, 'invalid-request', '/v1/events', { follow: 'true', until: '2026-01-01T00:00:00Z' }, stewardToken],
    [400, 'invalid-request', '/v1/events', { follow: 'true', ticket: 'AAAA' }, stewardToken],
  ])('refuses for good with %i %s: %s %o', async (status, code, path, query, token) => {
    const { status: answered, body } = await callApi(
      hub.url,
      `${path}?${new URLSearchParams(query as Record<string, string>).toString()}`,
      { token },
    );
    expect([answered, (body as { code: string }).code]).toEqual([status, code]);
  });
});
