import { describe, expect, it } from 'vitest';
import {
  alertChange,
  assetChange,
  assetDeletion,
  definitionChange,
  minute,
  relationshipChange,
} from '../../test/harness/changes.ts';
import { sha256Text } from '../event/hash.ts';
import { type ChangeResult, applyChange } from './apply-change.ts';
import type { AssetPatch, Change, ClassificationChange } from './change.ts';
import type { AssetDocument, CatalogDocument } from './document.ts';
import { headOf } from './head-of.ts';

const context = { recordedAt: '2026-05-05T10:00:00.000Z', parentsOf: () => [] };

function apply(held: CatalogDocument | undefined, change: Change): ChangeResult | undefined {
  return applyChange(held, change, context);
}

/** Applies one after the other, as a fold does; every change must do something. */
function applyAll(...changes: readonly Change[]): {
  readonly document: CatalogDocument;
  readonly events: readonly (ChangeResult['event'] | undefined)[];
} {
  let document: CatalogDocument | undefined;
  const events = changes.map((change) => {
    const applied = apply(document, change);
    document = applied?.document ?? document;
    return applied?.event;
  });
  return { document: document as CatalogDocument, events };
}

const orders: AssetPatch = {
  type: 'table',
  name: 'orders',
  domain: 'sales',
  owners: { mode: 'state', list: [{ id: 'ada', type: 'user' }] },
};

describe('applyChange: life of an asset', () => {
  it('creates version 1 with head, times and one op for the whole', () => {
    const { document, event } = apply(undefined, assetChange(orders))!;
    expect(document).toMatchObject({
      version: 1,
      name: 'orders',
      createdAt: context.recordedAt,
      updatedAt: context.recordedAt,
      connector: 'warehouse',
    });
    expect(event).toMatchObject({
      type: 'gov.asset.created.v1',
      subject: 'urn:gov:warehouse:orders',
      recordedtime: context.recordedAt,
      data: {
        version: 1,
        change: { kind: 'created', facets: ['existence'], ops: [{ op: 'add', path: '' }] },
        heads: { before: null },
      },
    });
    expect(event?.data.heads.after).toEqual(headOf(document));
    expect({ ...event?.data.after, head: event?.data.heads.after }).toEqual(document);
  });

  it('D1: times of one entity ascend strictly, within one millisecond and when the clock of a node is behind', () => {
    const changes = [
      assetChange(orders, { time: minute(0) }),
      assetChange({ domain: 'hr' }, { time: minute(1) }),
      assetDeletion({ time: minute(2) }),
      assetChange({ name: 'orders again' }, { time: minute(3) }),
    ];
    const clock = ['10:00:00.000', '10:00:00.000', '09:59:58.000', '10:00:01.000'];
    const all: ChangeResult[] = [];
    for (const [index, change] of changes.entries())
      all.push(applyChange(all.at(-1)?.document, change, { ...context, recordedAt: `2026-05-05T${clock[index]}Z` })!);
    const expected = ['10:00:00.000', '10:00:00.001', '10:00:00.002', '10:00:01.000'].map((t) => `2026-05-05T${t}Z`);
    expect(all.map(({ event }) => event?.recordedtime)).toEqual(expected);
    expect(all.map(({ document }) => document.updatedAt)).toEqual(expected);
  });

  it('counts versions on through deletion, restoring and purging', () => {
    const { document, events } = applyAll(
      assetChange(orders, { time: minute(0) }),
      assetDeletion({ time: minute(1) }),
      assetChange({ name: 'orders again' }, { time: minute(2) }),
      assetDeletion({ time: minute(3), purge: true }),
    );
    expect(events.map((event) => [event?.type, event?.data.version, event?.data.change.kind])).toEqual([
      ['gov.asset.created.v1', 1, 'created'],
      ['gov.asset.deleted.v1', 2, 'deleted'],
      ['gov.asset.restored.v1', 3, 'created'],
      ['gov.asset.purged.v1', 4, 'deleted'],
    ]);
    expect(document).toMatchObject({ version: 4, status: 'purged', createdAt: context.recordedAt });
  });

  it('D8: shows no head of what is gone, on neither side', () => {
    const { events } = applyAll(
      assetChange(orders),
      assetDeletion(),
      assetDeletion({ purge: true }),
      assetChange(orders),
    );
    expect(events.map((event) => [event?.data.heads.before === null, event?.data.heads.after === null])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, false],
    ]);
  });

  it('begins anew after a deletion: nothing of the old content comes back', () => {
    const { document } = applyAll(assetChange(orders), assetDeletion(), assetChange({ description: 'new life' }));
    expect(document).toMatchObject({
      name: 'orders',
      type: 'table',
      description: 'new life',
      owners: [],
      status: 'active',
    });
    expect(document).not.toHaveProperty('domain');
  });

  it('refuses a urn with control characters', () => {
    const change = { ...assetChange({ name: 'x' }), urn: 'urn:gov:a\u0000b' };
    expect(() => applyChange(undefined, change, context)).toThrow(/urn: must not contain control characters/);
  });

  it('a purge erases what was known and keeps the name of the tombstone', () => {
    const { document } = applyAll(assetChange({ ...orders, description: 'secret' }), assetDeletion({ purge: true }));
    expect(JSON.stringify(document)).not.toContain('secret');
    expect(document).toMatchObject({ status: 'purged', name: orders.name, columns: [], owners: [] });
  });

  it('ignores a second deletion', () => {
    const { document } = applyAll(assetChange(orders), assetDeletion());
    expect(apply(document, assetDeletion())).toBeUndefined();
    const purged = applyAll(assetChange(orders), assetDeletion({ purge: true })).document;
    expect(apply(purged, assetDeletion())).toBeUndefined();
  });

  it('I7: gives three events for a value that goes and comes back', () => {
    const { document, events } = applyAll(
      assetChange({ ...orders, description: 'a' }, { messageId: 'm1', time: minute(0) }),
      assetChange({ description: 'b' }, { messageId: 'm2', time: minute(1) }),
      assetChange({ description: 'a' }, { messageId: 'm3', time: minute(2) }),
    );
    expect(events.map((event) => event?.data.version)).toEqual([1, 2, 3]);
    expect(new Set(events.map((event) => event?.id)).size).toBe(3);
    expect(document).toMatchObject({ description: 'a' });
  });
});

