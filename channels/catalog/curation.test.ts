import { describe, expect, it } from 'vitest';
import { assetChange, assetDeletion, minute } from '../../test/harness/changes.ts';
import { applyChange, type ChangeResult } from './apply-change.ts';
import type { AssetPatch, ClassificationChange, CurationPatch, TagWord } from './change.ts';
import type { AssetDocument, CatalogDocument, Classification } from './document.ts';

const context = { parentsOf: () => [] };
let at = 0;

function apply(held: CatalogDocument | undefined, change: ReturnType<typeof assetChange>): ChangeResult | undefined {
  at += 1;
  return applyChange(held, change, { ...context, recordedAt: minute(1000 + at) });
}

function assetOf(result: ChangeResult | undefined, held?: AssetDocument): AssetDocument {
  const document = result?.document ?? held;
  if (document?.kind !== 'asset') throw new Error('no asset');
  return document;
}

/** One whole message of a source. */
function scan(held: AssetDocument | undefined, patch: AssetPatch, connector = 'warehouse'): ChangeResult | undefined {
  return apply(held, assetChange(patch, { connector, time: minute(at), messageId: `m${at}` }));
}

/** What a person says. */
function say(held: AssetDocument, curated: CurationPatch, sub = 'ada'): ChangeResult | undefined {
  const facts = { connector: 'hub', source: '/hub', completeness: 'delta', actor: { id: sub } } as const;
  return apply(held, assetChange({ curated }, { ...facts, time: minute(at), messageId: `h${at}` }));
}

function tag(name: string, state: Classification['state'], level?: number): Classification {
  return { scheme: 'pii', name, origin: 'automated', state, ...(level === undefined ? {} : { level }) };
}

function tags(...list: readonly Classification[]): ClassificationChange {
  return { mode: 'state', list };
}

function word(name: string, value: TagWord | null): NonNullable<CurationPatch['classifications']>[number] {
  return { scheme: 'pii', name, word: value };
}

const first: AssetPatch = {
  type: 'table',
  name: 'orders',
  description: 'from the source',
  domain: 'retail',
  status: 'active',
  owners: { mode: 'state', list: [{ id: 'bob', type: 'user' }] },
  terms: { mode: 'state', list: ['urn:term:order'] },
  properties: { retention: 7, tier: 'gold' },
  columns: {
    mode: 'state',
    list: [
      { name: 'id', type: 'int' },
      { name: 'email', description: 'mail', classifications: tags(tag('email', 'suggested', 3)) },
    ],
  },
};

const people: CurationPatch = {
  description: 'by hand',
  domain: 'risk',
  status: 'deprecated',
  owners: [
    { key: 'ada', value: { id: 'ada', type: 'user' } },
    { key: 'bob', value: null },
  ],
  terms: [
    { key: 'urn:term:order', value: null },
    { key: 'urn:term:sale', value: 'urn:term:sale' },
  ],
  properties: [
    { key: 'tier', value: 'silver' },
    { key: 'retention', value: null },
  ],
  columns: [{ name: 'email', description: 'where to write to' }],
};

const counting = {
  description: 'by hand',
  domain: 'risk',
  status: 'deprecated',
  owners: [{ id: 'ada', type: 'user' }],
  terms: ['urn:term:sale'],
  properties: [{ key: 'tier', value: 'silver' }],
};

