import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import type { AssetDocument, CatalogDocument } from '../../../channels/catalog/document.ts';
import { sha256Text } from '../../../channels/event/hash.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { partitionOf } from '../../../channels/ports/event-log.ts';
import type { CatalogStore } from '../../../channels/ports/catalog-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger, noneIsNewer } from '../../../test/harness/silence.ts';
import { createOutlet } from '../outlet/outlet.ts';
import { outletMetrics } from '../outlet/outlet-metrics.ts';
import { createSocketSink } from '../outlet/socket-sink.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { Gateway } from './gateway.ts';
import { RoomRegistry } from './room-registry.ts';

interface Wire {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly document?: { readonly description: string };
}

let log: MemoryEventLog;
let rooms: RoomRegistry;
let metrics: ReturnType<typeof createMetrics>;
let gateway: Gateway;
let stored: CatalogDocument[];
let storeFaults: number;
let delivered: Wire[];
let notices: string[];
let logStates: string[];
let staleRooms: string[];
const beatMs = 25;
/** Tenants that were told something of their own. */
let told: string[];
let cursors: { readonly cursor: string; readonly after: number }[];
let journal: MemoryEventJournal;
let nowMs: number;
let pending: Promise<void> | undefined;
let publishFault: Error | undefined;

const store = {
  getMany: async (keys: readonly { readonly urn: string }[]) => {
    if (storeFaults-- > 0) throw new HubError('storage-unavailable', 'away');
    return keys.map(({ urn }) => stored.find((document) => document.urn === urn));
  },
} as unknown as CatalogStore;

function create(): Gateway {
  return new Gateway({
    log,
    onNewer: noneIsNewer,
    store,
    rooms,
    metrics,
    logger: silentLogger,
    clock: { now: () => nowMs, elapsedMs: () => nowMs },
    ringMaxBytes: 1e8,
    maxBufferedBytes: 1_048_576,
    ringMaxAgeMs: 60_000,
    journal,
    wireId: (event) => `${event.subject}@${event.data.version}`,
    pending: () => pending,
    sealCursor: ({ vector }) => vector.join('.'),
    outlet: createOutlet([outletMetrics(metrics)]),
    sink: createSocketSink((room, packet) => {
      if (publishFault !== undefined) throw publishFault;
      const [name, message] = JSON.parse(packet.slice(1)) as [string, { readonly events: readonly Wire[] }];
      if (name === 'stale') staleRooms.push(`${room} after ${delivered.length}`);
      else delivered.push(...message.events);
    }),
    cursorEveryMs: beatMs,
    onDelivered: () => undefined,
    onLost: () => undefined,
    publishAll: (packet) => {
      const [name, message] = JSON.parse(packet.slice(1)) as [
        string,
        { readonly code: string; readonly cursor: string },
      ];
      if (name === 'cursor') cursors.push({ cursor: message.cursor, after: delivered.length });
      else notices.push(message.code);
    },
    publishTo: (tenant, packet) => {
      const [, message] = JSON.parse(packet.slice(1)) as [string, { readonly code: string }];
      notices.push(message.code);
      told.push(tenant);
    },
    onLogState: (state) => logStates.push(state),
  });
}

beforeEach(() => {
  log = new MemoryEventLog(2);
  rooms = new RoomRegistry((...parts) => sha256Text(parts.join('|')));
  metrics = createMetrics();
  [stored, storeFaults, delivered, notices, nowMs] = [[], 0, [], [], 1_000_000];
  [staleRooms, cursors, journal, logStates] = [[], [], new MemoryEventJournal(), []];
  log.nowMs = nowMs;
  [pending, publishFault, told] = [undefined, undefined, []];
  gateway = create();
});
afterEach(() => gateway.stop());

const reader = classOf(
  { version: 1, roles: { r: [{ allow: 'read' }, { deny: 'read', where: { domain: 'secret' } }] } },
  { tenant: 'acme', sub: 'a', roles: ['r'], claims: {}, expiresAtMs: 0 },
);
const watchAssets = () => rooms.enter(createSelection('assets'), reader);
const asset = (name: string, version = 1, fields: Partial<AssetDocument> = {}): AssetDocument =>
  sampleAsset('acme', `urn:${name}`, { version, name, ...fields });

function changed(document: AssetDocument, fields: Partial<HubEvent['data']> = {}): HubEvent {
  const event = sampleEvent(document);
  const ops = [{ op: 'replace', path: '/name', new: document.name }] as const;
  return { ...event, data: { ...event.data, after: document, change: { ...event.data.change, ops }, ...fields } };
}

