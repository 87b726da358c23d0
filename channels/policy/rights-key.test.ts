import { expect, it } from 'vitest';
import type { Policy } from './policy.ts';
import { classOf } from './policy-class.ts';
import type { Principal } from './principal.ts';
import { rightsKeyOf } from './rights-key.ts';

const policy: Policy = {
  version: 1,
  roles: {
    viewer: [{ allow: 'read', where: { domain: { $in: ['${principal.domains}'] } } }],
    owner: [{ allow: 'read', where: { owners: '${principal.sub}' } }],
  },
};
const ada: Principal = {
  tenant: 'acme',
  sub: 'ada',
  roles: ['viewer'],
  claims: { domains: ['retail'] },
  expiresAtMs: 1,
};

it('is the same for equal rights, whatever else a token says', () => {
  const noSub: Policy = { ...policy, roles: { viewer: policy.roles['viewer'] ?? [] } };
  const key = rightsKeyOf(noSub);
  const bea = { ...ada, sub: 'bea', roles: ['viewer', 'viewer', 'unheard-of'], expiresAtMs: 2 };
  expect(key({ ...bea, claims: { ...ada.claims, email: 'bea@acme', auth_time: 7 } })).toBe(key(ada));
});

it('differs where the classes differ', () => {
  const key = rightsKeyOf(policy);
  const others: readonly Principal[] = [
    { ...ada, tenant: 'globex' },
    { ...ada, roles: ['owner'] },
    { ...ada, roles: ['viewer', 'owner'] },
    { ...ada, claims: { domains: ['finance'] } },
    { ...ada, claims: {} },
    { ...ada, roles: ['owner'], sub: 'bea' },
  ];
  expect(new Set([ada, ...others].map(key)).size).toBe(7);
  expect(new Set([ada, ...others].map((each) => classOf(policy, each).id)).size).toBe(7);
});
