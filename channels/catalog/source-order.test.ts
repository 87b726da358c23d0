import { describe, expect, it } from 'vitest';
import { assetChange, assetDeletion, relationshipChange } from '../../test/harness/changes.ts';
import { applyChange } from './apply-change.ts';
import type { Change } from './change.ts';
import type { CatalogDocument } from './document.ts';

/** Seconds of the hub's clock, which stands at 0 when the first message comes. */
function at(seconds: number): string {
  return new Date(Date.UTC(2026, 4, 4, 8) + seconds * 1000).toISOString();
}

type Fields = Parameters<typeof assetChange>[1];
type Step = readonly [change: Change, heardAtSeconds?: number];

/** What the hub holds after messages that come one second after the other, unless said otherwise. */
function held(...steps: readonly Step[]): CatalogDocument | undefined {
  let document: CatalogDocument | undefined;
  for (const [index, [change, heard]] of steps.entries())
    document =
      applyChange(document, change, { recordedAt: at(heard ?? index), parentsOf: () => [] })?.document ?? document;
  return document;
}

function partition(number: number, more: object = {}): Fields {
  return { origin: { system: 'atlas', transport: 'kafka', topic: 'entities', partition: number, ...more } };
}

function state(name: string, time: string, fields: Fields = {}): Change {
  return assetChange({ name }, { time, ...fields });
}

const late = (time: string, fields: Fields = {}): Step => [state('late', time, fields)];
const first = (time: string, fields: Fields = {}): Step => [state('first', time, fields)];

describe('I21: states of one entity over HTTP', () => {
  it.each<[string, string, readonly Step[]]>([
    ['the one that happened last', 'first', [first(at(0)), late(at(-10))]],
    ['the second of the same time', 'late', [first(at(0)), late(at(0))]],
    [
      'the one that was sent last, whatever began first',
      'late',
      [first(at(10), { sent: at(12) }), late(at(0), { sent: at(60) })],
    ],
    [
      'not the one that was sent first, whatever began last',
      'first',
      [first(at(0), { sent: at(60) }), late(at(10), { sent: at(12) })],
    ],
    ['in a source whose clock is ahead: the one that happened last there', 'first', [first(at(20)), late(at(10))]],
    ['in a source an hour ahead', 'first', [first(at(3620)), late(at(3610))]],
    [
      'in a source a day ahead, by sending time',
      'first',
      [first(at(0), { sent: at(86_420) }), late(at(5), { sent: at(86_410) })],
    ],
    [
      'once the clock of a source was set right: what it says now',
      'late',
      [first(at(3600)), [state('late', at(29)), 30]],
    ],
    [
      'once a source has told a time beyond measure: what it says after',
      'late',
      [first('9999-12-31T23:59:59.999Z'), [state('late', at(29)), 30]],
    ],
    [
      'and then again the one that happened last',
      'last',
      [first(at(3600)), [state('last', at(29)), 30], [state('late', at(20)), 31]],
    ],
    [
      'of a baseline: when the entity was changed, not when that was sent',
      'late',
      [first(at(0), { sent: at(3) }), late(at(0))],
    ],
    [
      'after a newer baseline: not what began before it',
      'first',
      [[state('zero', at(0), { sent: at(1) }), 0], first(at(10)), late(at(5), { sent: at(6) })],
    ],
    ['of each connector by itself', 'late', [first(at(0)), late(at(-10), { connector: 'lake' })]],
  ])('%s', (_, name, steps) => {
    expect(held(...steps)).toMatchObject({ name });
  });
});

describe('I21: states of one entity on Kafka', () => {
  it.each<[string, string, readonly Step[]]>([
    [
      'the later one in a partition, whatever the clocks say',
      'late',
      [first(at(20), partition(0)), late(at(10), partition(0))],
    ],
    [
      'also by sending time',
      'late',
      [first(at(0), { ...partition(0), sent: at(60) }), late(at(0), { ...partition(0), sent: at(50) })],
    ],
    [
      'in different partitions the one that was sent last',
      'first',
      [first(at(0), { ...partition(0), sent: at(60) }), late(at(0), { ...partition(1), sent: at(50) })],
    ],
    [
      'of different topics the one that happened last',
      'first',
      [first(at(0), partition(0)), late(at(-5), partition(0, { topic: 'entities-of-old' }))],
    ],
    [
      'of a message that was held up on its way, the one that was sent last',
      'first',
      [first(at(0), partition(0)), late(at(-5), partition(0, { spooled: true }))],
    ],
    [
      'of a message that is taken in again by hand, the one that happened last',
      'first',
      [first(at(0), partition(0)), late(at(-5))],
    ],
    [
      'in the first partition again: still not what was sent before',
      'first',
      [[state('zero', at(0), partition(0)), 0], first(at(10), partition(1)), late(at(5), partition(0))],
    ],
  ])('%s', (_, name, steps) => {
    expect(held(...steps)).toMatchObject({ name });
  });
});

