import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PatchOperation } from '../contract/json-patch-schema.ts';
import { jsonPatchSchema } from '../contract/json-patch-schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import { mergePatchOf } from './json-patch.ts';

const asset: JsonObject = {
  description: 'from the source',
  domain: 'retail',
  owners: { ada: { type: 'user', role: 'steward' }, bob: { type: 'user' } },
  terms: { revenue: {} },
  properties: { tier: 'gold', list: ['a', { b: 1 }], nested: { x: { y: 1 }, z: 2 } },
  classifications: { 'pii/email': { origin: 'automated', state: 'suggested', level: 3 } },
  columns: { email: { key: 'k1', name: 'email', classifications: {} } },
};

const patch = (...operations: readonly PatchOperation[]): JsonObject => mergePatchOf(operations, asset);

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (thrown) {
    return thrown instanceof HubError ? thrown.code : String(thrown);
  }
}

describe('a JSON Patch as a merge patch', () => {
  it.each<[string, readonly PatchOperation[], JsonObject]>([
    ['add a member', [{ op: 'add', path: '/owners/eve', value: {} }], { owners: { eve: {} } }],
    ['remove a member', [{ op: 'remove', path: '/owners/bob' }], { owners: { bob: null } }],
    ['replace a text', [{ op: 'replace', path: '/description', value: 'x' }], { description: 'x' }],
    ['say again what is so', [{ op: 'replace', path: '/domain', value: 'retail' }], { domain: 'retail' }],
    [
      'a member without its role',
      [{ op: 'replace', path: '/owners/ada', value: { type: 'user' } }],
      { owners: { ada: { role: null } } },
    ],
    [
      'all members',
      [{ op: 'replace', path: '/owners', value: { ada: { type: 'group', role: 'steward' } } }],
      { owners: { ada: { type: 'group' }, bob: null } },
    ],
    [
      'confirm a tag',
      [{ op: 'add', path: '/classifications/pii~1email', value: { state: 'confirmed' } }],
      { classifications: { 'pii/email': { state: 'confirmed' } } },
    ],
    [
      'a column by its key',
      [{ op: 'add', path: '/columns/k1/description', value: 'x' }],
      { columns: { email: { description: 'x' } } },
    ],
    [
      'inside a list',
      [{ op: 'add', path: '/properties/list/1/b', value: 2 }],
      { properties: { list: ['a', { b: 2 }] } },
    ],
    [
      'at the end of a list',
      [{ op: 'add', path: '/properties/list/-', value: 3 }],
      { properties: { list: ['a', { b: 1 }, 3] } },
    ],
    ['copy', [{ op: 'copy', from: '/properties/tier', path: '/properties/was' }], { properties: { was: 'gold' } }],
    [
      'move',
      [{ op: 'move', from: '/properties/tier', path: '/properties/was' }],
      { properties: { tier: null, was: 'gold' } },
    ],
    ['a test alone', [{ op: 'test', path: '/owners/ada/role', value: 'steward' }], {}],
    [
      'what an earlier operation added',
      [
        { op: 'add', path: '/properties/n', value: {} },
        { op: 'add', path: '/properties/n/m', value: 1 },
      ],
      { properties: { n: { m: 1 } } },
    ],
    [
      'remove and add again',
      [
        { op: 'remove', path: '/owners/bob' },
        { op: 'add', path: '/owners/bob', value: {} },
      ],
      { owners: { bob: {} } },
    ],
  ])('%s', (_name, operations, merge) => {
    expect(jsonPatchSchema.parse(operations)).toEqual(operations);
    expect(mergePatchOf(operations, asset)).toEqual(merge);
  });

  it.each<[string, PatchOperation, string]>([
    ['a test of another value', { op: 'test', path: '/domain', value: 'risk' }, 'precondition-failed'],
    ['a test of what is not there', { op: 'test', path: '/owners/eve', value: {} }, 'precondition-failed'],
    ['a removal of what is not there', { op: 'remove', path: '/owners/eve' }, 'precondition-failed'],
    ['a replacement of what is not there', { op: 'replace', path: '/fqn', value: 'a' }, 'precondition-failed'],
    ['a member of what is not there', { op: 'add', path: '/owners/eve/role', value: 'a' }, 'precondition-failed'],
    ['a member of a text', { op: 'add', path: '/domain/x', value: 'a' }, 'precondition-failed'],
    ['an inherited member', { op: 'test', path: '/constructor', value: {} }, 'precondition-failed'],
    ['the whole', { op: 'replace', path: '', value: {} }, 'invalid-request'],
    ['a null', { op: 'add', path: '/properties/n', value: null }, 'invalid-request'],
    ['a null inside', { op: 'add', path: '/properties/n', value: { a: null } }, 'invalid-request'],
    ['an index that is none', { op: 'add', path: '/properties/list/7', value: 1 }, 'invalid-request'],
    ['a member of a list', { op: 'add', path: '/properties/list/x', value: 1 }, 'invalid-request'],
    [
      'a move into itself',
      { op: 'move', from: '/properties/nested', path: '/properties/nested/x/a' },
      'invalid-request',
    ],
  ])('refuses %s', (_name, operation, code) => {
    expect(codeOf(() => patch(operation))).toBe(code);
  });

  it('members are their own, whatever they are called', () => {
    const merge = patch({ op: 'add', path: '/properties/__proto__', value: { polluted: true } });
    expect(JSON.stringify(merge)).toBe('{"properties":{"__proto__":{"polluted":true}}}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  /** RFC 7396. */
  function mergedInto(value: JsonValue | undefined, merge: JsonValue): JsonValue {
    if (!isJsonObject(merge)) return merge;
    const result = new Map(Object.entries(isJsonObject(value) ? value : {}));
    for (const [key, member] of Object.entries(merge))
      if (member === null) result.delete(key);
      else result.set(key, mergedInto(result.get(key), member));
    return Object.fromEntries(result);
  }

  const plainValue = fc.oneof(fc.integer(), fc.constantFrom('a', 'b'));
  const objectValue = fc.dictionary(fc.constantFrom('x', 'y', 'z~/'), plainValue, { maxKeys: 3 });
  const anyValue: fc.Arbitrary<JsonValue> = fc.oneof(plainValue, objectValue, fc.array(plainValue, { maxLength: 3 }));
  const key = fc.constantFrom('p', 'q', 'r/~');

  it('S10: has the effect that RFC 6902 gives it, as far as it can be said', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('add', 'replace', 'remove', 'copy', 'move', 'deep'), key, key, anyValue),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(fc.dictionary(key, anyValue, { maxKeys: 3 }), steps, (properties, wanted) => {
        const model = new Map<string, JsonValue>(Object.entries(properties));
        const operations: PatchOperation[] = [];
        const pointer = (name: string): string => `/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        for (const [op, name, other, value] of wanted) {
          const path = pointer(name);
          const held = model.get(name);
          if (op === 'add' || (op === 'replace' && held !== undefined)) {
            operations.push({ op, path, value });
            model.set(name, value);
          } else if (held === undefined) continue;
          else if (op === 'remove') {
            operations.push({ op, path });
            model.delete(name);
          } else if (op === 'deep' && isJsonObject(held)) {
            operations.push({ op: 'add', path: `${path}/y`, value }, { op: 'test', path: `${path}/y`, value });
            model.set(name, { ...held, y: value });
          } else if (op === 'copy') {
            operations.push({ op, from: path, path: pointer(other) });
            model.set(other, held);
          } else if (op === 'move') {
            operations.push({ op, from: path, path: pointer(other) });
            model.delete(name);
            model.set(other, held);
          }
        }
        const before = { properties };
        const after = mergedInto(before, mergePatchOf(operations, before));
        expect(after).toEqual({ properties: Object.fromEntries(model) });
      }),
      { numRuns: 500 },
    );
  });
});

it('R1 S10 copies of copies, which double with each operation, are refused before they are made', () => {
  const copies = Array.from({ length: 60 }, (_, index) => ({
    ...{ op: 'copy' as const, from: '/properties/b', path: `/properties/b/c${index}` },
  }));
  const patch = [{ op: 'add' as const, path: '/properties/b', value: { a: 'x' } }, ...copies];
  const before = performance.now();
  expect(() => mergePatchOf(patch, { properties: {} })).toThrow(/^\/properties\/b\/c\d+: the values of a patch/);
  expect(performance.now() - before).toBeLessThan(1000);
  const some = patch.slice(0, 10);
  expect(mergePatchOf(some, { properties: {} })).toMatchObject({ properties: { b: { a: 'x', c0: { a: 'x' } } } });
});
