import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conceptChange, definitionChange, relationshipChange } from '../../test/harness/changes.ts';
import type { JsonObject } from '../event/json.ts';
import { applyChange } from './apply-change.ts';
import type { CatalogDocument } from './document.ts';
import { type EditableDocument, type EditableKind, editableKinds, parseEntityEdit } from './entity-edit.ts';

const context = { recordedAt: '2026-05-05T10:00:00.000Z', parentsOf: () => [] };
const hub = { connector: 'hub', completeness: 'delta' } as const;

const first: Readonly<Record<EditableKind, () => Parameters<typeof applyChange>[1]>> = {
  relationship: () => relationshipChange({ properties: { a: 1, b: { c: 2 } } }, hub),
  definition: () => definitionChange({ scheme: 'pii', name: 'iban', parents: ['a', 'b'] }, hub),
  term: () => conceptChange({ name: 'x', synonyms: { mode: 'state', list: ['a', 'b'] } }, hub),
  domain: () => conceptChange({ name: 'x' }, { ...hub, target: 'domain' }),
  team: () => conceptChange({ name: 'x', members: { mode: 'state', list: ['a', 'b'] } }, { ...hub, target: 'team' }),
};

function documentOf(kind: EditableKind): EditableDocument {
  return narrow(applyChange(undefined, first[kind](), context)?.document);
}

function narrow(document: CatalogDocument | undefined): EditableDocument {
  if (document === undefined || document.kind === 'asset' || document.kind === 'alert') throw new Error('not editable');
  return document;
}

function edited(document: EditableDocument, body: JsonObject, replaces = false): EditableDocument {
  const { said } = parseEntityEdit(document.kind, body, document, replaces);
  const change = { ...first[document.kind](), ...said, action: 'upsert' } as const;
  return narrow(applyChange(document, change, context)?.document ?? document);
}

/** What it says, whoever said it when; lists in any order. */
function contentOf({ head: _head, version: _v, updatedAt: _u, sources: _s, ...content }: EditableDocument): object {
  const sorted = Object.entries(content).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((item) => JSON.stringify(item)).toSorted() : value,
  ]);
  return Object.fromEntries(sorted) as object;
}

const lists: Readonly<Record<EditableKind, string>> = {
  ...{ relationship: 'properties', definition: 'parents', term: 'synonyms', domain: 'experts', team: 'members' },
};

/** Of one member of the list of the kind, or of its description. */
function bodyOf(kind: EditableKind, key: string, isGone: boolean): JsonObject {
  if (key === 'description')
    return kind === 'relationship' ? { lineage: !isGone } : { description: isGone ? null : 'new' };
  return { [lists[kind]]: { [key]: isGone ? null : {} } };
}

describe('edits of entities that people make', () => {
  it('S5 of different members have the same result in any order', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd', 'description');
    const edits = fc.uniqueArray(fc.tuple(word, fc.boolean()), { maxLength: 4, selector: ([key]) => key });
    fc.assert(
      fc.property(fc.constantFrom(...editableKinds), edits, (kind, all) => {
        const bodies = all.map(([key, isGone]) => bodyOf(kind, key, isGone));
        const apply = (each: readonly JsonObject[]): object =>
          contentOf(each.reduce((document, body) => edited(document, body), documentOf(kind)));
        expect(apply(bodies.toReversed())).toEqual(apply(bodies));
      }),
    );
  });

  it.each(editableKinds)('S7 a %s that is replaced has what the body says and no more', (kind) => {
    const { name } = documentOf(kind);
    const body = kind === 'relationship' ? { properties: { z: 1 } } : { name, [lists[kind] ?? '']: { z: {} } };
    const key = lists[kind] ?? '';
    const replaced: Record<string, unknown> = { ...edited(documentOf(kind), body, true) };
    expect(replaced[key]).toEqual([kind === 'relationship' ? { key: 'z', value: 1 } : 'z']);
    expect(replaced['description']).toBeUndefined();
  });

  it.each<[string, JsonObject, string]>([
    ['an empty id', { name: 'x', id: '' }, '/id: must not be empty'],
    ['a urn as its id', { name: 'x', id: 'urn:gov:domain:x' }, '/id: must not be a urn'],
    ['a parent of another kind', { name: 'x', parent: 'urn:gov:team:cards' }, '/parent: must be a domain'],
  ])('S7 %s is refused', (_name, body, said) => {
    expect(() => parseEntityEdit('domain', body, undefined, false)).toThrow(said);
  });

  it('S7 a parent is an id, or a urn of its kind or of a source', () => {
    const parentOf = (parent: string): unknown =>
      Reflect.get(parseEntityEdit('domain', { name: 'x', parent }, undefined, false).said.patch, 'parent');
    expect(['retail', 'urn:gov:domain:retail', 'urn:gov:atlas:7'].map(parentOf)).toEqual([
      ...['urn:gov:domain:retail', 'urn:gov:domain:retail', 'urn:gov:atlas:7'],
    ]);
  });
});
