import { describe, expect, it } from 'vitest';
import { type EditableKind, parseEntityEdit } from '../catalog/entity-edit.ts';
import type { JsonObject } from '../event/json.ts';
import { bodySchemas } from './entity-schema.ts';

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const whole: Readonly<Record<EditableKind, JsonObject>> = {
  relationship: { type: 'joins', from: 'urn:a', to: 'urn:b' },
  definition: { scheme: 'pii', name: 'iban' },
  term: { name: 'Balance' },
  domain: { name: 'Retail' },
  team: { name: 'Payments' },
};
const any: readonly JsonObject[] = [
  {},
  { colour: 'red' },
  { description: 'x' },
  { description: null },
  { description: 1 },
  { name: '' },
  { status: null },
  { status: 'deleted' },
  { status: 'approved' },
  { owners: { ada: {}, bob: null, eve: { type: 'group', role: null } } },
  { owners: ['ada'] },
  { owners: { ada: { name: 'Ada' } } },
  { synonyms: { a: {}, b: null } },
  { synonyms: ['a'] },
  { members: { a: {} }, contact: 'x' },
  { members: { a: 1 } },
  { experts: { a: {} } },
  { experts: { a: { b: 1 } } },
  { parents: { a: {}, b: null }, level: 7 },
  { level: 1001 },
  { level: 1.5 },
  { lineage: true, properties: { a: { b: [1] } } },
  { lineage: 'yes' },
  { properties: 'a' },
  { parent: 'retail', glossary: 'g', domain: 'd' },
  { parent: 7 },
  { id: 'balance' },
];

describe.each(Object.entries(whole))('what is described of a %s is what is read', (name, least) => {
  const kind = name as EditableKind;
  const { create, edit } = bodySchemas(kind);

  it.each(any)('W24: a new one with %j', (members) => {
    for (const body of [members, { ...least, ...members }])
      expect([body, isRead(() => parseEntityEdit(kind, body, undefined, true))]).toEqual([
        body,
        create.safeParse(body).success,
      ]);
  });

  it.each(any)('W24: a change with %j', (members) => {
    const held = { kind, owners: [], properties: [], ...least } as never;
    expect(isRead(() => parseEntityEdit(kind, members, held, false))).toBe(edit.safeParse(members).success);
  });
});
