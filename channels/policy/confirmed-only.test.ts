import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyFilter, anyHead, headWith, withTags } from '../../test/harness/heads.ts';
import type { Head, HeadClassification } from '../event/head.ts';
import type { JsonObject } from '../event/json.ts';
import { compileFilter } from '../subscription/compile-filter.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import { grantedByConfirmed } from './confirmed-only.ts';
import { classOf } from './policy-class.ts';
import type { Grant } from './policy.ts';

function mayRead(grants: readonly Grant[], head: Head): boolean {
  const principal = { tenant: 'acme', sub: 'ada', roles: ['r'], claims: {} };
  return classOf({ version: 1, roles: { r: grants } }, principal as never).mayRead(head);
}

function tagged(state: HeadClassification['state'], name = 'a'): Head {
  const item = { scheme: 'pii', name, level: 3, origin: 'automated', state } as const;
  return withTags(headWith({ columnClassifications: [item] }));
}

it.each<[string, readonly Grant[]]>([
  ['an allow by tag', [{ allow: 'read', where: { tags: 'pii/a' } }]],
  ['an allow by scheme', [{ allow: 'read', where: { tags: { $startsWith: 'pii/' } } }]],
  ['an allow by level', [{ allow: 'read', where: { columnClassifications: { $elemMatch: { level: { $gte: 2 } } } } }]],
  ['an allow of what has any tag', [{ allow: 'read', where: { tags: { $exists: true } } }]],
  ['an exception of a deny', [{ allow: 'read' }, { deny: 'read', where: { $not: { tags: 'pii/a' } } }]],
  ['an exception of a deny, said otherwise', [{ allow: 'read' }, { deny: 'read', where: { tags: { $ne: 'pii/a' } } }]],
])('P11 a suggested tag does not open what a confirmed one does: %s', (_, grants) => {
  expect(mayRead(grants, tagged('confirmed'))).toBe(true);
  expect(mayRead(grants, tagged('suggested'))).toBe(false);
});

it.each<[string, readonly Grant[]]>([
  ['a deny', [{ allow: 'read' }, { deny: 'read', where: { tags: 'pii/a' } }]],
  [
    'a deny by level',
    [{ allow: 'read' }, { deny: 'read', where: { columnClassifications: { $elemMatch: { level: 3 } } } }],
  ],
  ['an allow of what lacks it', [{ allow: 'read', where: { tags: { $ne: 'pii/a' } } }]],
  ['an allow of what has none', [{ allow: 'read', where: { tags: { $exists: false } } }]],
])('P11 a suggested tag closes as a confirmed one does: %s', (_, grants) => {
  expect(mayRead(grants, headWith())).toBe(true);
  expect(mayRead(grants, tagged('confirmed'))).toBe(false);
  expect(mayRead(grants, tagged('suggested'))).toBe(false);
  expect(mayRead(grants, tagged('rejected'))).toBe(false);
});

const elements = (condition: JsonObject): JsonObject => ({ columnClassifications: { $elemMatch: condition } });

it.each<[string, readonly Grant[]]>([
  ['a deny of suggestions', [{ allow: 'read' }, { deny: 'read', where: elements({ state: 'suggested' }) }]],
  ['of one of several', [{ allow: 'read' }, { deny: 'read', where: elements({ state: { $in: ['x', 'suggested'] } }) }]],
  ['beside others', [{ allow: 'read' }, { deny: 'read', where: elements({ scheme: 'pii', state: 'suggested' }) }]],
  ['an allow of what has none', [{ allow: 'read', where: { $not: elements({ state: 'suggested' }) } }]],
])('S3 a rejected suggestion that still protects closes as one that is suggested: %s', (_, grants) => {
  expect(mayRead(grants, headWith())).toBe(true);
  expect(mayRead(grants, tagged('suggested'))).toBe(false);
  expect(mayRead(grants, tagged('rejected'))).toBe(false);
});

it('P11 whatever is granted, one more suggested tag shows nothing that was not shown', () => {
  const suggestion = fc.record({
    scheme: fc.constantFrom('pii', 'gdpr'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    level: fc.constantFrom(null, 1, 2, 3),
    origin: fc.constant('automated'),
    state: fc.constant('suggested' as const),
  });
  const list = fc.constantFrom('classifications' as const, 'columnClassifications' as const);
  fc.assert(
    fc.property(anyFilter, anyFilter, anyHead, suggestion, list, (allow, deny, head, item, field) => {
      const [allowed, denied] = [parseFilter(allow), parseFilter(deny)];
      const readable = grantedByConfirmed({ op: 'and', args: [allowed, { op: 'not', arg: denied }] });
      const matches = compileFilter(readable);
      const more = withTags({ ...head, [field]: [...head[field], item] });
      if (matches(more)) expect(matches(head)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it('S3 whatever is granted, a suggestion that is rejected without the right shows nothing that was not shown', () => {
  const list = fc.constantFrom('classifications' as const, 'columnClassifications' as const);
  const state = fc.constantFrom('confirmed', 'suggested');
  const operation = fc.oneof(
    state,
    fc.tuple(fc.constantFrom('$eq', '$ne'), state).map(([name, value]) => ({ [name]: value })),
    fc
      .tuple(fc.constantFrom('$in', '$nin'), fc.array(state, { minLength: 1 }))
      .map(([name, values]) => ({ [name]: values })),
  );
  const ofState = fc.tuple(list, operation).map(([field, value]) => ({ [field]: { $elemMatch: { state: value } } }));
  const condition = fc.oneof(
    anyFilter,
    ofState,
    ofState.map((inner) => ({ $not: inner })),
  );
  fc.assert(
    fc.property(condition, condition, anyHead, (allow, deny, head) => {
      const [allowed, denied] = [parseFilter(allow), parseFilter(deny)];
      const matches = compileFilter(grantedByConfirmed({ op: 'and', args: [allowed, { op: 'not', arg: denied }] }));
      const rejected = (items: Head['classifications']): Head['classifications'] =>
        items.map((item) => (item.state === 'suggested' ? { ...item, state: 'rejected' } : item));
      const after = {
        ...head,
        classifications: rejected(head.classifications),
        columnClassifications: rejected(head.columnClassifications),
      };
      if (matches(after)) expect(matches(head)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