function columnOf(asset: AssetDocument, name: string): AssetDocument['columns'][number] {
  const column = asset.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

describe('what people say counts before what the sources say', () => {
  it('S1 in every field, in the head, and after the source has said everything anew', () => {
    const source = assetOf(scan(undefined, first));
    const said = assetOf(say(source, people));
    expect(said).toMatchObject({ ...counting, head: { domain: 'risk', owners: ['ada'], status: 'deprecated' } });
    const again = assetOf(
      scan(said, {
        ...first,
        description: 'newer',
        domain: 'sales',
        owners: {
          mode: 'state',
          list: [
            { id: 'bob', type: 'user' },
            { id: 'eve', type: 'user' },
          ],
        },
        properties: { retention: 9, tier: 'bronze', extra: 1 },
        columns: { mode: 'state', list: [{ name: 'email', description: 'newer' }, { name: 'id' }] },
      }),
    );
    expect(again).toMatchObject({
      ...counting,
      owners: [{ id: 'eve' }, { id: 'ada' }],
      properties: [{ key: 'extra' }, { key: 'tier', value: 'silver' }],
      head: { domain: 'risk', owners: ['ada', 'eve'], status: 'deprecated' },
    });
    expect(columnOf(again, 'email')).toMatchObject({
      description: 'where to write to',
      curated: { description: { source: 'newer', value: 'where to write to', by: 'ada' } },
    });
    expect(again.curated).toMatchObject({
      description: { source: 'newer', value: 'by hand' },
      domain: { source: 'sales' },
      status: { source: 'active', value: 'deprecated' },
      properties: [
        { key: 'retention', value: null, source: 9 },
        { key: 'tier', value: 'silver', source: 'bronze' },
      ],
    });
  });

  it('S1 a change of the source below is an event that says so, and changes nothing that counts', () => {
    const said = assetOf(say(assetOf(scan(undefined, first)), { description: 'by hand' }));
    const event = scan(said, { ...first, description: 'newer' })?.event;
    expect(event?.data.change.ops).toEqual([
      expect.objectContaining({
        path: '/curated/description',
        old: expect.objectContaining({ source: 'from the source' }),
        new: expect.objectContaining({ source: 'newer', value: 'by hand' }),
      }),
    ]);
    expect(event?.type).toBe('gov.documentation.changed.v1');
    expect(event?.data.heads.after).toEqual(event?.data.heads.before);
  });

  it('S1 null uncovers what the source says now, the empty text says that there is nothing', () => {
    const said = assetOf(say(assetOf(scan(undefined, first)), { description: '', domain: '' }));
    expect([said.description, said.domain, said.head.domain]).toEqual([undefined, undefined, null]);
    const scanned = assetOf(scan(said, { ...first, description: 'newer' }));
    expect(scanned.description).toBeUndefined();
    const uncovered = assetOf(say(scanned, { description: null, domain: null }));
    expect(uncovered).toMatchObject({ description: 'newer', domain: 'retail' });
    expect(uncovered.curated).toBeUndefined();
  });

  it('S1 who was removed stays removed, whatever the source lists, until somebody adds him again', () => {
    const removed = assetOf(say(assetOf(scan(undefined, first)), { owners: [{ key: 'bob', value: null }] }));
    const without = assetOf(scan(removed, { ...first, owners: { mode: 'state', list: [] } }));
    const with_ = assetOf(scan(without, first), without);
    expect(with_.owners).toEqual([]);
    const back = assetOf(say(with_, { owners: [{ key: 'bob', value: { id: 'bob', type: 'user' } }] }));
    expect([back.owners, back.curated]).toEqual([[{ id: 'bob', type: 'user' }], undefined]);
  });

  it('I7 what alters nothing is no event: what counts already, and what was said already', () => {
    const source = assetOf(scan(undefined, first));
    expect(say(source, { description: 'from the source', domain: 'retail', status: 'active' })).toBeUndefined();
    expect(say(source, { owners: [{ key: 'bob', value: { id: 'bob', type: 'user' } }] })).toBeUndefined();
    expect(say(source, { owners: [{ key: 'nobody', value: null }], description: null })).toBeUndefined();
    const said = assetOf(say(source, people));
    expect(say(said, people, 'eve')).toBeUndefined();
    expect(scan(said, first)?.event).toBeUndefined();
  });

  it('S1 outlives a deletion by the source, and columns that a scan leaves out, but no purge', () => {
    const confirmed = { classifications: [word('email', { state: 'confirmed' })], name: 'email' };
    const said = assetOf(say(assetOf(scan(undefined, first)), { ...people, columns: [confirmed] }));
    const deleted = assetOf(apply(said, assetDeletion({ time: minute(++at) })));
    const back = assetOf(scan(deleted, first));
    expect(back).toMatchObject({ ...counting, head: { confirmedTags: ['pii/email'] } });
    const narrow = assetOf(scan(back, { ...first, columns: { mode: 'state', list: [{ name: 'id' }] } }));
    expect(narrow.head.tags).toEqual([]);
    expect(assetOf(scan(narrow, first)).head.confirmedTags).toEqual(['pii/email']);
    const purged = assetOf(apply(said, assetDeletion({ time: minute(++at), purge: true })));
    expect([purged.curated, assetOf(scan(purged, first)).curated]).toEqual([undefined, undefined]);
  });

  it('L5 neither layer takes the room of the other, and each is bounded', () => {
    const many = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, type: 'user' }) as const);
    const owners = (count: number): AssetPatch => ({ owners: { mode: 'state', list: many(count, 's') } });
    const words = (count: number) => many(count, 'p').map((value) => ({ key: value.id, value }));
    const said = assetOf(say(assetOf(scan(undefined, { ...first, ...owners(99) })), { owners: words(100) }));
    expect(assetOf(scan(said, { ...first, ...owners(100) })).owners).toHaveLength(200);
    expect(() => scan(said, { ...first, ...owners(101) })).toThrow('asset.owners: Too big');
    expect(() => say(said, { owners: words(101) })).toThrow('asset.curated.owners: Too big');
  });

  it('S1 replacing removes what is not named, and leaves what is named as it was said', () => {
    const said = assetOf(say(assetOf(scan(undefined, first)), people));
    const replaced = say(said, { replaces: true, description: 'by hand', owners: people.owners ?? [] }, 'eve');
    expect(assetOf(replaced)).toMatchObject({ description: 'by hand', domain: 'retail', terms: ['urn:term:order'] });
    expect(Object.keys(assetOf(replaced).curated ?? {})).toEqual(['description', 'owners']);
    expect(assetOf(replaced).curated?.description).toMatchObject({ by: 'ada' });
    expect(columnOf(assetOf(replaced), 'email')).toMatchObject({ description: 'mail' });
  });
});

