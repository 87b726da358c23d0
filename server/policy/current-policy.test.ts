import { expect, it } from 'vitest';
import type { Policy } from '../../channels/policy/policy.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { CurrentPolicy } from './current-policy.ts';

const policy: Policy = {
  version: 1,
  roles: {
    reader: [{ allow: 'read' }],
    same: [{ allow: 'read' }],
    admin: [{ allow: 'administer' }, { allow: 'ingest', connectors: ['lake'] }],
  },
};
const who = (...roles: readonly string[]): Principal => {
  return { tenant: 'acme', sub: 'ada', roles, claims: {}, expiresAtMs: 0 };
};

it('holds one class for equal rights, whatever roles they come from', () => {
  const current = new CurrentPolicy(policy);
  expect(current.classOf(who('same'))).toBe(current.classOf(who('reader')));
  expect(current.classOf(who('admin'))).not.toBe(current.classOf(who('reader')));
});

it('says what is forbidden', () => {
  const current = new CurrentPolicy(policy);
  current.assertMay(who('admin'), 'administer');
  current.assertMayIngest(who('admin'), 'lake');
  expect(() => current.assertMay(who('admin'), 'operate')).toThrow('no grant allows you to operate');
  expect(() => current.assertMayIngest(who('admin'), 'sea')).toThrow('connector: no grant allows you to ingest as sea');
});

it('another policy is in force at once, and listeners hear of it until they end that', () => {
  const current = new CurrentPolicy(policy);
  const before = current.classOf(who('reader'));
  const heard: boolean[] = [];
  const end = current.onChange(() => heard.push(current.classOf(who('reader')).isEmpty));
  current.replace({ version: 2, roles: { guest: [{ allow: 'administer' }] } });
  expect([before.isEmpty, heard]).toEqual([false, [true]]);
  current.assertMay(who('guest'), 'administer');
  expect(() => current.assertMay(who('admin'), 'administer')).toThrow('no grant');
  end();
  current.replace(policy);
  expect(heard.length).toBe(1);
});