describe('applyChange: what alters nothing', () => {
  it('I7: gives no event, but moves the high-water mark of the source', () => {
    const { document } = applyAll(assetChange(orders, { time: minute(1) }));
    const again = apply(document, assetChange(orders, { time: minute(5) }))!;
    expect(again.event).toBeUndefined();
    expect(again.document).toEqual({
      ...document,
      sources: [{ connector: 'warehouse', nativeId: 'orders', time: minute(5) }],
    });
    expect(apply(again.document, assetChange(orders, { time: minute(5) }))).toBeUndefined();
  });

  it('a later state that was seen only as "nothing new" still makes an older one late', () => {
    const { document } = applyAll(assetChange(orders, { time: minute(1) }), assetChange(orders, { time: minute(5) }));
    expect(apply(document, assetChange({ domain: 'hr' }, { time: minute(3) }))!.event?.data.change.late).toBe(true);
  });
});

describe('applyChange: late messages', () => {
  const held = applyAll(assetChange(orders, { time: minute(10) })).document;

  it('records an older whole state and applies nothing of it', () => {
    const late = assetChange({ domain: 'hr', description: 'old' }, { time: minute(9) });
    const { document, event } = applyChange(held, late, { ...context, recordedAt: '2026-05-05T11:00:00.000Z' })!;
    // views are not told, so they must show what is stored
    expect(document).toEqual({ ...held, version: 2 });
    expect(event?.data).toMatchObject({ version: 2, change: { late: true, ops: [], kind: 'changed' } });
    expect(event?.data.heads).toEqual({ before: held.head, after: held.head });
  });

  it.each([
    ['a delta of any age', assetChange({ domain: 'hr' }, { time: minute(1), completeness: 'delta' })],
    ['a state of the same time', assetChange({ domain: 'hr' }, { time: minute(10) })],
    ['an older state of another connector', assetChange({ domain: 'hr' }, { time: minute(1), connector: 'lake' })],
  ])('applies %s', (_name, change) => {
    const { document, event } = apply(held, change)!;
    expect(event?.data.change.late).toBe(false);
    expect(document.head.domain).toBe('hr');
  });

  it('an old delta does not take the high-water mark back', () => {
    const { document } = apply(held, assetChange({ domain: 'hr' }, { time: minute(1), completeness: 'delta' }))!;
    expect(document.sources).toEqual([expect.objectContaining({ connector: 'warehouse', time: minute(10) })]);
  });
});

