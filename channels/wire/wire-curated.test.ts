import { describe, expect, it } from 'vitest';
import { assetChange, minute } from '../../test/harness/changes.ts';
import { applyChange } from '../catalog/apply-change.ts';
import type { AssetPatch, ClassificationChange, CurationPatch } from '../catalog/change.ts';
import type { AssetDocument } from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { HubEvent } from '../event/hub-event.ts';
import { createForm } from './form.ts';
import { identityMask, type Mask } from './mask.ts';
import { documentRest, wireDocument } from './wire-document.ts';
import { carriedDocument, EventMaker } from './wire-event.ts';

const secret = 'pii/secret';
const context = { parentsOf: () => [] };
const suggestion: ClassificationChange = {
  mode: 'state',
  list: [{ scheme: 'pii', name: 'CANARY-tag', origin: 'automated', state: 'suggested' }],
};
const tagged: ClassificationChange = {
  mode: 'state',
  list: [{ scheme: 'pii', name: 'secret', origin: 'manual', state: 'confirmed' }],
};

const source: AssetPatch = {
  type: 'table',
  name: 'orders',
  description: 'CANARY-own-source',
  owners: { mode: 'state', list: [{ id: 'CANARY-bob', type: 'user' }] },
  properties: { p: 'CANARY-property-source' },
  classifications: suggestion,
  columns: {
    mode: 'state',
    list: [
      { name: 'open', description: 'open source', classifications: suggestion },
      { name: 'iban', description: 'CANARY-column-source', classifications: tagged },
    ],
  },
};
const rejected = [{ scheme: 'pii', name: 'CANARY-tag', word: { state: 'rejected' } }] as const;
const said: CurationPatch = {
  mayDeclassify: true,
  description: 'CANARY-own',
  owners: [
    { key: 'CANARY-ada', value: { id: 'CANARY-ada', type: 'user' } },
    { key: 'CANARY-bob', value: null },
  ],
  properties: [{ key: 'p', value: 'CANARY-property' }],
  classifications: rejected,
  columns: [
    { name: 'open', description: 'open words', classifications: rejected },
    { name: 'iban', description: 'CANARY-column' },
  ],
};

function eventsOf(words: readonly CurationPatch[]): { readonly document: AssetDocument; readonly events: HubEvent[] } {
  const first = applyChange(undefined, assetChange(source), { ...context, recordedAt: minute(1) });
  let document = first?.document;
  const events: HubEvent[] = [];
  const apply = (change: ReturnType<typeof assetChange>): void => {
    const result = applyChange(document, change, { ...context, recordedAt: minute(2 + events.length) });
    document = result?.document ?? document;
    if (result?.event !== undefined) events.push(result.event);
  };
  for (const curated of words)
    apply(assetChange({ curated }, { connector: 'hub', completeness: 'delta', actor: { id: 'CANARY-who' } }));
  apply(assetChange({ ...source, description: 'CANARY-newer' }, { time: minute(5) }));
  if (document?.kind !== 'asset') throw new Error('no asset');
  return { document, events };
}

function onAssets(change: (asset: WithoutHead<AssetDocument>) => WithoutHead<AssetDocument>): Mask['document'] {
  return (document) => (document.kind === 'asset' ? change(document) : document);
}

const isSecret = (tags: readonly string[] | undefined): boolean => tags?.includes(secret) === true;
const hidesSecretOps: Mask['op'] = (op) => (isSecret(op.labels?.before) || isSecret(op.labels?.after) ? undefined : op);
const hidesField =
  (...fields: readonly string[]): Mask['op'] =>
  (op) =>
    fields.includes(op.path.split('/')[1] ?? '') ? undefined : op;

function hasSecret({ classifications }: AssetDocument['columns'][number]): boolean {
  return classifications.some(({ name }) => name === 'secret');
}

/** Masks as somebody writes them who has never heard of a layer of people: they copy what they do not name. */
const columnMasks: readonly (readonly [string, Partial<Mask>])[] = [
  [
    'a column without its description',
    {
      document: onAssets((asset) => ({
        ...asset,
        columns: asset.columns.map((column) => (hasSecret(column) ? { ...column, description: 'masked' } : column)),
      })),
      op: hidesSecretOps,
    },
  ],
  [
    'no such column at all',
    {
      document: onAssets((asset) => ({ ...asset, columns: asset.columns.filter((column) => !hasSecret(column)) })),
      op: hidesSecretOps,
    },
  ],
];

function textsOf(mask: Mask, words: readonly CurationPatch[] = [said]): readonly string[] {
  const { document, events } = eventsOf(words);
  const whole = JSON.stringify([wireDocument(document, mask), documentRest(document, mask)]);
  return [
    whole,
    ...events.map((event) => {
      const maker = new EventMaker(event, { id: 'id', mask });
      return maker.text('update', createForm({ mode: 'events', shape: 'document' }), carriedDocument(event)) ?? '';
    }),
  ];
}

describe('P6 a mask hides what people say with the field that they say it of', () => {
  it('everybody else sees it, in documents and events', () => {
    const [whole = '', event = '', newer = ''] = textsOf(identityMask);
    for (const text of ['"source":"CANARY-column-source"', '"by":"CANARY-who"', '"rejected":[{"scheme":"pii"'])
      for (const each of [whole, event]) expect(each).toContain(text);
    expect(newer).toContain('"/curated/description":{"old":{"value":"CANARY-own","source":"CANARY-own-source"');
    expect(whole).not.toMatch(/"connector"|"hidden"|"overruled"/);
  });

  it.each(columnMasks)('%s', (_name, mask) => {
    const texts = textsOf({ ...identityMask, key: 'columns', ...mask });
    for (const text of texts) expect(text).not.toContain('CANARY-column');
    expect(texts[0]).toContain('"curated":{"description":{"value":"open words","source":"open source"');
    expect(texts[0]).toContain('"source":"CANARY-newer"');
  });

  it.each<readonly [string, CurationPatch]>([
    ['a value', said],
    ['that there is none', { ...said, description: '' }],
  ])('fields of the asset, of which people say %s', (_name, words) => {
    const mask: Mask = {
      ...identityMask,
      key: 'fields',
      head: (head) => ({ ...head, owners: [] }),
      document: onAssets(({ description: _description, ...asset }) => ({ ...asset, owners: [], properties: [] })),
      op: hidesField('description', 'owners', 'properties'),
    };
    const texts = textsOf(mask, [words]);
    for (const text of texts) expect(text).not.toMatch(/CANARY-(own|newer|ada|bob|property)/);
    expect(texts[0]).toContain('open words');
  });

  it('classifications, also those that were rejected', () => {
    const mask: Mask = {
      ...identityMask,
      key: 'tags',
      document: onAssets((asset) => ({
        ...asset,
        classifications: [],
        columns: asset.columns.map((column) => ({ ...column, classifications: [] })),
      })),
      op: (op) => (op.path.includes('/classifications/') ? undefined : op),
    };
    for (const text of textsOf(mask)) expect(text).not.toContain('CANARY-tag');
  });

  it('who has said it, where a mask hides who does things', () => {
    const mask: Mask = { ...identityMask, key: 'actors', cause: (cause) => ({ ...cause, actor: undefined }) };
    const texts = textsOf(mask);
    for (const text of texts) expect(text).not.toContain('CANARY-who');
    expect(texts[0]).toContain('"value":"CANARY-own"');
  });
});
