import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { enginesHere } from '../harness/engines.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { openStream, type StreamOptions, type StreamReader } from '../harness/stream-reader.ts';

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }],
      steward: [{ allow: 'read' }],
      viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
    },
  },
};
const admin = tokenFor({ sub: 'root', roles: ['admin'] });
const steward = tokenFor({ roles: ['steward'] });
const urn = (name: string): string => `urn:gov:bank:${name}`;
const idOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti;

describe.each(await enginesHere())('streams on %s', (engine) => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let round = 0;
  const open: StreamReader[] = [];

  const start = (): Promise<HubProcess> =>
    startHubProcess({
      dataDir: folder.path,
      file,
      environment: { PURSIGHT_WS_ENGINE: engine, PURSIGHT_MAX_BUFFERED_BYTES: '1048576' },
    });
  beforeAll(async () => {
    hub = await start();
  });
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });
  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  const put = async (name: string, asset: object = {}): Promise<void> => {
    const id = `${engine}-${++round}`;
    const data = { asset: { type: 'table', name, description: id, ...asset } };
    const answer = await postCloudEvent(hub.url, 'events', admin, {
      id,
      type: 'gov.asset.updated',
      subject: name,
      data,
    });
    expect(answer).toMatchObject({ status: 200 });
  };
  const opened = async (
    path: string,
    query: Record<string, string>,
    options: StreamOptions = {},
  ): Promise<StreamReader> => {
    const stream = await openStream(hub.url, path, query, { token: steward, ...options });
    open.push(stream);
    return stream;
  };
  const sse = (query: Record<string, string>, options?: StreamOptions): Promise<StreamReader> =>
    opened('/v1/stream', query, options);
  const lines = (query: Record<string, string>, options?: StreamOptions): Promise<StreamReader> =>
    opened('/v1/events', query, options);

  it('D1 D4: SSE sends each event of a channel under its kind, with nothing between live and the first', async () => {
    const stream = await (await sse({ channel: 'assets' })).live();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(stream.of('subscribed')).toEqual([{ id: 'stream', recovered: false }]);
    await put('one');
    await put('one');
    await stream.until(({ events }) => events.length === 2);
    expect(stream.messages.map(({ event }) => event)).toEqual(['subscribed', 'live', 'enter', 'update']);
    expect(stream.subjects).toEqual([urn('one'), urn('one')]);
  });

  it('D2 D5: SSE resumes from Last-Event-ID, also after the hub was killed', async () => {
    const first = await (await sse({ channel: 'assets' })).live();
    await first.until(({ lastEventId }) => lastEventId !== '');
    const { lastEventId } = first;
    first.close();
    await put('missed-a');
    await hub.stop('SIGKILL');
    hub = await start();
    await put('missed-b');
    const second = await (await sse({ channel: 'assets' }, { headers: { 'last-event-id': lastEventId } })).live();
    expect(second.of('subscribed')).toEqual([{ id: 'stream', recovered: true }]);
    expect(second.subjects).toEqual([urn('missed-a'), urn('missed-b')]);
    const other = await sse({ channel: 'alerts' }, { headers: { 'last-event-id': lastEventId } });
    await other.live();
    expect(other.of('subscribed')).toMatchObject([{ recovered: false, reason: 'policy' }]);
  });

  it('D2: NDJSON follows, says where it stands, and goes on after a cursor', async () => {
    const first = await (await lines({ follow: 'true' })).live();
    await put('line-a');
    await first.until(({ subjects, lines: got }) => subjects.length === 1 && 'cursor' in (got.at(-1) ?? {}));
    const { cursor } = first;
    first.close();
    await put('line-b');
    const rest = await lines({ after: cursor });
    await rest.until(({ isOver }) => isOver);
    expect(rest.subjects).toEqual([urn('line-b')]);
    expect(rest.lines.at(-1)).toEqual({ cursor: expect.any(String) });
    const followed = await (await lines({ after: rest.cursor, follow: 'true' })).live();
    expect(followed.subjects).toEqual([]);
  });

  it('a view over SSE: a snapshot, then what changes', async () => {
    await put('viewed', { domain: 'views' });
    const stream = await (await sse({ channel: 'domain:views', mode: 'view', shape: 'entity' })).live();
    expect(stream.of('snapshot')).toMatchObject([{ page: 0, last: true, items: [{ entity: { urn: urn('viewed') } }] }]);
    await put('viewed', { domain: 'views', name: 'renamed' });
    await stream.until(({ events }) => events.length === 1);
    expect(stream.events).toMatchObject([{ kind: 'update', entity: { name: 'renamed' } }]);
  });

  it('several subscriptions in one stream say their rooms, and resume together', async () => {
    const subscriptions = JSON.stringify([
      { id: 'a', channel: 'assets' },
      { id: 'b', channel: 'domain:many' },
    ]);
    const stream = await sse({ subscriptions });
    await stream.until(({ lastEventId }) => lastEventId !== '');
    const rooms = new Map(stream.of('subscribed').map(({ id, room }) => [room, id]));
    await put('several', { domain: 'many' });
    await stream.until(({ events }) => events.length === 2);
    expect(stream.events.map(({ room }) => String(rooms.get(room))).toSorted(compareText)).toEqual(['a', 'b']);
    const again = await sse({ subscriptions }, { headers: { 'last-event-id': stream.lastEventId } });
    await again.until(({ lastEventId }) => lastEventId !== '');
    expect(again.of('subscribed')).toMatchObject([{ recovered: true }, { recovered: true }]);
    expect(
      again.events.map(({ kind, room }) => `${String(kind)} ${String(rooms.get(room))}`).toSorted(compareText),
    ).toEqual(['enter a', 'enter b']);
  });

  it('D8: what was hidden meanwhile is only reported as left, and a revoked token ends its streams', async () => {
    const token = tokenFor({ sub: 'vera', roles: ['viewer'] });
    const stream = await (await sse({ channel: 'assets' }, { token })).live();
    await put('secret');
    await stream.until(({ events, lastEventId }) => events.length === 1 && lastEventId !== '');
    await put('secret', { classifications: [{ scheme: 'pii', name: 'email' }], description: 'number 4711' });
    await stream.until(({ events }) => events.length === 2);
    expect(stream.events.at(-1)).toMatchObject({ kind: 'leave' });
    const again = await (
      await sse({ channel: 'assets' }, { token, headers: { 'last-event-id': stream.lastEventId } })
    ).live();
    expect(again.text).not.toContain('4711');
    const revoked = await callApi(hub.url, '/v1/revocations', {
      token: admin,
      body: JSON.stringify({ token: idOf(token) }),
    });
    expect(revoked.status).toBe(201);
    await stream.until(({ isOver }) => isOver);
    expect(stream.of('notice')).toMatchObject([{ code: 'token-revoked' }]);
    expect((await sse({ channel: 'assets' }, { token })).status).toBe(401);
  });

  it('D2: a download has all of one position, and its events go on without a hole', async () => {
    for (let index = 0; index < 40; index++) await put(`copy-${index}`, { domain: 'copied' });
    const filter = JSON.stringify({ domain: 'copied' });
    const accept = { headers: { accept: 'application/x-ndjson' } };
    const copy = await opened('/v1/assets', { filter, fields: 'urn,name' }, accept);
    await copy.until(({ isOver }) => isOver);
    const end = copy.lines.at(-1) as { end: boolean; count: number; cursor: string };
    expect(end).toMatchObject({ end: true, count: 40 });
    expect(copy.lines[0]).toMatchObject({ asset: { urn: urn('copy-0') } });
    await put('copy-1', { domain: 'copied' });
    await put('elsewhere', { domain: 'other' });
    await put('copy-40', { domain: 'copied' });
    const rest = await (await lines({ filter, after: end.cursor, follow: 'true', shape: 'document' })).live();
    expect(rest.subjects).toEqual([urn('copy-1'), urn('copy-40')]);
    expect(rest.lines.some((line) => 'gap' in line)).toBe(false);
    const other = await (await lines({ after: end.cursor, follow: 'true' })).live();
    expect(other.lines[0]).toEqual({ gap: 'policy' });
  });

  it('a history between two times ends by itself', async () => {
    const since = new Date().toISOString();
    await put('then');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const until = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await put('later');
    const past = await lines({ since, until });
    await past.until(({ isOver }) => isOver);
    // from the first record of that time: those that the log has stored with it may come before
    expect([past.subjects.at(-1), past.cursor]).toEqual([urn('then'), '']);
  });

  it.each([
    [401, 'unauthenticated', '/v1/stream', { channel: 'assets' }, ''],
    [401, 'unauthenticated', '/v1/events', { follow: 'true' }, ''],
    [401, 'unauthenticated', '/v1/stream', { ticket: 'AAAA' }, steward],
    [400, 'invalid-channel', '/v1/stream', { channel: 'nonsense' }, steward],
    [400, 'invalid-request', '/v1/stream', { channel: 'assets', colour: 'red' }, steward],
    [400, 'invalid-request', '/v1/stream', { channel: 'assets', cursor: 'x' }, steward],
    [400, 'invalid-request', '/v1/stream', { subscriptions: '[]' }, steward],
    [400, 'invalid-json', '/v1/events', { filter: '{', follow: 'true' }, steward],
    [400, 'invalid-request', '/v1/events', {}, steward],
    [400, 'invalid-request', '/v1/events', { follow: 'true', until: '2026-01-01T00:00:00Z' }, steward],
    [400, 'invalid-request', '/v1/events', { follow: 'true', ticket: 'AAAA' }, steward],
  ])('refuses for good with %i %s: %s %o', async (status, code, path, query, token) => {
    const { status: answered, body } = await callApi(
      hub.url,
      `${path}?${new URLSearchParams(query as Record<string, string>).toString()}`,
      { token },
    );
    expect([answered, (body as { code: string }).code]).toEqual([status, code]);
  });
});
