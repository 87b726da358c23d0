import { expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import { classOf, type PolicyClass } from '../../../channels/policy/policy-class.ts';
import { createOpaqueIds } from '../../sealing/opaque-ids.ts';
import { matchesExactly, matchesWeakly, representationOf } from './representation.ts';

const ids = createOpaqueIds('key');
const asset = sampleAsset('acme', 'urn:gov:orders');
const roles = { all: [{ allow: 'read' }], some: [{ allow: 'read', kinds: ['asset'] }] } as const;
function classFor(role: keyof typeof roles, tenant = 'acme'): PolicyClass {
  return classOf({ version: 1, roles }, { tenant, sub: 'ada', roles: [role], claims: {}, expiresAtMs: 0 });
}
const etag = (document = asset, policyClass = classFor('all'), by = ids): string =>
  representationOf(document, policyClass, by).etag;

it('S4 the tag stands for what is seen, by class and tenant, and for nothing beside it', () => {
  const hidden = {
    updatedAt: '2030-01-01T00:00:00.000Z',
    createdAt: '2029-01-01T00:00:00.000Z',
    version: 99,
    sources: [],
  };
  expect(etag({ ...asset, ...hidden })).toBe(etag());
  const members = Object.fromEntries(Object.entries(asset).toReversed());
  expect(etag({ ...asset, ...members })).toBe(etag());
  const others = [
    etag({ ...asset, description: 'other' }),
    etag({ ...asset, curated: { description: { value: 'x', by: 'ada', at: hidden.updatedAt } } }),
    etag(asset, classFor('some')),
    etag({ ...asset, tenant: 'globex' }, classFor('all', 'globex')),
    etag(asset, classFor('all'), createOpaqueIds('another key')),
  ];
  expect(new Set([etag(), ...others]).size).toBe(others.length + 1);
  for (const each of others) expect(each).toMatch(/^"[\w-]{22}"$/);
});

it('compares exactly before a change, and loosely where something is only read', () => {
  const headers = ['"a"', '"x", "a"', '*', 'W/"a"', '"b"', 'a', ''];
  expect(headers.map((header) => matchesExactly(header, '"a"'))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(headers.map((header) => matchesWeakly(header, '"a"'))).toEqual([true, true, true, true, false, false, false]);
});
