import { describe, expect, it } from 'vitest';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { WireEvent } from '../../../channels/protocol/down.ts';
import { headWith } from '../heads.ts';
import { type Listener, listenersOf } from '../reconcile/listener.ts';
import type { FeedRecord } from './chaos-client.ts';
import { Excuses, type PlacedEvent } from './excuses.ts';

const policy = {
  version: 1,
  roles: { open: [{ allow: 'read' as const }, { deny: 'read' as const, where: { domain: 'secret' } }] },
};
const plan = { name: 'one', tenant: 'acme', sub: 'one', roles: ['open'], claims: {} };
const [listener] = listenersOf({ ...plan, subscriptions: [{ channel: 'assets' }] }, policy) as [Listener];

/** Version n of one entity, at offset n, appended at second n. */
function placedAt(version: number, domain = 'sales', partition = 0): PlacedEvent {
  const event = { subject: 'urn:a', data: { version, heads: { before: null, after: headWith({ domain }) } } };
  const place = { partition, offset: version, appendedAtMs: version * 1000 };
  return { event: event as unknown as HubEvent, place, lastPlace: place };
}

function excused(
  history: readonly PlacedEvent[],
  { got, gaps = [], liveAtMs = [0] }: { got: readonly number[]; gaps?: FeedRecord['gaps']; liveAtMs?: number[] },
): readonly number[] {
  const placed = new Map(history.map((each) => [`id-${each.event.data.version}`, each]));
  const events = got.map((version) => ({ id: `id-${version}` }) as WireEvent);
  const excuses = new Excuses({
    listener,
    record: { events, atMs: [], gaps, liveAtMs },
    placed,
    historyOf: () => history,
  });
  return history
    .map(({ event }) => event.data.version)
    .filter((version) => excuses.covers({ id: `id-${version}`, subject: 'urn:a', version }));
}

const five = [1, 2, 3, 4, 5].map((version) => placedAt(version));

describe('an excuse for what is missing', () => {
  it('is there for nothing without a gap, also after a reconnect', () => {
    expect(excused(five, { got: [1, 5], liveAtMs: [0, 4000] })).toEqual([]);
  });

  it('nothing is due from before the client was live for the first time', () => {
    expect(excused(five, { got: [4, 5], liveAtMs: [2500] })).toEqual([1, 2]);
    expect(excused(five, { got: [], liveAtMs: [] })).toEqual([]);
  });

  it('a gap covers exactly what lies between its neighbours', () => {
    const gaps = [{ index: 2, reason: 'coverage', atMs: 4000 }];
    expect(excused(five, { got: [1, 2, 4, 5], gaps })).toEqual([3]);
    expect(excused(five, { got: [1, 3, 4, 5], gaps })).toEqual([]);
  });

  it('one that was appended again may come behind the gap, and excuses those around it all the same', () => {
    const again = { partition: 0, offset: 9, appendedAtMs: 9000 };
    const history = five.map((each, index) => (index === 2 ? { ...each, lastPlace: again } : each));
    expect(excused(history, { got: [1, 3], gaps: [{ index: 1, reason: 'unavailable', atMs: 6000 }] })).toEqual([
      2, 3, 4, 5,
    ]);
  });

  it('a gap excuses nothing that came into the log after it was told', () => {
    const ten = [...five, ...[6, 7, 8, 9, 10].map((version) => placedAt(version))];
    expect(excused(ten, { got: [1], gaps: [{ index: 1, reason: 'coverage', atMs: 3000 }] })).toEqual([2, 3, 4, 5]);
  });

  it('a gap counts for each partition by itself', () => {
    const history = [placedAt(1), placedAt(2), placedAt(3, 'sales', 1), placedAt(4, 'sales', 1), placedAt(5)];
    const gaps = [{ index: 1, reason: 'coverage', atMs: 6000 }];
    expect(excused(history, { got: [1, 5], gaps })).toEqual([2, 3, 4]);
    expect(excused(history, { got: [4, 5], gaps })).toEqual([1, 2]);
  });

  it('what was hidden before the client came back need not be told any more; what was hidden later must', () => {
    const hidden = [placedAt(1), placedAt(2), placedAt(3, 'secret'), placedAt(8)];
    expect(excused(hidden, { got: [8], liveAtMs: [0, 4000] })).toEqual([1, 2, 3]);
    expect(excused(hidden, { got: [8], liveAtMs: [0] })).toEqual([]);
    expect(excused([...hidden, placedAt(9, 'secret')], { got: [], liveAtMs: [0, 4000] })).toEqual([1, 2, 3]);
  });
});