describe('applyChange: type of the event', () => {
  const held = applyAll(assetChange(orders)).document as AssetDocument;
  const classifications = {
    mode: 'state',
    list: [{ scheme: 'pii', name: 'email', origin: 'manual', state: 'confirmed' }],
  } as const;

  it.each<[string, AssetPatch]>([
    ['gov.asset.renamed.v1', { name: 'orders2', fqn: 'db.orders2' }],
    ['gov.asset.retyped.v1', { type: 'view' }],
    ['gov.classification.changed.v1', { classifications }],
    ['gov.term.changed.v1', { terms: { mode: 'delta', add: ['order'], remove: [] } }],
    ['gov.owner.changed.v1', { owners: { mode: 'state', list: [] } }],
    ['gov.domain.changed.v1', { domain: null }],
    ['gov.documentation.changed.v1', { description: 'what it is' }],
    ['gov.schema.changed.v1', { columns: { mode: 'delta', add: [{ name: 'id' }], remove: [] } }],
    ['gov.property.changed.v1', { properties: { team: 'blue' } }],
    ['gov.deprecation.changed.v1', { status: 'deprecated' }],
    ['gov.quality.result.v1', { quality: [{ check: 'rows', status: 'failed', time: minute(0) }] }],
    ['gov.native.v1', { native: { type: 'x.y', contentType: 'application/json', data: { a: 1 } } }],
    ['gov.native.v1', { domain: 'hr', native: { type: 'x.y', contentType: 'application/json', data: { a: 1 } } }],
    ['gov.asset.updated.v1', { domain: 'hr', description: 'two facets' }],
  ])('%s', (type, patch) => {
    expect(apply(held, assetChange(patch))?.event?.type).toBe(type);
  });

  it('counts tags of columns as classification, not as schema', () => {
    const { document } = applyAll(assetChange({ columns: { mode: 'state', list: [{ name: 'mail' }] } }));
    const event = apply(
      document,
      assetChange({ columns: { mode: 'delta', add: [{ name: 'mail', classifications }], remove: [] } }),
    )?.event;
    expect(event).toMatchObject({
      type: 'gov.classification.changed.v1',
      data: { change: { facets: ['classification'] } },
    });
  });

  it.each<[string, Change]>([
    ['gov.relationship.changed.v1', relationshipChange()],
    ['gov.lineage.observed.v1', relationshipChange({ lineage: true })],
    ['gov.incident.changed.v1', alertChange({ subject: 'urn:gov:a' })],
    ['gov.classification.defined.v1', definitionChange({ scheme: 'pii', name: 'email' })],
  ])('%s for other kinds', (type, change) => {
    expect(apply(undefined, change)?.event?.type).toBe(type);
  });

  it('carries the severity of an alert, and its actor and correlation', () => {
    const change = alertChange(
      { subject: 'urn:gov:a', severity: 21 },
      { actor: { id: 'grace' }, correlationid: 'c-1', causationid: 'k-1' },
    );
    const event = apply(undefined, change)?.event;
    expect(event).toMatchObject({
      severitynumber: 21,
      authid: 'grace',
      correlationid: 'c-1',
      causationid: 'k-1',
      data: { actor: { id: 'grace' } },
    });
  });
});