const ids = (): readonly string[] => delivered.map((event) => event.id);

describe('Gateway: records that nobody can work on', () => {
  const foreign = (data: unknown): HubEvent => ({ tenant: 'acme', subject: 'urn:x', data }) as unknown as HubEvent;

  it('R1: are holes that clients are told of, and what follows is delivered', async () => {
    watchAssets();
    await gateway.start();
    await log.append([
      foreign({ version: 1, heads: { before: null, after: null } }),
      foreign({ version: 1, heads: {} }),
      foreign({ version: 1, heads: { before: null, after: 7 } }),
      { ...changed(asset('odd')), recordedtime: 'yesterday' },
      changed(asset('b')),
    ]);
    await eventually(() => expect(ids()).toEqual(['urn:b@1']));
    expect(notices).toEqual(['gap', 'gap', 'gap', 'gap']);
    await log.append([changed(asset('c'))]);
    await eventually(() => expect(ids()).toEqual(['urn:b@1', 'urn:c@1']));
    expect(await gateway.untilReached(await log.ends(), 1000)).toBe(true);
  });

  it('R1: one event that cannot be matched costs itself only', async () => {
    const poisoned = createSelection('assets', { name: { $ne: 'x' } });
    const throwing = { ...poisoned, matches: (head: { readonly name: string }) => head.name.at(-1)!.repeat(-1) !== '' };
    rooms.enter(throwing as unknown as typeof poisoned, reader);
    watchAssets();
    await gateway.start();
    await log.append([changed(asset('a'))]);
    await eventually(() => expect(notices).toEqual(['gap']));
    expect(await gateway.untilReached(await log.ends(), 1000)).toBe(true);
  });

  it('R1, D2: a publish that fails is a hole that clients are told of, and the next tick goes on behind it', async () => {
    watchAssets();
    await gateway.start();
    publishFault = new Error('the engine is gone');
    await log.append([changed(asset('a'))]);
    await eventually(() => expect(notices).toEqual(['gap']));
    publishFault = undefined;
    expect(new Set(told)).toEqual(new Set(['acme']));
    await log.append([changed(asset('b'))]);
    await eventually(() => expect(ids()).toEqual(['urn:b@1']));
  });
});

