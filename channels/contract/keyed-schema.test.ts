import { describe, expect, it } from 'vitest';
import { parseIdentity } from '../catalog/keyed-identity.ts';
import { parseKeyedPatch } from '../catalog/keyed-patch.ts';
import type { JsonObject } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import { assetPatchSchema, newAssetSchema } from './keyed-schema.ts';

const column = { key: 'k1', name: 'email', classifications: [] };
const shown = { owners: [], properties: [], columns: [column] };
const none = { owners: [], properties: [], columns: [] };

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (thrown) {
    // what an asset does not permit is no matter of form
    if (thrown instanceof HubError) return thrown.code === 'forbidden';
    throw thrown;
  }
}

/** As an asset of people, which takes all that is described. */
function patchIsRead(body: JsonObject): boolean {
  return accepts(() => {
    const { rest, columns } = parseIdentity(body, shown, false);
    parseKeyedPatch(rest, { shown: { ...shown, columns }, whole: { columns } });
  });
}

function creationIsRead(body: JsonObject): boolean {
  return accepts(() => {
    const { rest, columns } = parseIdentity(body, none, true);
    parseKeyedPatch(rest, { shown: { ...none, columns }, whole: { columns } });
  });
}

const examples: readonly (readonly [string, JsonObject])[] = [
  ['texts', { description: 'x', domain: 'retail', status: 'active' }],
  ['nulls', { description: null, domain: null, status: null, fqn: null, platform: null, parent: null }],
  ['empty texts', { description: '', domain: '' }],
  ['no text', { description: 1 }],
  ['a list for a text', { domain: ['retail'] }],
  ['too long a domain', { domain: 'x'.repeat(257) }],
  ['an unknown status', { status: 'deleted' }],
  ['owners', { owners: { ada: {}, bob: null, eve: { type: 'group', role: 'steward' }, ann: { role: null } } }],
  ['a list of owners', { owners: ['ada'] }],
  ['an owner without an id', { owners: { '': {} } }],
  ['an owner of another type', { owners: { ada: { type: 'robot' } } }],
  ['an owner with another member', { owners: { ada: { name: 'Ada' } } }],
  ['an owner that is a text', { owners: { ada: 'user' } }],
  ['terms', { terms: { revenue: {}, cost: null } }],
  ['a term with a member', { terms: { revenue: { a: 1 } } }],
  ['a term that is true', { terms: { revenue: true } }],
  ['properties', { properties: { a: 1, b: null, c: { d: [null, { e: 'f' }] } } }],
  ['a text for properties', { properties: 'a' }],
  [
    'tags',
    { classifications: { 'pii/email': { state: 'confirmed', level: 3, reason: 'x' }, 'pii/name': null, 'a/b': {} } },
  ],
  ['a suggestion', { classifications: { 'pii/email': { state: 'suggested' } } }],
  ['a level without a whole number', { classifications: { 'pii/email': { level: 1.5 } } }],
  ['a level that is too high', { classifications: { 'pii/email': { level: 1001 } } }],
  ['a tag with another member', { classifications: { 'pii/email': { origin: 'manual' } } }],
  ['columns', { columns: { email: { description: 'x', classifications: { 'pii/email': {} } } } }],
  ['a column by its key', { columns: { k1: { description: null } } }],
  ['columns of an asset of people', { columns: { email: null, total: { type: 'decimal' }, sum: { type: null } } }],
  ['a type of a column that is no text', { columns: { email: { type: 7 } } }],
  ['a list of columns', { columns: [{ name: 'email' }] }],
  ['a column with another member', { columns: { email: { position: 1 } } }],
  ['a name and a type', { name: 'orders', type: 'table', fqn: 'a.b', platform: 'hive', parent: 'urn:x' }],
  ['a name that is null', { name: null, type: 'table' }],
  ['an empty name', { name: '', type: 'table' }],
  ['an unknown member', { colour: 'red' }],
];

describe('what is described as the body of a change is what is read', () => {
  it.each(examples)('W24: a patch with %s', (_name, body) => {
    expect(patchIsRead(body)).toBe(assetPatchSchema.safeParse(body).success);
  });

  it.each(examples)('W24: a new asset with %s', (_name, body) => {
    for (const each of [body, { name: 'orders', type: 'table', ...body }])
      expect(creationIsRead(each)).toBe(newAssetSchema.safeParse(each).success);
  });
});
