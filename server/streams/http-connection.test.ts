import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeHttpStream } from '../../test/harness/fake-http-stream.ts';
import { packetText, ReplayContent, ReplayPacket, SnapshotPacket } from '../transport/packet.ts';
import { HttpConnection } from './http-connection.ts';
import { ndjson, ndjsonUntil } from './ndjson-format.ts';
import { plainSse, roomySse } from './sse-format.ts';
import type { StreamFormat } from './stream-format.ts';
import { StreamMembers } from './stream-members.ts';
import { parsePosition } from './stream-position.ts';

const members = new StreamMembers();
let slow: string[];
let stream: FakeHttpStream;

interface Opened {
  readonly format?: StreamFormat;
  readonly ids?: readonly string[];
  readonly follows?: boolean;
}

function open({ format = plainSse, ids = ['s'], follows = true }: Opened = {}): HttpConnection {
  stream = new FakeHttpStream();
  return new HttpConnection({
    ...{ id: 'c1', address: '10.0.0.1', stream, format, subscriptions: ids, follows, oftenPlaced: false, members },
    cursor: () => 'now',
    maxBufferedBytes: 1000,
    onSlowConsumer: (id) => slow.push(id),
  });
}

const subscribed = (id = 's', room = 'r1'): object => ({ id, room, handle: `h-${id}`, cursor: 'c0', recovered: false });
const enter = '{"kind":"enter","id":"e1","subject":"u:\\"kind\\":\\"x","recordedtime":"2026-01-01T00:00:00.000Z"}';
const leave = '{"id":"e2","subject":"u","recordedtime":"2026-01-02T00:00:00.000Z","kind":"leave","reason":"left"}';
const refusal = (retryable: boolean): object => ({ id: 's', error: { code: 'not-ready', message: 'm', retryable } });

beforeEach(() => {
  slow = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
  expect(members.size).toBe(0);
});

describe('server-sent events', () => {
  it('W20: each event is a message of its kind, and the position follows what it covers', () => {
    const connection = open();
    connection.send('subscribed', subscribed());
    connection.sendPacket(new ReplayPacket('s', new ReplayContent([enter, leave], 'c1')));
    connection.send('live', { id: 's' });
    connection.send('cursor', { cursor: 'c2' });
    expect(stream.text.split('\n\n').slice(0, -1)).toEqual([
      'event: subscribed\ndata: {"id":"s","recovered":false}',
      `event: enter\ndata: ${enter}`,
      `event: leave\ndata: ${leave}`,
      'id: c1~h-s',
      'event: live\ndata: {"id":"s"}',
      'id: now~h-s',
      'id: c2~h-s',
    ]);
  });

  it('W20: no position before all subscriptions are live: it would pass over what one of them misses', () => {
    const connection = open({ format: roomySse, ids: ['a', 'b'] });
    connection.send('subscribed', subscribed('a', 'ra'));
    connection.send('live', { id: 'a' });
    connection.send('cursor', { cursor: 'c1' });
    connection.send('subscribed', subscribed('b', 'rb'));
    connection.sendPacket(new ReplayPacket('b', new ReplayContent([leave], 'c1')));
    connection.send('cursor', { cursor: 'c2' });
    expect(stream.text).not.toContain('id: ');
    expect(stream.text).toContain('"room":"rb","id":"e2"');
    connection.send('live', { id: 'b' });
    const [, position = ''] = /^id: (.*)$/m.exec(stream.text) ?? [];
    expect(parsePosition(position)).toEqual({ cursor: 'now', handles: ['h-a', 'h-b'] });
  });

  it('an id that is too long for a header is a message', () => {
    const connection = open();
    connection.send('subscribed', subscribed());
    connection.send('live', { id: 's' });
    connection.send('cursor', { cursor: 'x'.repeat(4000) });
    expect(stream.text.split('\n\n').at(-2)).toMatch(/^event: position\ndata: \{"lastEventId":"x{4000}~h-s"\}$/);
  });

  it('W21: what may be there again ends the stream before its place is lost; what is refused for good slows retries', () => {
    open().send('ended', refusal(true));
    expect([stream.text, stream.ended]).toEqual([expect.stringContaining('retry: 1000\n\n'), 'end']);
    open().send('ended', refusal(false));
    expect([stream.text, stream.ended]).toEqual([expect.stringContaining('retry: 30000\n\n'), 'end']);
    const several = open({ format: roomySse, ids: ['s', 'b'] });
    several.send('subscribed', subscribed('b'));
    several.send('ended', refusal(false));
    several.send('live', { id: 'b' });
    expect([stream.ended, stream.text]).toEqual([undefined, expect.stringContaining('id: now~~h-b\n\n')]);
  });

  it('W21: a stream of a node that stops ends at its time, and then comes back at once', () => {
    const connection = open();
    connection.send('goaway', { deadlineMs: 4000, reconnectInMs: 1500 });
    vi.advanceTimersByTime(1499);
    expect(stream.ended).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect([stream.ended, stream.text]).toEqual(['end', expect.stringMatching(/retry: 100\n\n$/)]);
  });

  it('a notice with a time sets when to come back', () => {
    open().send('notice', { code: 'shutting-down', message: 'm', retryAfterMs: 500 });
    expect(stream.text).toBe(
      'retry: 500\n\nevent: notice\ndata: {"code":"shutting-down","message":"m","retryAfterMs":500}\n\n',
    );
  });

  it('D6: it is closed when its client takes nothing, and told to be slow once', () => {
    const connection = open();
    stream.pendingBytes = 1001;
    connection.write('x');
    connection.write('y');
    expect([slow, stream.ended, stream.text]).toEqual([['c1'], 'abort', 'x']);
  });

  it('a quiet stream gets a comment, another does not', () => {
    const connection = open();
    connection.beat();
    connection.beat();
    expect(stream.text).toBe(':\n\n');
    connection.write('x');
    connection.beat();
    expect(stream.text).toBe(':\n\nx');
  });

  it('a page of a view names its room where there are several', () => {
    const connection = open({ format: roomySse, ids: ['s', 'b'] });
    connection.send('subscribed', subscribed());
    connection.sendPacket(new SnapshotPacket('s', 0, ['{"a":1}'], true));
    expect(stream.text).toContain(
      'event: snapshot\ndata: {"room":"r1","id":"s","page":0,"items":[{"a":1}],"last":true}',
    );
  });
});