describe('suggestions that people decide', () => {
  const suggested = assetOf(scan(undefined, first));
  const decide = (held: AssetDocument, value: TagWord | null, mayDeclassify = false): ChangeResult | undefined =>
    say(held, { mayDeclassify, columns: [{ name: 'email', classifications: [word('email', value)] }] });

  it('S2 a rejected one is not shown as suggested, and does not come back with three scans', () => {
    let asset = assetOf(decide(suggested, { state: 'rejected', reason: 'an id' }, true));
    for (let round = 0; round < 3; round++) {
      expect(columnOf(asset, 'email').classifications).toEqual([]);
      expect(asset.head.tags).toEqual([]);
      const result = scan(asset, first);
      expect(result?.event).toBeUndefined();
      asset = assetOf(result, asset);
    }
    expect(columnOf(asset, 'email').curated?.classifications).toMatchObject([
      { state: 'rejected', reason: 'an id', hidden: [{ state: 'suggested', level: 3 }] },
    ]);
  });

  it('S3 without the right to lower protection it goes on protecting, as long as a source suggests it', () => {
    const asset = assetOf(decide(suggested, { state: 'rejected' }));
    expect(columnOf(asset, 'email').classifications).toEqual([]);
    expect(asset.head).toMatchObject({ tags: ['pii/email'], confirmedTags: [] });
    expect(asset.head.columnClassifications).toMatchObject([{ state: 'rejected', level: 3 }]);
    const higher = {
      ...first,
      columns: { mode: 'state', list: [{ name: 'email', classifications: tags(tag('email', 'suggested', 5)) }] },
    } as const;
    expect(scan(asset, higher)?.event?.data.heads.after?.columnClassifications).toMatchObject([{ level: 5 }]);
    const gone = assetOf(
      scan(asset, { ...first, columns: { mode: 'state', list: [{ name: 'email', classifications: tags() }] } }),
    );
    expect(gone.head.tags).toEqual([]);
    expect(assetOf(scan(gone, first)).head.tags).toEqual(['pii/email']);
    expect(assetOf(decide(asset, { state: 'rejected' }, true)).head.tags).toEqual([]);
  });

  it('S3 an approved one goes on protecting with the level that scanners raise it to', () => {
    const raised = (level: number): AssetPatch => ({
      ...first,
      columns: { mode: 'state', list: [{ name: 'email', classifications: tags(tag('email', 'suggested', level)) }] },
    });
    const approved = assetOf(decide(suggested, { state: 'confirmed' }));
    const higher = scan(approved, raised(5));
    expect(higher?.event?.data.heads.after?.columnClassifications).toMatchObject([
      { state: 'confirmed', level: 3 },
      { state: 'rejected', level: 5 },
    ]);
    expect(columnOf(assetOf(higher), 'email').classifications).toMatchObject([{ state: 'confirmed', level: 3 }]);
    const decided = assetOf(decide(assetOf(higher), { state: 'confirmed', level: 3 }, true));
    expect(decided.head.columnClassifications).toMatchObject([{ state: 'confirmed', level: 3 }]);
  });

  it('S3 on the asset itself it is as on a column', () => {
    const source: AssetPatch = {
      ...first,
      classifications: tags(tag('person', 'suggested', 2)),
      columns: { mode: 'state', list: [] },
    };
    const held = assetOf(scan(undefined, source));
    const reject = (mayDeclassify: boolean) =>
      assetOf(say(held, { mayDeclassify, classifications: [word('person', { state: 'rejected' })] }));
    expect(reject(false)).toMatchObject({
      classifications: [],
      head: { tags: ['pii/person'], confirmedTags: [], classifications: [{ state: 'rejected', level: 2 }] },
    });
    expect(reject(true).head).toMatchObject({ tags: [], classifications: [] });
  });

  it('S3 ops inside a column that it protects have its label', () => {
    const asset = assetOf(decide(suggested, { state: 'rejected' }));
    const labels = (held: AssetDocument): unknown =>
      say(held, { columns: [{ name: 'email', description: 'x' }] })?.event?.data.change.ops.map((op) => op.labels);
    const pii = { before: ['pii/email'], after: ['pii/email'] };
    expect(labels(asset)).toEqual([pii, pii]);
    const none = { before: [], after: [] };
    expect(labels(assetOf(decide(asset, { state: 'rejected' }, true)))).toEqual([none, none]);
  });

  it('S2 one that a source confirms later is shown again, whoever has rejected the suggestion', () => {
    const confirming: AssetPatch = {
      columns: {
        mode: 'delta',
        add: [{ name: 'email', classifications: tags(tag('email', 'confirmed')) }],
        remove: [],
      },
    };
    for (const mayDeclassify of [true, false]) {
      const rejected = assetOf(decide(suggested, { state: 'rejected' }, mayDeclassify));
      const confirmed = assetOf(scan(rejected, confirming, 'atlas'));
      expect(columnOf(confirmed, 'email').classifications).toMatchObject([{ connector: 'atlas', state: 'confirmed' }]);
      expect(confirmed.head).toMatchObject({ tags: ['pii/email'], confirmedTags: ['pii/email'] });
      expect(assetOf(scan(confirmed, first), confirmed).head.confirmedTags).toEqual(['pii/email']);
    }
  });

  it('S3 a confirmed tag is overruled only with the right, and counts when its source confirms it anew', () => {
    const columns = (...list: Classification[]): AssetPatch => ({
      columns: { mode: 'state', list: [{ name: 'email', classifications: tags(...list) }] },
    });
    const confirmed = assetOf(scan(undefined, { ...first, ...columns(tag('email', 'confirmed')) }));
    expect(assetOf(decide(confirmed, { state: 'rejected' })).head.confirmedTags).toEqual(['pii/email']);
    const lowered = assetOf(decide(confirmed, { state: 'rejected' }, true));
    expect(lowered.head.tags).toEqual([]);
    const scanned = scan(lowered, { ...first, ...columns(tag('email', 'confirmed')) });
    expect([scanned?.event, assetOf(scanned, lowered).head.tags]).toEqual([undefined, []]);
    const silent = assetOf(scan(lowered, { ...first, ...columns() }));
    expect(assetOf(scan(silent, { ...first, ...columns(tag('email', 'confirmed')) })).head.tags).toEqual(['pii/email']);
  });

  it('S2 an approved one is confirmed with its level, and shown once', () => {
    const asset = assetOf(decide(suggested, { state: 'confirmed' }));
    expect(columnOf(asset, 'email').classifications).toEqual([
      { scheme: 'pii', name: 'email', level: 3, origin: 'manual', state: 'confirmed', connector: 'hub' },
    ]);
    expect(asset.head.confirmedTags).toEqual(['pii/email']);
    expect(assetOf(scan(asset, first), asset).head.columnClassifications).toMatchObject([
      { state: 'confirmed', level: 3 },
    ]);
    const undone = assetOf(decide(asset, null));
    expect(columnOf(undone, 'email')).toMatchObject({ classifications: [{ state: 'suggested', level: 3 }] });
    expect(undone.head).toEqual(suggested.head);
  });
});
