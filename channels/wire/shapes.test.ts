import { describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { wireOf } from '../../test/harness/wire-of.ts';
import type { AssetDocument } from '../catalog/document.ts';
import { diffContent } from '../catalog/diff.ts';
import type { HubEvent } from '../event/hub-event.ts';
import { createForm, type WantedForm } from './form.ts';
import { identityMask } from './mask.ts';
import { EventMaker } from './wire-event.ts';

const before = sampleAsset('acme', 'urn:gov:orders', {
  description: 'old',
  owners: [{ id: 'ada', type: 'user' }],
  platform: 'hive',
});

/** The event of a change of some fields. */
function changed(fields: Partial<AssetDocument>): HubEvent {
  const after = sampleAsset('acme', 'urn:gov:orders', { ...before, version: 2, ...fields });
  const event = sampleEvent(after);
  const change = { ...event.data.change, ops: diffContent(before, after, encodeURIComponent) };
  return { ...event, data: { ...event.data, after, change, heads: { before: before.head, after: after.head } } };
}

/** Names of the parts of an event and of what is in them; undefined where it is not sent. */
function partsOf(event: HubEvent, transition: 'enter' | 'update', wanted: WantedForm): object | undefined {
  const { after, heads } = event.data;
  if (after === undefined || heads.after === null) throw new Error('the sample has both');
  const wire = wireOf(event, transition, { form: createForm(wanted), shown: { document: after, head: heads.after } });
  const { entity, document, changes } = (wire ?? {}) as Readonly<Record<string, object | undefined>>;
  const keys = Object.entries({ entity, document, changes }).filter(([, part]) => part !== undefined);
  return wire && Object.fromEntries(keys.map(([name, part]) => [name, Object.keys(part ?? {}).join(' ')]));
}

const head = 'kind type name fqn platform domain owners tags status';
const rest = 'createdAt updatedAt description owners aliases terms properties quality classifications columns';
const described = changed({ description: 'new' });
const tagged = changed({
  classifications: [{ scheme: 'pii', name: 'email', origin: 'manual', state: 'confirmed', connector: 'c' }],
});
const tagPath = '/classifications/%2Fclassifications%2Fc%2Fpii%2Femail';

describe('what comes of each shape', () => {
  it.each<[string, WantedForm, object, object | undefined]>([
    ['a feed', {}, { entity: head, document: rest }, { entity: 'kind type name', changes: '/description' }],
    [
      'documents of a feed',
      { shape: 'document' },
      { entity: head, document: rest },
      { entity: head, document: rest, changes: '/description' },
    ],
    ['entities of a feed: nothing of them has changed', { shape: 'entity' }, { entity: head }, undefined],
    ['changes', { shape: 'changes' }, {}, { changes: '/description' }],
    ['a view', { mode: 'view' }, { entity: head, document: rest }, { entity: head, document: rest }],
    ['entities of a view: no row would change', { mode: 'view', shape: 'entity' }, { entity: head }, undefined],
  ])('%s', (_name, wanted, enter, update) => {
    expect(partsOf(described, 'enter', wanted)).toEqual(enter);
    expect(partsOf(described, 'update', wanted)).toEqual(update);
  });

  it('an entity comes again where something of it has changed, tags of columns and texts of lists included', () => {
    for (const mode of ['events', 'view'] as const) {
      expect(partsOf(tagged, 'update', { mode, shape: 'entity' })).toEqual({ entity: head });
      expect(partsOf(changed({ owners: [] }), 'update', { mode, shape: 'entity' })).toEqual({ entity: head });
      expect(partsOf(changed({ terms: ['t'] }), 'update', { mode, shape: 'entity' })).toBeUndefined();
    }
  });
});

describe('what comes of fields', () => {
  it.each<[string, WantedForm, HubEvent, object | undefined]>([
    ['a change of another field', { fields: ['name', 'owners'] }, described, undefined],
    ['the same in a view', { mode: 'view', fields: ['name', 'columns'] }, described, undefined],
    ['the same as changes', { shape: 'changes', fields: ['owners'] }, described, undefined],
    ['the same as entities', { shape: 'entity', fields: ['owners'] }, tagged, undefined],
    [
      'a change of one of them',
      { fields: ['description', 'owners'] },
      described,
      { entity: 'owners', changes: '/description' },
    ],
    [
      'the same in a view',
      { mode: 'view', fields: ['description', 'tags'] },
      described,
      { entity: 'tags', document: 'description' },
    ],
    [
      'a tag, which is made of classifications',
      { fields: ['name', 'tags'] },
      tagged,
      { entity: 'name tags', changes: '' },
    ],
    ['its classification', { fields: ['classifications'] }, tagged, { entity: '', changes: tagPath }],
    ['a tag in entities', { shape: 'entity', fields: ['tags'] }, tagged, { entity: 'tags' }],
    [
      'of a view without need of a document',
      { mode: 'view', fields: ['tags'] },
      tagged,
      { entity: 'tags', document: '' },
    ],
    [
      'the time, which every change sets',
      { mode: 'view', fields: ['updatedAt'] },
      described,
      { entity: '', document: 'updatedAt' },
    ],
    [
      'the time in a feed of documents',
      { shape: 'document', fields: ['updatedAt'] },
      described,
      { entity: '', document: 'updatedAt', changes: '' },
    ],
  ])('%s', (_name, wanted, event, parts) => {
    expect(partsOf(event, 'update', wanted)).toEqual(parts);
  });

  it('an entity that comes into view comes, whatever is asked for', () => {
    expect(partsOf(described, 'enter', { fields: ['name', 'columns'] })).toEqual({
      entity: 'name',
      document: 'columns',
    });
    expect(partsOf(described, 'enter', { shape: 'changes', fields: ['columns'] })).toEqual({});
  });

  it('a change that is too large to be told is a change of its field', () => {
    const { data } = described;
    const ops = [{ op: 'replace', path: '/columns' }] as const;
    const large = { ...described, data: { ...data, change: { ...data.change, ops } } };
    expect(wireOf(large, 'update', { form: createForm({ shape: 'changes', fields: ['columns'] }) })).toMatchObject({
      changes: { '/columns': {} },
    });
    expect(partsOf(large, 'update', { fields: ['description'] })).toBeUndefined();
  });

  it('what alters nothing is not sent in any form', () => {
    const { data } = described;
    const nothing = { ...described, data: { ...data, change: { ...data.change, ops: [] } } };
    for (const wanted of [{}, { shape: 'changes' }, { mode: 'view' }, { mode: 'view', fields: ['updatedAt'] }] as const)
      expect(partsOf(nothing, 'update', wanted)).toBeUndefined();
  });
});

it('what a mask hides is in no form, and a change of it is nothing to tell', () => {
  const mask = {
    ...identityMask,
    key: 'no owners',
    head: (whole: typeof before.head) => ({ ...whole, owners: [] }),
    op: (op: HubEvent['data']['change']['ops'][number]) => (op.path.startsWith('/owners') ? undefined : op),
  };
  const event = changed({ owners: [{ id: 'bob', type: 'user' }] });
  const text = (wanted: WantedForm): string | undefined =>
    new EventMaker(event, { id: 'id', mask }).text('update', createForm(wanted));
  const forms = [{}, { shape: 'changes' }, { shape: 'entity' }, { fields: ['owners'] }, { mode: 'view' }] as const;
  for (const wanted of forms) expect(text(wanted)).toBeUndefined();
});