describe('lines of JSON', () => {
  const lines = (): readonly unknown[] =>
    stream.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);

  it('W20: events, where it stands, and what is missing', () => {
    const connection = open({ format: ndjson });
    connection.send('subscribed', { ...subscribed(), reason: 'coverage' });
    connection.send('live', { id: 's' });
    connection.sendPacket({ text: packetText('notice', { code: 'gap', message: 'm' }), bytes: new Uint8Array() });
    connection.send('stale', { room: 'r1' });
    expect(lines()).toEqual([
      { gap: 'coverage' },
      { live: true },
      { cursor: 'now~h-s' },
      { gap: 'lost' },
      { gap: 'stale' },
    ]);
  });

  it('ends with its cursor where it does not follow, without one where later events were left out', () => {
    const past = (format: StreamFormat): void => {
      const connection = open({ format, follows: false });
      connection.send('subscribed', subscribed());
      connection.sendPacket(new ReplayPacket('s', new ReplayContent([enter, leave], 'c1')));
      connection.send('live', { id: 's' });
    };
    past(ndjson);
    expect([lines().at(-1), stream.ended]).toEqual([{ cursor: 'now~h-s' }, 'end']);
    past(ndjsonUntil('2026-01-02T00:00:00.000Z'));
    expect([lines(), stream.ended]).toEqual([[JSON.parse(enter)], 'end']);
  });
});

describe('the members of a room', () => {
  it('get bytes that are made once for each format, until they leave', () => {
    const one = open();
    const [first] = [stream];
    const other = open();
    one.join('r');
    other.join('r');
    members.events('r', [enter]);
    expect(first.chunks[0]).toBe(stream.chunks[0]);
    expect(first.text).toBe(`event: enter\ndata: ${enter}\n\n`);
    other.leave('r');
    first.close();
    members.events('r', [enter]);
    expect([first.chunks, stream.chunks].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('hear what is for every connection', () => {
    const connection = open();
    connection.send('subscribed', subscribed());
    connection.send('live', { id: 's' });
    members.all(packetText('cursor', { cursor: 'c9' }));
    expect(stream.text).toMatch(/id: c9~h-s\n\n$/);
  });
});
