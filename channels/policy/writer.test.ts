import { expect, it } from 'vitest';
import { headWith } from '../../test/harness/heads.ts';
import type { Grant } from './policy.ts';
import type { Principal } from './principal.ts';
import { type Writer, writerOf } from './writer.ts';

function writer(grants: readonly Grant[], claims: Principal['claims'] = {}): Writer {
  const principal = { tenant: 'acme', sub: 'ada', roles: ['role'], claims, expiresAtMs: 0 };
  return writerOf(
    { version: 1, roles: { role: grants, other: [{ allow: 'write' }, { allow: 'declassify' }] } },
    principal,
  );
}

const retail = headWith({ tenant: 'acme', domain: 'retail' });
const risk = headWith({ tenant: 'acme', domain: 'risk' });

it('P1 nothing is granted by other actions, other roles or for other tenants', () => {
  const reader = writer([{ allow: 'read' }, { allow: 'administer' }]);
  expect([reader.mayWrite('owners', retail), reader.mayDeclassify(retail), reader.fields]).toEqual([false, false, []]);
  const all = writer([{ allow: 'write' }, { allow: 'declassify' }]);
  expect([all.mayWrite('owners', retail), all.mayDeclassify(retail)]).toEqual([true, true]);
  const foreign = headWith({ tenant: 'globex' });
  expect([all.mayWrite('owners', foreign), all.mayDeclassify(foreign)]).toEqual([false, false]);
  expect(writer([{ allow: 'write' }]).mayDeclassify(retail)).toBe(false);
});

it('P2 grants are by field and condition, and a deny wins for its fields', () => {
  const some = writer(
    [
      { allow: 'write', fields: ['owners', 'status'], where: { domain: '${principal.domain}' } },
      { allow: 'write', fields: ['description'] },
      { deny: 'write', fields: ['status'], where: { domain: 'retail' } },
    ],
    { domain: 'retail' },
  );
  const may = (head: typeof retail) =>
    (['owners', 'status', 'description', 'domain'] as const).map((field) => some.mayWrite(field, head));
  expect(may(retail)).toEqual([true, false, true, false]);
  expect(may(risk)).toEqual([false, false, true, false]);
  expect(some.fields).toEqual(['description', 'status', 'owners']);
});

it('P2 a deny without fields denies all, one with a missing claim denies everything', () => {
  expect(writer([{ allow: 'write' }, { deny: 'write', where: { domain: 'risk' } }]).mayWrite('owners', risk)).toBe(
    false,
  );
  const denied = writer([{ allow: 'write' }, { deny: 'write', where: { domain: '${principal.domain}' } }]);
  expect(denied.mayWrite('owners', risk)).toBe(false);
});

it('P11 a suggested tag opens nothing to write, and closes', () => {
  const tagged = headWith({ tenant: 'acme', tags: ['pii/x'], confirmedTags: [] });
  expect(writer([{ allow: 'write', where: { tags: 'pii/x' } }]).mayWrite('owners', tagged)).toBe(false);
  expect(writer([{ allow: 'write' }, { deny: 'write', where: { tags: 'pii/x' } }]).mayWrite('owners', tagged)).toBe(
    false,
  );
});
