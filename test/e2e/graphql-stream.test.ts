import { createClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { tokenFor } from '../harness/hub-process.ts';
import { StreamReader } from '../harness/stream-reader.ts';
import { StreamHub, stewardToken, urnOf } from '../harness/stream-hub.ts';

const query = `subscription ($channel: String!) {
  changes(channel: $channel, shape: ENTITY) { kind subject entity changes reason } }`;

describe.each(await enginesHere())('GraphQL subscriptions on %s', (engine) => {
  const hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine });
  const open: StreamReader[] = [];
  beforeAll(() => hub.start());
  afterEach(() => {
    for (const reader of open.splice(0)) reader.close();
  });
  afterAll(() => hub.dispose());

  async function subscribe(channel: string, token = stewardToken, headers: object = {}): Promise<StreamReader> {
    const abort = new AbortController();
    const response = await fetch(`${hub.url}/graphql/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables: { channel } }),
      signal: abort.signal,
    });
    const reader = new StreamReader(response, abort);
    open.push(reader);
    return reader;
  }

  it('S9 each sees what its rights allow, in the shape that it asked for', async () => {
    const viewerToken = tokenFor({ sub: 'vera', roles: ['viewer'] });
    const [steward, viewer] = [await subscribe('assets'), await subscribe('assets', viewerToken)];
    for (const reader of [steward, viewer]) await reader.until(({ lastEventId }) => lastEventId !== '');
    await hub.put('plain');
    await hub.put('secret', { classifications: [{ scheme: 'pii', name: 'email' }] });
    await hub.put('last');
    for (const reader of [steward, viewer]) await reader.until(({ text }) => text.includes(urnOf('last')));
    const seen = (reader: StreamReader): readonly unknown[] =>
      reader.of('next').map(({ data }) => (data as { changes: { subject: string } }).changes.subject);
    expect(seen(steward)).toEqual([urnOf('plain'), urnOf('secret'), urnOf('last')]);
    expect(seen(viewer)).toEqual([urnOf('plain'), urnOf('last')]);
    expect(viewer.text).not.toContain('secret');
    expect(steward.of('next')[0]).toMatchObject({
      data: { changes: { kind: 'enter', subject: urnOf('plain'), entity: { name: 'plain' }, reason: null } },
    });
  });

  it('D2 S9 who sends the id back misses nothing, also after the hub was killed', async () => {
    const first = await subscribe('assets');
    await first.until(({ lastEventId }) => lastEventId !== '');
    const { lastEventId } = first;
    first.close();
    await hub.put('missed-a');
    await hub.crash();
    await hub.put('missed-b');
    const second = await subscribe('assets', stewardToken, { 'last-event-id': lastEventId });
    await second.until(({ text }) => text.includes(urnOf('missed-b')));
    expect(second.of('next')).toMatchObject([
      { data: { changes: { subject: urnOf('missed-a') } } },
      { data: { changes: { subject: urnOf('missed-b') } } },
    ]);
  });

  it('S9 a client of the protocol gets results, and the errors of what it cannot have', async () => {
    const client = createClient({
      url: `${hub.url}/graphql/stream`,
      headers: { authorization: `Bearer ${stewardToken}` },
      retryAttempts: 0,
    });
    const subjects: unknown[] = [];
    const stop = client.subscribe<{ changes: { subject: string } }>(
      { query, variables: { channel: 'assets' } },
      { next: ({ data }) => subjects.push(data?.changes.subject), error: () => undefined, complete: () => undefined },
    );
    await eventually(async () => {
      await hub.put('polled');
      expect(subjects).toContain(urnOf('polled'));
    });
    stop();
    const refused = (body: object, token = stewardToken) =>
      callApi(hub.url, '/graphql/stream', { token, body: JSON.stringify(body) });
    expect(await refused({ query, variables: { channel: 'nothing' } })).toMatchObject({
      status: 400,
      body: { code: 'invalid-channel' },
    });
    for (const wrong of [
      '{ me { sub } }',
      'subscription { changes { kind } }',
      'subscription { changes(channel: 7) { kind } }',
      'x',
    ])
      expect(await refused({ query: wrong }), wrong).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(await refused({ query, variables: { channel: 'assets' } }, 'x.y.z')).toMatchObject({ status: 401 });
  });

  it('S9 the end of the token ends it, with the reason', async () => {
    const reader = await subscribe('assets', tokenFor({ roles: ['steward'], ttlSeconds: 2 }));
    await reader.until(({ isOver }) => isOver, 20_000);
    expect(reader.of('next')).toMatchObject([{ data: null, errors: [{ extensions: { code: 'token-expired' } }] }]);
    expect(reader.text).toMatch(/event: complete\ndata:\n\n/);
  });
});
