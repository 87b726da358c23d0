import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import { type HubProcess, tokenFor } from '../harness/hub-process.ts';
import { openStream, type StreamOptions, type StreamReader } from '../harness/stream-reader.ts';
import { describeWithServices } from '../setup/services.ts';

const token = tokenFor({ sub: 'ada', roles: ['steward'] });
const urnOf = (name: string): string => `urn:gov:bank:${name}`;

describeWithServices(['kafka', 'mongo', 'redis'], 'streams of two nodes', (urls) => {
  let cluster: HubCluster;
  let one: HubProcess;
  let two: HubProcess;
  const open: StreamReader[] = [];

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'streams' });
    one = await cluster.start('one', { PURSIGHT_DRAIN_MS: '4000' });
    two = await cluster.start('two');
  });
  afterAll(async () => {
    for (const stream of open) stream.close();
    await cluster?.dispose();
  });

  const stream = async (
    hub: HubProcess,
    path: string,
    query: Record<string, string>,
    options: StreamOptions = {},
  ): Promise<StreamReader> => {
    const opened = await openStream(hub.url, path, query, { token, ...options });
    open.push(opened);
    return opened;
  };
  const put = async (name: string): Promise<void> => {
    const data = { asset: { type: 'table', name } };
    const event = { id: name, type: 'gov.asset.updated', subject: name, data };
    expect(await postCloudEvent(two.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('W20 W23: another node goes on where a stream, lines or a download of the first ended', async () => {
    const events = await (await stream(one, '/v1/stream', { channel: 'assets' })).live();
    const lines = await (await stream(one, '/v1/events', { follow: 'true' })).live();
    await put('copied');
    // the id and the cursor behind it
    await events.until(({ text }) => text.includes('copied') && text.lastIndexOf('\nid: ') > text.indexOf('copied'));
    await lines.until(({ text }) => text.includes('copied') && text.lastIndexOf('"cursor"') > text.indexOf('copied'));
    const download = await stream(one, '/v1/assets', {}, { headers: { accept: 'application/x-ndjson' } });
    await download.until(({ isOver }) => isOver);
    expect(download.lines.at(-1)).toMatchObject({ end: true, count: 1 });
    for (const each of [events, lines]) each.close();
    for (const name of ['a', 'b', 'c']) await put(name);
    const headers = { 'last-event-id': events.lastEventId };
    const resumed = await (await stream(two, '/v1/stream', { channel: 'assets' }, { headers })).live();
    expect(resumed.of('subscribed')).toMatchObject([{ recovered: true }]);
    const after = await (await stream(two, '/v1/events', { after: lines.cursor, follow: 'true' })).live();
    const followed = await (await stream(two, '/v1/events', { after: download.cursor, follow: 'true' })).live();
    for (const each of [resumed, after, followed]) {
      expect(each.subjects.map(String).toSorted(compareText)).toEqual(['a', 'b', 'c'].map(urnOf));
      expect(each.lines.some((line) => 'gap' in line)).toBe(false);
    }
  });

  it('D7 W21: a node that drains moves its streams, which miss nothing', async () => {
    const [first, second] = [
      await (await stream(one, '/v1/stream', { channel: 'assets' })).live(),
      await (await stream(one, '/v1/events', { follow: 'true' })).live(),
    ];
    const stopped = one.stop();
    await first.until(({ isOver }) => isOver);
    await second.until(({ isOver }) => isOver);
    expect(first.of('goaway')).toMatchObject([{ reconnectInMs: expect.any(Number) }]);
    expect(first.retryMs).toBe(100);
    await put('meanwhile');
    const headers = { 'last-event-id': first.lastEventId };
    const resumed = await (await stream(two, '/v1/stream', { channel: 'assets' }, { headers })).live();
    const after = await (await stream(two, '/v1/events', { after: second.cursor, follow: 'true' })).live();
    expect([resumed.subjects.at(-1), after.subjects.at(-1)]).toEqual([urnOf('meanwhile'), urnOf('meanwhile')]);
    expect(await stopped).toBe(0);
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'a log with 256 partitions', (urls) => {
  let cluster: HubCluster;
  let hub: HubProcess;
  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'streams-wide', partitions: 256 });
    // the first start makes the topic: some of so many partitions may not have a leader in time
    hub = await cluster.start('one').catch(() => cluster.start('one'));
  }, 60_000);
  afterAll(() => cluster?.dispose());

  it('W20: a position that does not fit into a header goes on in the address', { timeout: 60_000 }, async () => {
    const open = (path: string, query: Record<string, string>, headers = {}): Promise<StreamReader> =>
      openStream(hub.url, path, query, { token, headers });
    const first = await (await open('/v1/stream', { channel: 'assets' })).live();
    await first.until(({ messages }) => messages.some(({ event }) => event === 'position'));
    const lastEventId = String(first.of('position').at(-1)?.['lastEventId']);
    expect([lastEventId.length > 4096, first.lastEventId]).toEqual([true, '']);
    const line = await (await open('/v1/events', { follow: 'true' })).live();
    await line.until(({ cursor }) => cursor !== '');
    const copy = await open('/v1/assets', {}, { accept: 'application/x-ndjson' });
    await copy.until(({ isOver }) => isOver);
    for (const each of [first, line]) each.close();
    const data = { asset: { type: 'table', name: 'missed' } };
    const event = { id: 'missed', type: 'gov.asset.updated', subject: 'missed', data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
    const again = await (await open('/v1/stream', { channel: 'assets', lastEventId })).live();
    await again.until(({ events }) => events.length === 1);
    expect(again.of('subscribed')).toMatchObject([{ recovered: true }]);
    again.close();
    for (const after of [line.cursor, copy.cursor]) {
      const rest = await (await open('/v1/events', { after, follow: 'true' })).live();
      await rest.until(({ events }) => events.length === 1);
      expect(rest.lines.some((each) => 'gap' in each)).toBe(false);
      rest.close();
    }
  });
});
