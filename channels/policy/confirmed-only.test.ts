import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyFilter, anyHead, headWith, withTags } from '../../test/harness/heads.ts';
import type { Head } from '../event/head.ts';
import { compileFilter } from '../subscription/compile-filter.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import { grantedByConfirmed } from './confirmed-only.ts';
import { classOf } from './policy-class.ts';
import type { Grant } from './policy.ts';

function mayRead(grants: readonly Grant[], head: Head): boolean {
  const principal = { tenant: 'acme', sub: 'ada', roles: ['r'], claims: {} };
  return classOf({ version: 1, roles: { r: grants } }, principal as never).mayRead(head);
}

function tagged(state: 'confirmed' | 'suggested', name = 'a'): Head {
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
