import { beforeAll, describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../channels/protocol/down.ts';
import { createOpaqueIds, firstIdKey } from '../../../server/sealing/opaque-ids.ts';
import { revealed } from '../../../channels/wire/revealed.ts';
import { carriedDocument, type ShownDocument } from '../../../channels/wire/wire-event.ts';
import { applyChange } from '../../../channels/catalog/apply-change.ts';
import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import { wireOf } from '../wire-of.ts';
import { assetChange, assetDeletion, minute } from '../changes.ts';
import { type ClientPlan, listenersOf } from './listener.ts';
import { Oracle } from './oracle.ts';
import { type ReconcileResult, type Reconciliation, reconcile } from './reconcile.ts';

const policy = {
  version: 1,
  roles: {
    steward: [{ allow: 'read' as const }],
    open: [{ allow: 'read' as const }, { deny: 'read' as const, where: { domain: 'secret' } }],
  },
};
const ids = createOpaqueIds(firstIdKey('reconcile-secret-0123456789-abcdefghijkl'));

function client(name: string, role: string, tenant = 'acme'): ClientPlan {
  return { name, tenant, sub: name, roles: [role], claims: {}, subscriptions: [{ channel: 'assets' }] };
}

const plans = [
  client('all', 'steward'),
  client('some', 'open'),
  client('other', 'steward', 'globex'),
  client('none', 'nobody'),
];

function step(
  n: number,
  patch: Parameters<typeof assetChange>[0],
  fields: Parameters<typeof assetChange>[1] = {},
): Change {
  return assetChange(patch, { messageId: `message-${n}`, time: minute(n), completeness: 'delta', ...fields });
}

const changes: readonly Change[] = [
  step(1, { name: 'orders', type: 'table', domain: 'sales' }),
  step(2, { description: 'first' }),
  step(3, { domain: 'secret' }),
  step(4, { description: 'hidden' }),
  step(5, { domain: 'sales' }),
  step(5, { domain: 'sales' }), // alters nothing
  step(6, { name: 'late' }, { time: minute(0), completeness: 'state' }), // recorded, tells nothing
  assetDeletion({ messageId: 'message-7', time: minute(7), completeness: 'delta' }),
];

type Kind = 'enter' | 'update' | 'leave';

/** What a hub without fault would have sent, made without the oracle: kinds are written down by hand. */
const sent: Readonly<Record<string, readonly (readonly [number, Kind])[]>> = {
  'all.0': [
    [1, 'enter'],
    [2, 'update'],
    [3, 'update'],
    [4, 'update'],
    [5, 'update'],
    [8, 'leave'],
  ],
  'some.0': [
    [1, 'enter'],
    [2, 'update'],
    [3, 'leave'],
    [5, 'enter'],
    [8, 'leave'],
  ],
};

function events(): readonly (HubEvent | undefined)[] {
  let held: CatalogDocument | undefined;
  return changes.map((change, index) => {
    const applied = applyChange(held, change, { recordedAt: `2026-06-01T00:00:0${index}.000Z`, parentsOf: () => [] });
    held = applied?.document ?? held;
    return applied?.event;
  });
}

/** The nth event as a listener may know it: the fifth brings back what was hidden from `some`. */
function shownTo(name: string, n: number, all: ReturnType<typeof events>): HubEvent {
  const event = all[n - 1] as HubEvent;
  return name === 'some.0' && n === 5 ? revealed(event) : event;
}

/** As clients get it; an `enter` goes with the document that the event carries. */
function onTheWire(event: HubEvent, kind: Kind): WireEvent {
  return asSent(event, kind, kind === 'enter' ? carriedDocument(event) : undefined);
}

function asSent(event: HubEvent, kind: Kind, shown: ShownDocument | undefined): WireEvent {
  return wireOf(event, kind, { id: ids.event(event), shown }) as WireEvent;
}

/** The nth change's event for each who got it. */
function observations(): Map<string, WireEvent[]> {
  const all = events();
  const wire = (name: string, n: number, kind: Kind): WireEvent => onTheWire(shownTo(name, n, all), kind);
  return new Map(Object.entries(sent).map(([name, list]) => [name, list.map(([n, kind]) => wire(name, n, kind))]));
}

const clean = { missing: 0, twice: 0, reordered: 0, wrongClient: 0, wrongContent: 0 };

describe('exact reconciliation', () => {
  let oracle: Oracle;

  beforeAll(() => {
    oracle = new Oracle({ listeners: plans.flatMap((plan) => listenersOf(plan, policy)), ids });
    for (const change of changes) oracle.accept([change]);
  });

  function after(tamper: (observed: Map<string, WireEvent[]>) => void): ReconcileResult {
    const observed = observations();
    tamper(observed);
    return reconcile(oracle, observed);
  }

  it('finds nothing when everybody got what was due', () => {
    const { counts, problems } = after(() => {});
    expect(problems).toEqual([]);
    expect(counts).toEqual({ changes: 8, events: 7, deliveries: 11, ...clean });
  });

  const list = (observed: Map<string, WireEvent[]>, name: string): WireEvent[] => observed.get(name) ?? [];
  const tampered: readonly [string, Partial<Reconciliation>, (observed: Map<string, WireEvent[]>) => void][] = [
    ['one event missing', { missing: 1 }, (observed) => void list(observed, 'all.0').splice(2, 1)],
    ['the last event missing', { missing: 1 }, (observed) => void list(observed, 'some.0').pop()],
    ['a client that got nothing', { missing: 5 }, (observed) => void observed.delete('some.0')],
    [
      'one event twice',
      { twice: 1 },
      (observed) => void list(observed, 'all.0').push(list(observed, 'all.0')[3] as WireEvent),
    ],
    [
      'one event twice at once',
      { twice: 1 },
      (observed) => void list(observed, 'all.0').splice(1, 0, list(observed, 'all.0')[1] as WireEvent),
    ],
    [
      'two events exchanged',
      { reordered: 1 },
      (observed) => void list(observed, 'all.0').splice(1, 2, ...list(observed, 'all.0').slice(1, 3).toReversed()),
    ],
    [
      'an event that policy hides',
      { wrongClient: 1 },
      (observed) => void list(observed, 'some.0').splice(3, 0, list(observed, 'all.0')[3] as WireEvent),
    ],
    [
      'an event of another tenant',
      { wrongClient: 1 },
      (observed) => void observed.set('other.0', [list(observed, 'all.0')[0] as WireEvent]),
    ],
    [
      'an event to somebody without rights',
      { wrongClient: 1 },
      (observed) => void observed.set('none.0', [list(observed, 'all.0')[0] as WireEvent]),
    ],
    [
      'an event in a room of nobody',
      { wrongClient: 1 },
      (observed) => void observed.set('all.stray', [list(observed, 'all.0')[0] as WireEvent]),
    ],
    [
      'an event that never was',
      { wrongClient: 1 },
      (observed) => void list(observed, 'all.0').push({ ...(list(observed, 'all.0')[1] as WireEvent), id: 'made-up' }),
    ],
  ];

  it.each(tampered)('finds %s', (_name, wanted, tamper) => {
    const { counts, problems } = after(tamper);
    expect(counts).toMatchObject({ ...clean, ...wanted });
    expect(problems).not.toEqual([]);
  });

  const contents: readonly [string, string, number, (event: WireEvent) => unknown][] = [
    ['an update in place of a leave', 'some.0', 2, (event) => ({ ...event, kind: 'update' })],
    ['a leave with the wrong reason', 'all.0', 5, (event) => ({ ...event, reason: 'left' })],
    ['a leave that says more than it may', 'some.0', 2, (event) => ({ ...event, type: 'gov.domain.changed.v1' })],
    ['a change with another value', 'all.0', 1, (event) => ({ ...event, changes: { '/description': { new: 'x' } } })],
    ['a field that must not leave the hub', 'all.0', 1, (event) => ({ ...event, version: 2 })],
    [
      'another document',
      'some.0',
      3,
      (event) => ({ ...event, document: { ...(event as { document?: object }).document, description: 'first' } }),
    ],
    ['a document without a field', 'all.0', 0, (event) => ({ ...event, document: { urn: event.subject } })],
    ['another subject', 'all.0', 1, (event) => ({ ...event, subject: 'urn:gov:other' })],
    ['another time for one client', 'all.0', 1, (event) => ({ ...event, recordedtime: '2026-06-01T00:00:09.000Z' })],
  ];

  it.each(contents)('finds %s', (_name, listener, index, change) => {
    const { counts } = after((observed) => {
      const events = list(observed, listener);
      events[index] = change(events[index] as WireEvent) as WireEvent;
    });
    expect(counts).toMatchObject({ ...clean, wrongContent: 1 });
  });

  it('counts every fault and tells the first ones in words', () => {
    const { counts, problems } = after((observed) => {
      list(observed, 'all.0').splice(0, 2);
      observed.delete('some.0');
    });
    expect(counts).toMatchObject({ ...clean, missing: 7 });
    expect(problems[0]).toMatch(/^all\.0: missing: urn:gov:warehouse:orders version 1$/);
  });
});

describe('an enter whose document is too large to ride on its event', () => {
  const plan = { ...client('open', 'open'), subscriptions: [{ channel: 'assets', filter: { type: 'view' } }] };
  const changes = [
    step(1, { name: 'orders', type: 'table', domain: 'sales', description: 'long '.repeat(2000) }),
    step(2, { type: 'view' }),
    step(3, { name: 'orders-2' }),
    step(4, { domain: 'secret' }),
  ];

  /** What there is after each of the first `count` changes, and a hub that shows the document of version `shown`. */
  function afterChanges(count: number, shown: number | undefined): ReconcileResult {
    const oracle = new Oracle({ listeners: listenersOf(plan, policy), ids });
    const all: { event: HubEvent; document: CatalogDocument }[] = [];
    for (const change of changes.slice(0, count)) {
      oracle.accept([change]);
      const recordedAt = `2026-06-01T00:00:0${all.length}.000Z`;
      const applied = applyChange(all.at(-1)?.document, change, { recordedAt, parentsOf: () => [] });
      all.push(applied as { event: HubEvent; document: CatalogDocument });
    }
    const wire = (version: number, kind: Kind, document?: CatalogDocument): WireEvent => {
      const { event } = all[version - 1] as { event: HubEvent };
      expect(event.data.after === undefined).toBe(version === 2 || version === 3);
      return asSent(event, kind, document && { document, head: document.head });
    };
    const observed = [
      ...(shown === undefined ? [] : [wire(2, 'enter', all[shown - 1]?.document)]),
      ...(count >= 3 ? [wire(3, 'update')] : []),
      ...(count >= 4 ? [wire(4, 'leave')] : []),
    ];
    return reconcile(oracle, new Map([['open.0', observed]]));
  }

  it('goes with the document of its version, or of a later one', () => {
    expect(afterChanges(3, 2)).toMatchObject({ counts: clean, problems: [] });
    expect(afterChanges(3, 3)).toMatchObject({ counts: clean, problems: [] });
  });

  it('must not go with an earlier one, nor with one that policy hides', () => {
    expect(afterChanges(3, 1).counts).toEqual({ ...afterChanges(3, 2).counts, wrongContent: 1 });
    expect(afterChanges(4, 4).counts).toEqual({ ...afterChanges(4, 2).counts, wrongContent: 1 });
  });

  it('may be missing only if the entity was hidden later', () => {
    expect(afterChanges(3, undefined).counts).toMatchObject({ missing: 1 });
    expect(afterChanges(4, undefined).counts).toMatchObject(clean);
  });
});

describe('a client whose roles change to and back', () => {
  const plan = { ...client('some', 'open'), otherRoles: ['steward'] };

  function after(...got: readonly (readonly [number, Kind])[]): Reconciliation {
    const oracle = new Oracle({ listeners: listenersOf(plan, policy), ids });
    for (const change of changes) oracle.accept([change]);
    const all = events();
    const observed = got.map(([n, kind]) => onTheWire(shownTo('some.0', n, all), kind));
    return reconcile(oracle, new Map([['some.0', observed]])).counts;
  }

  it('gets what both entitle to, and of the rest what either does', () => {
    expect(after([1, 'enter'], [2, 'update'], [8, 'leave'])).toMatchObject(clean);
    expect(after([1, 'enter'], [2, 'update'], [3, 'leave'], [5, 'enter'], [8, 'leave'])).toMatchObject(clean);
    expect(after([1, 'enter'], [2, 'update'], [3, 'update'], [4, 'update'], [8, 'leave'])).toMatchObject(clean);
  });

  it('lacks nothing of what both entitle to, and gets nothing else', () => {
    expect(after([1, 'enter'], [8, 'leave'])).toMatchObject({ ...clean, missing: 1 });
    expect(after([1, 'enter'], [2, 'update'], [4, 'leave'], [8, 'leave'])).toMatchObject({ ...clean, wrongContent: 1 });
  });
});
