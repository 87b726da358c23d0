import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import type { AssetDocument, CatalogDocument } from '../../channels/catalog/document.ts';
import { sha256Text } from '../../channels/event/hash.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { classOf } from '../../channels/policy/policy-class.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import { createMetrics } from '../observability/metrics.ts';
import { Gateway } from './gateway.ts';
import { RoomRegistry } from './room-registry.ts';

interface Wire {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly document?: { readonly name: string };
}

let log: MemoryEventLog;
let rooms: RoomRegistry;
let metrics: ReturnType<typeof createMetrics>;
let gateway: Gateway;
let stored: CatalogDocument[];
let storeFaults: number;
let delivered: Wire[];
let notices: string[];
let nowMs: number;

const store = {
  getMany: async (keys: readonly { readonly urn: string }[]) => {
    if (storeFaults-- > 0) throw new HubError('storage-unavailable', 'away');
    return keys.map(({ urn }) => stored.find((document) => document.urn === urn));
  },
} as unknown as CatalogStore;

function create(): Gateway {
  return new Gateway({
    log,
    store,
    rooms,
    metrics,
    logger: silentLogger,
    clock: { now: () => nowMs },
    ringMaxBytes: 1e8,
    maxBufferedBytes: 1_048_576,
    ringMaxAgeMs: 60_000,
    wireId: (event) => `${event.subject}@${event.data.version}`,
    publish: (_room, packet) =>
      delivered.push(...(JSON.parse(packet.slice(1)) as [string, { readonly events: readonly Wire[] }])[1].events),
    notify: (code) => notices.push(code),
  });
}

beforeEach(() => {
  log = new MemoryEventLog(2);
  rooms = new RoomRegistry((...parts) => sha256Text(parts.join('|')));
  metrics = createMetrics();
  [stored, storeFaults, delivered, notices, nowMs] = [[], 0, [], [], 1_000_000];
  log.nowMs = nowMs;
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
    expect(gateway.vector).toEqual(await log.heads());
    expect(gateway.hasReached(await log.heads())).toBe(true);
  });

  it('reads back by the age of the ring only, and starts at once on an empty log', async () => {
    log.nowMs = nowMs - 120_000;
    await log.append([changed(asset('old'))]);
    log.nowMs = nowMs;
    watchAssets();
    await gateway.start();
    expect([gateway.ringBytes, gateway.vector]).toEqual([0, await log.heads()]);
    await log.append([changed(asset('new'))]);
    await eventually(() => expect(ids()).toEqual(['urn:new@1']));
  });

  it('D1: publishes in the order of the log and once, however often a record stands there', async () => {
    watchAssets();
    await gateway.start();
    const [v1, v2, v3] = [1, 2, 3].map((version) => changed(asset('a', version))) as [HubEvent, HubEvent, HubEvent];
    await log.append([v1, v2]);
    await log.append([v1, v2, v3, v3]);
    await eventually(async () => expect(gateway.vector).toEqual(await log.heads()));
    expect(ids()).toEqual(['urn:a@1', 'urn:a@2', 'urn:a@3']);
  });

  it('moves its vector past a log that holds nothing but repetitions', async () => {
    await log.append([changed(asset('a'))]);
    await gateway.start();
    await log.append([changed(asset('a')), changed(asset('a'))]);
    await eventually(async () => expect(gateway.vector).toEqual(await log.heads()));
  });

  it('D2: tells of a gap when records are gone, and goes on behind it', async () => {
    watchAssets();
    await gateway.start();
    log.paused = true;
    const events = Array.from({ length: 6 }, (_, i) => changed(asset('a', i + 1)));
    await log.append(events);
    const [partition] = (await log.heads()).flatMap((head, index) => (head > 0 ? [index] : []));
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

describe('Gateway: a log that falls silent', () => {
  it('tells stale after 5 s without contact, fresh when it answers again, each once', async () => {
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
      expect([notices, gateway.fresh]).toEqual([[], true]);
      passMs(3000);
      expect([notices, gateway.fresh]).toEqual([['stale'], false]);
      log.contact();
      log.contact();
      expect([notices, gateway.fresh]).toEqual([['stale', 'fresh'], true]);
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
    const large = asset('large', 1, { name: 'from the store' });
    stored.push(large);
    await log.append([changed(large, { after: undefined as never })]);
    await eventually(() => expect(delivered).toMatchObject([{ kind: 'enter', document: { name: 'from the store' } }]));
  });

  it('D8: shows no document that has become hidden since', async () => {
    const first = asset('large', 1);
    stored.push(asset('large', 2, { domain: 'secret', name: 'hidden' }));
    await log.append([changed(first, { after: undefined as never }), changed(asset('other'))]);
    await eventually(() => expect(ids()).toEqual(['urn:other@1']));
  });

  it('shows a newer document that is still visible', async () => {
    stored.push(asset('large', 2, { name: 'newer' }));
    await log.append([changed(asset('large', 1), { after: undefined as never })]);
    await eventually(() => expect(delivered).toMatchObject([{ kind: 'enter', document: { name: 'newer' } }]));
  });

  it('waits for a store that is away and then publishes everything, once and in order', async () => {
    storeFaults = 2;
    stored.push(asset('large'));
    await log.append([changed(asset('large'), { after: undefined as never })]);
    await log.append([
      changed(asset('large', 2), { heads: { before: asset('large').head, after: asset('large', 2).head } }),
    ]);
    await eventually(() => expect(ids()).toEqual(['urn:large@1', 'urn:large@2']));
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