describe('Gateway: reading the log', { timeout: 30_000 }, () => {
  it('is ready only when what the log held at the start has been processed', async () => {
    await log.append([changed(asset('a')), changed(asset('b'))]);
    log.paused = true;
    let ready = false;
    const started = gateway.start().then(() => (ready = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ready).toBe(false);
    log.paused = false;
    log.wake();
    await started;
    expect(gateway.position.vector).toEqual(await log.ends());
    expect(await gateway.untilReached(await log.ends(), 0)).toBe(true);
  });

  it('D8: sends nothing before it knows what was revoked while it stood still', async () => {
    watchAssets();
    await gateway.start();
    let known: () => void = () => undefined;
    pending = new Promise((resolve) => (known = resolve));
    await log.append([changed(asset('a'))]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ids()).toEqual([]);
    known();
    await eventually(() => expect(ids()).toEqual(['urn:a@1']));
  });

  it('reads back by the age of the ring, at least two minutes, and starts at once on an empty log', async () => {
    log.nowMs = nowMs - 180_000;
    await log.append([changed(asset('old'))]);
    log.nowMs = nowMs;
    watchAssets();
    await gateway.start();
    expect([gateway.ring.bytes, gateway.position.vector]).toEqual([0, await log.ends()]);
    await log.append([changed(asset('new'))]);
    await eventually(() => expect(ids()).toEqual(['urn:new@1']));
  });

  it('D1: publishes in the order of the log and once, however often a record stands there', async () => {
    watchAssets();
    await gateway.start();
    const [v1, v2, v3] = [1, 2, 3].map((version) => changed(asset('a', version))) as [HubEvent, HubEvent, HubEvent];
    await log.append([v1, v2]);
    await log.append([v1, v2, v3, v3]);
    await eventually(async () => expect(gateway.position.vector).toEqual(await log.ends()));
    expect(ids()).toEqual(['urn:a@1', 'urn:a@2', 'urn:a@3']);
  });

  it('moves its vector past a log that holds nothing but repetitions', async () => {
    await log.append([changed(asset('a'))]);
    await gateway.start();
    await log.append([changed(asset('a')), changed(asset('a'))]);
    await eventually(async () => expect(gateway.position.vector).toEqual(await log.ends()));
  });

  it('D2: tells of a gap where somebody else wrote into the log, and goes on behind it', async () => {
    watchAssets();
    await gateway.start();
    const foreign = { tenant: 'acme', subject: 'urn:a' } as HubEvent;
    await log.append([changed(asset('a')), foreign, changed(asset('a', 2))]);
    await eventually(() => expect(ids()).toEqual(['urn:a@1', 'urn:a@2']));
    expect([notices, gateway.position.vector]).toEqual([['gap'], await log.ends()]);
  });

  it('D2: tells of a gap when records are gone, and goes on behind it', async () => {
    watchAssets();
    await gateway.start();
    log.paused = true;
    const events = Array.from({ length: 6 }, (_, i) => changed(asset('a', i + 1)));
    await log.append(events);
    const [partition] = (await log.ends()).flatMap((head, index) => (head > 0 ? [index] : []));
    log.lose(partition!, 4);
    log.paused = false;
    log.wake();
    await eventually(() => expect(ids()).toEqual(['urn:a@5', 'urn:a@6']));
    expect(notices).toEqual(['gap']);
    expect(await metricValue(metrics, 'logGaps')).toBe(1);
  });

  it('D6: reads no further while too much waits, and loses nothing by it', async () => {
    watchAssets();
    await gateway.start();
    const count = 12_000;
    const events = Array.from({ length: count }, (_, i) => changed(asset(`a${i}`)));
    let held = 0;
    const { next } = (await import('./log-reader.ts')).LogReader.prototype;
    vi.spyOn((await import('./log-reader.ts')).LogReader.prototype, 'next').mockImplementation(function (
      this: { readonly queued: number },
      ...args
    ) {
      held = Math.max(held, this.queued);
      return next.apply(this as never, args);
    });
    await log.append(events);
    await eventually(() => expect(delivered).toHaveLength(count));
    vi.restoreAllMocks();
    expect(held).toBeLessThan(8192 + 2 * 100);
    expect(held).toBeGreaterThan(1000);
    expect(new Set(ids()).size).toBe(count);
  });
});

describe('Gateway: a new epoch of the log', { timeout: 30_000 }, () => {
  const versions = (from: number, to: number): readonly HubEvent[] =>
    Array.from({ length: to - from + 1 }, (_, index) => changed(asset('a', from + index)));
  const reached = (epoch: string) =>
    eventually(async () =>
      expect([gateway.position.epoch, gateway.position.vector]).toEqual([epoch, await log.ends()]),
    );

  it('D1: goes on from 0 with its own partitions, and knows what was appended again', async () => {
    watchAssets();
    await gateway.start();
    await log.append(versions(1, 3));
    const { epoch } = await log.beginEpoch({ partitionCount: 3 });
    await log.append(versions(2, 5));
    await reached(epoch);
    expect(gateway.position.vector).toHaveLength(3);
    expect(ids()).toEqual(['urn:a@1', 'urn:a@2', 'urn:a@3', 'urn:a@4', 'urn:a@5']);
    expect(notices).toEqual([]);
  });

  it('publishes what it has read of the old one before its positions begin anew', async () => {
    watchAssets();
    await gateway.start();
    const before = gateway.position.epoch;
    await log.append(Array.from({ length: 3000 }, (_, index) => changed(asset(`a${index}`))));
    const { epoch } = await log.beginEpoch();
    expect(ids().length).toBeLessThan(3000);
    expect(gateway.position.epoch).toBe(before);
    await log.append([changed(asset('last'))]);
    await reached(epoch);
    expect([ids().length, ids().at(-1)]).toEqual([3001, 'urn:last@1']);
  });

  it('D2: tells of a gap when the old one was lost', async () => {
    watchAssets();
    await gateway.start();
    await log.append(versions(1, 2));
    await eventually(() => expect(ids()).toHaveLength(2));
    const { epoch } = await log.nextEpoch({ complete: false });
    await log.append(versions(5, 5));
    await reached(epoch);
    expect([notices, ids().at(-1)]).toEqual([['gap'], 'urn:a@5']);
    expect(await metricValue(metrics, 'logGaps')).toBe(1);
  });

  it('becomes ready in the new one when the old one is lost during the start', async () => {
    await log.append(versions(1, 2));
    log.paused = true;
    const started = gateway.start();
    await eventually(() => expect(gateway.position.epoch).toBe('memory'));
    log.paused = false;
    await log.nextEpoch({ complete: false });
    await started;
    expect(gateway.position.vector).toEqual([0, 0]);
  });
});

describe('Gateway: a log that falls silent', () => {
  it('tells that it is away after 5 s without contact, and when it answers again, each once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await gateway.start();
      const passMs = (ms: number): void => {
        for (let passed = 0; passed < ms; passed += 1000) {
          nowMs += 1000;
          vi.advanceTimersByTime(1000);
        }
      };
      passMs(4000);
      log.contact();
      passMs(4000);
      expect([logStates, gateway.fresh]).toEqual([[], true]);
      passMs(3000);
      expect([logStates, gateway.fresh]).toEqual([['down'], false]);
      log.contact();
      log.contact();
      expect([logStates, gateway.fresh]).toEqual([['down', 'up'], true]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('Gateway: publishing', () => {
  beforeEach(async () => {
    watchAssets();
    await gateway.start();
  });

  it('loads a document that is too large for its event', async () => {
    const large = asset('large', 1, { description: 'from the store' });
    stored.push(large);
    await log.append([changed(large, { after: undefined as never })]);
    await eventually(() =>
      expect(delivered).toMatchObject([{ kind: 'enter', document: { description: 'from the store' } }]),
    );
  });

  it('D8: shows no document that has become hidden since', async () => {
    const first = asset('large', 1);
    stored.push(asset('large', 2, { domain: 'secret', name: 'hidden' }));
    await log.append([changed(first, { after: undefined as never }), changed(asset('other'))]);
    await eventually(() => expect(ids()).toEqual(['urn:other@1']));
  });

  it('shows a newer document that is still visible', async () => {
    stored.push(asset('large', 2, { name: 'newer', description: 'newer' }));
    await log.append([changed(asset('large', 1), { after: undefined as never })]);
    await eventually(() =>
      expect(delivered).toMatchObject([
        { kind: 'enter', entity: { name: 'newer' }, document: { description: 'newer' } },
      ]),
    );
  });

  it('D2: does not wait for a store that is away: rooms that needed a document are told, the others go on', async () => {
    storeFaults = 1;
    const room = watchAssets();
    await log.append([changed(asset('large'), { after: undefined as never }), changed(asset('small'))]);
    await eventually(() => expect(ids()).toEqual(['urn:small@1']));
    // who is cut off in between must not have what comes behind the hole without knowing of the hole
    expect(staleRooms).toEqual([`${room.name} after 0`]);
  });

  it('D3: recognises what stood in the log before the ring begins', async () => {
    const old = { ...changed(asset('a')), recordedtime: new Date(nowMs - 3_600_000).toISOString() };
    const partition = partitionOf('acme', 'urn:a', 2);
    const record = { partition, offset: -1, appendedAtMs: 0, event: old, text: JSON.stringify(old) };
    await journal.write([{ epoch: log.epoch, partition, from: -1, to: 0, records: [record] }]);
    const unknown = { ...changed(asset('b')), recordedtime: old.recordedtime };
    await log.append([old, unknown, changed(asset('a', 2))]);
    await eventually(() => expect(ids().toSorted()).toEqual(['urn:a@2', 'urn:b@1']));
  });

  it('D2: tells a position only behind what it covers', async () => {
    watchAssets();
    await log.append([changed(asset('a'))]);
    const covering = (await log.ends()).join('.');
    await eventually(() => expect(cursors.at(-1)).toEqual({ cursor: covering, after: 1 }));
    for (const { cursor, after } of cursors) expect(after === 1 || cursor !== covering).toBe(true);
  });

  it('P10: tells it as often when nothing happens', async () => {
    const beatsAMs = async (work: (index: number) => Promise<unknown>): Promise<number> => {
      const [soFar, startedMs] = [cursors.length, performance.now()];
      for (let index = 0; index < 12; index++) {
        await work(index);
        await new Promise((resolve) => setTimeout(resolve, beatMs));
      }
      return (cursors.length - soFar) / (performance.now() - startedMs);
    };
    const idle = await beatsAMs(async () => undefined);
    const busy = await beatsAMs((index) => log.append([changed(asset(`b${index}`))]));
    expect(idle).toBeGreaterThan(0);
    expect(busy / idle).toBeGreaterThan(0.4);
    expect(busy / idle).toBeLessThan(2.5);
  });

  it('says nothing of an event that altered nothing (a late message)', async () => {
    const held = asset('a', 2);
    await log.append([
      changed(held, {
        heads: { before: held.head, after: held.head },
        change: { ...changed(held).data.change, ops: [] },
      }),
      changed(asset('b')),
    ]);
    await eventually(() => expect(ids()).toEqual(['urn:b@1']));
  });

  it('counts what it delivered: events times members', async () => {
    watchAssets();
    await log.append([changed(asset('a')), changed(asset('b'))]);
    await eventually(async () => expect(await metricValue(metrics, 'deliveries')).toBe(4));
    expect(delivered).toHaveLength(2);
  });
});