describe('applyChange: refusals', () => {
  it.each<[string, Change]>([
    ['upsert', relationshipChange({}, { urn: 'urn:gov:warehouse:orders' })],
    ['delete', { ...assetDeletion(), target: 'alert' } as Change],
  ])('refuses to treat an asset as another kind: %s', (_name, change) => {
    const held = applyAll(assetChange(orders)).document;
    expect(() => apply(held, change)).toThrow(
      expect.objectContaining({
        code: 'invalid-message',
        message: expect.stringMatching(/is a asset; the message treats it as a /),
      }),
    );
  });

  it('refuses a new alert without a subject', () => {
    expect(() => apply(undefined, alertChange({ message: 'no rows' }))).toThrow(
      expect.objectContaining({ code: 'invalid-message' }),
    );
  });

  const owner = (i: number) => ({ id: `u${i}`, type: 'user' }) as const;
  it.each<[string, string, AssetPatch]>([
    [
      'limit-exceeded',
      'asset.owners',
      { owners: { mode: 'state', list: Array.from({ length: 101 }, (_, i) => owner(i)) } },
    ],
    ['limit-exceeded', 'asset.name', { name: 'n'.repeat(1025) }],
    ['limit-exceeded', 'asset.description', { description: 'd'.repeat(64 * 1024 + 1) }],
    [
      'limit-exceeded',
      'asset.columns',
      { columns: { mode: 'state', list: Array.from({ length: 3001 }, (_, i) => ({ name: `c${i}` })) } },
    ],
    ['invalid-message', 'asset.name', { name: '' }],
    ['invalid-message', 'asset.owners[0].id', { owners: { mode: 'state', list: [{ id: '', type: 'user' }] } }],
    ['invalid-message', 'asset.quality[0].time', { quality: [{ check: 'rows', status: 'failed', time: 'yesterday' }] }],
  ])('%s names %s', (code, field, patch) => {
    expect(() => apply(undefined, assetChange(patch))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${field}: `) }),
    );
  });

  it('a severity that is too high is wrong, not too large', () => {
    expect(() => apply(undefined, alertChange({ subject: 'urn:gov:a', severity: 25 }))).toThrow(
      expect.objectContaining({ code: 'invalid-message' }),
    );
  });

  it('L5: refuses a document above its size and names the limit', () => {
    const properties = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`p${i}`, 'x'.repeat(60_000)]));
    expect(() => apply(undefined, assetChange({ properties }))).toThrow(
      expect.objectContaining({ code: 'limit-exceeded', message: expect.stringContaining('393216') }),
    );
  });
});

describe('applyChange: what ops tell', () => {
  const tags = (mode: 'confirmed' | 'suggested', ...names: readonly string[]): ClassificationChange => ({
    mode: 'state',
    list: names.map((name) => ({ scheme: 'pii', name, origin: 'unknown', state: mode })),
  });
  const patch: AssetPatch = {
    owners: { mode: 'state', list: [{ id: 'canary-owner', type: 'user' }] },
    terms: { mode: 'state', list: ['canary-term'] },
    aliases: ['canary-alias'],
    properties: { 'canary-key': 1 },
    quality: [{ check: 'canary-check', status: 'failed', time: '2026-05-05T10:00:00.000Z' }],
    classifications: tags('confirmed', 'canary-tag'),
    columns: {
      mode: 'state',
      list: [{ name: 'canary-column', description: 'd', classifications: tags('suggested', 'canary-email') }],
    },
  };
  const opsOf = (before: CatalogDocument | undefined, next: AssetPatch) =>
    apply(before, assetChange(next))?.event?.data.change.ops ?? [];
  const bare = applyAll(assetChange({ type: 'table' })).document;
  const filled = apply(bare, assetChange(patch))?.document;

  it('P6 no path says what an element of a list is called, or who said it', () => {
    const paths = [
      ...opsOf(bare, patch),
      ...opsOf(filled, { owners: { mode: 'state', list: [] }, columns: { mode: 'state', list: [] } }),
    ].map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) {
      expect(path).not.toMatch(/canary|pii|warehouse/);
      for (const part of path.split('/').slice(2))
        expect(part).toMatch(/^(?:[\w-]{12}|name|type|description|classifications)$/);
    }
  });

  it('P6 an element has another key in another entity, and under another secret', () => {
    const keyed = (urn: string, secret: string): string | undefined =>
      applyChange({ ...bare, urn } as CatalogDocument, assetChange({ terms: patch.terms! }, { urn }), {
        ...context,
        elementKey: (of, element) => sha256Text(`${secret}|${of}|${element}`),
      })?.event?.data.change.ops[0]?.path;
    expect(keyed('urn:gov:a', 's')).toBe(keyed('urn:gov:a', 's'));
    expect(new Set([keyed('urn:gov:a', 's'), keyed('urn:gov:b', 's'), keyed('urn:gov:a', 't')]).size).toBe(3);
  });

  it('says the value and what it is of in one: a path cannot be read', () => {
    expect(opsOf(bare, { properties: { 'canary-key': 1 } })).toEqual([
      { op: 'add', path: expect.any(String), new: { key: 'canary-key', value: 1 } },
    ]);
  });

  it('an op inside a column has the tags of the column, before and after, also those only suggested', () => {
    const [tagged] = opsOf(filled, {
      columns: { mode: 'delta', add: [{ name: 'canary-column', classifications: tags('confirmed') }], remove: [] },
    });
    expect(tagged).toMatchObject({ op: 'remove', labels: { before: ['pii/canary-email'], after: [] } });
    const described = opsOf(filled, {
      columns: { mode: 'delta', add: [{ name: 'canary-column', description: 'e' }], remove: [] },
    });
    expect(described).toEqual([
      expect.objectContaining({ labels: { before: ['pii/canary-email'], after: ['pii/canary-email'] } }),
    ]);
    expect(opsOf(filled, { description: 'e' })[0]).not.toHaveProperty('labels');
  });
});

describe('applyChange: size of the event', () => {
  const large: AssetPatch = { ...orders, description: 'd'.repeat(10_000) };
  const held = applyAll(assetChange(large)).document;

  it('D8: carries the whole document whenever protection, ownership or status changed, however large it is', () => {
    for (const patch of [
      { domain: 'hr' },
      { status: 'deprecated' },
      { owners: { mode: 'state', list: [] } },
    ] as const) {
      expect(apply(held, assetChange(patch))?.event?.data.after).toBeDefined();
    }
  });

  it('leaves a large document out of other changes and a small one in', () => {
    expect(apply(held, assetChange({ properties: { a: 1 } }))?.event?.data.after).toBeUndefined();
    const small = applyAll(assetChange(orders)).document;
    expect(apply(small, assetChange({ properties: { a: 1 } }))?.event?.data.after).toMatchObject({ version: 2 });
  });

  it('stays below what a broker takes when every one of the most columns is replaced', () => {
    const columns = (prefix: string): AssetPatch => ({
      columns: {
        mode: 'state',
        list: Array.from({ length: 3000 }, (_, i) => ({ name: `${prefix}${i}`, type: 'text', description: 'd' })),
      },
    });
    const before = applyAll(assetChange(columns('old'))).document;
    const { event, document } = apply(before, assetChange(columns('new')))!;
    expect(JSON.stringify(event).length).toBeLessThan(900 * 1024);
    expect(event?.data.change.ops).toEqual([{ op: 'replace', path: '/columns', labels: { before: [], after: [] } }]);
    expect(event?.data.change.facets).toEqual(['schema', 'documentation']);
    expect(document).toMatchObject({ columns: { length: 3000, 0: { name: 'new0' } } });
  });

  it('leaves the document out when it does not fit beside the ops', () => {
    const properties = (letter: string): AssetPatch => ({
      properties: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`p${i}`, letter.repeat(60_000)])),
    });
    const before = applyAll(assetChange(properties('a'))).document;
    const event = apply(before, assetChange({ ...properties('b'), domain: 'hr' }))?.event;
    expect(event?.data.change.ops).toHaveLength(7);
    expect(event?.data.after).toBeUndefined();
    expect(JSON.stringify(event).length).toBeLessThan(900 * 1024);
  });
});