describe('I21: a deletion', () => {
  it('of what was never seen is remembered, and told to nobody', () => {
    const applied = applyChange(undefined, assetDeletion({ time: at(0) }), { recordedAt: at(0), parentsOf: () => [] });
    expect(applied?.document).toMatchObject({ version: 1, status: 'deleted', name: 'orders' });
    expect(applied?.event).toMatchObject({
      type: 'gov.asset.deleted.v1',
      data: { version: 1, change: { kind: 'deleted' }, heads: { before: null, after: null } },
    });
  });

  it.each<[string, Fields]>([
    ['HTTP', {}],
    ['one partition', partition(0)],
    ['one partition, sent in the wrong order', { ...partition(0), sent: at(0) }],
  ])('holds against an older creation that comes later by %s', (_, fields) => {
    const deletion: Step = [assetDeletion({ time: at(0), ...fields })];
    expect(held(deletion, late(at(-1), fields))).toMatchObject({ status: 'deleted', version: 2 });
    expect(held(first(at(-2), fields), deletion, late(at(-1), fields))).toMatchObject({ status: 'deleted' });
    expect(held(deletion, late(at(1), fields))).toMatchObject({ status: 'active', name: 'late' });
  });

  it('holds against an older delta and an older baseline too', () => {
    const deletion: Step = [assetDeletion({ time: at(0) })];
    expect(held(deletion, late(at(-1), { completeness: 'delta' }))).toMatchObject({ status: 'deleted' });
    expect(held(deletion, late(at(-1), { replay: true }))).toMatchObject({ status: 'deleted' });
  });

  it('that began before a state and was sent after it counts', () => {
    const deletion: Step = [assetDeletion({ time: at(0), sent: at(60) })];
    expect(held(first(at(10), { sent: at(12) }), deletion)).toMatchObject({ status: 'deleted' });
  });

  it('of an edge that was never seen is remembered when its ends are known', () => {
    const { patch, ...edge } = relationshipChange({}, { time: at(0) }) as Extract<
      Change,
      { target: 'relationship' }
    > & {
      patch: NonNullable<Extract<Change, { target: 'relationship'; action: 'delete' }>['patch']>;
    };
    const deletion = { ...edge, action: 'delete' } as Change;
    const older = relationshipChange({}, { time: at(-1) });
    expect(held([{ ...deletion, patch } as Change], [older])).toMatchObject({ status: 'deleted', from: patch.from });
    expect(held([deletion])).toBeUndefined();
  });

  it('of what has no type leaves room for what it turns out to be', () => {
    const native = { type: 'x', contentType: 'text/plain', data: 'x' };
    const deletion: Step = [assetDeletion({ time: at(0) })];
    expect(held(deletion, [assetChange({ native }, { time: at(1) })])).toMatchObject({ type: 'native' });
    expect(held(deletion, [assetChange({ type: 'table' }, { time: at(1) })])).toMatchObject({ type: 'table' });
  });
});

describe('the mark of a connector', () => {
  it('is not stored again for a message that says nothing new and moves nothing', () => {
    const { document } = applyChange(undefined, state('x', at(0), partition(0)), {
      recordedAt: at(0),
      parentsOf: () => [],
    })!;
    const again = { recordedAt: at(5), parentsOf: () => [] };
    expect(applyChange(document, state('x', at(0), partition(0)), again)).toBeUndefined();
    expect(applyChange(document, state('x', at(1), partition(0)), again)?.event).toBeUndefined();
  });

  it('says what there is to say, and no more', () => {
    expect(held([state('x', at(0))])?.sources).toEqual([{ connector: 'warehouse', nativeId: 'orders', time: at(0) }]);
    expect(held([state('x', at(9), { ...partition(2), sent: at(10) })])?.sources).toEqual([
      {
        connector: 'warehouse',
        nativeId: 'orders',
        time: at(9),
        sent: at(10),
        place: 'entities/2',
        heardAt: at(0),
      },
    ]);
  });
});
