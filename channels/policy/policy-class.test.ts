import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFilter, anyHead, headWith } from '../../test/harness/heads.ts';
import { developmentFile } from '../../server/config/development-file.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';
import { assertPolicy, classOf, may, mayIngest } from './policy-class.ts';
import { type Grant, type Policy, policySchema } from './policy.ts';
import type { Principal } from './principal.ts';

function principal(roles: readonly string[], claims: JsonObject = {}, tenant = 'acme'): Principal {
  return { tenant, sub: 'ada', roles, claims, expiresAtMs: 0 };
}

function policy(roles: Readonly<Record<string, readonly Grant[]>>): Policy {
  return { version: 1, roles };
}

function mayRead(
  grants: readonly Grant[],
  claims: JsonObject,
  ...heads: Parameters<typeof headWith>[0][]
): readonly boolean[] {
  const policyClass = classOf(policy({ role: grants }), principal(['role'], claims));
  return heads.map((fields) => policyClass.mayRead(headWith(fields)));
}

describe('classOf: what may be read', () => {
  it('D8: nothing granted is nothing seen', () => {
    expect(mayRead([], {}, {})).toEqual([false]);
    expect(classOf(policy({}), principal(['unknown', 'constructor', '__proto__'])).mayRead(headWith())).toBe(false);
    expect(mayRead([{ allow: 'administer' }, { allow: 'ingest' }], {}, {})).toEqual([false]);
  });

  it('D8: never another tenant, whatever is granted', () => {
    const admin = classOf(policy({ admin: [{ allow: 'read' }] }), principal(['admin']));
    expect([admin.mayRead(headWith({ tenant: 'acme' })), admin.mayRead(headWith({ tenant: 'globex' }))]).toEqual([
      true,
      false,
    ]);
  });

  it('D8: deny wins, in every order and from any role', () => {
    const allow: Grant = { allow: 'read' };
    const deny: Grant = { deny: 'read', where: { tags: { $startsWith: 'pii/' } } };
    for (const grants of [
      [allow, deny],
      [deny, allow],
    ])
      expect(mayRead(grants, {}, { tags: ['pii/email'] }, { tags: ['gdpr/art9'] })).toEqual([false, true]);
    const apart = policy({ reader: [allow], careful: [deny] });
    for (const roles of [
      ['reader', 'careful'],
      ['careful', 'reader'],
    ])
      expect(classOf(apart, principal(roles)).mayRead(headWith({ tags: ['pii/email'] }))).toBe(false);
  });

  it('any one of several allows is enough', () => {
    const grants: readonly Grant[] = [
      { allow: 'read', where: { domain: 'hr' } },
      { allow: 'read', kinds: ['alert'] },
    ];
    expect(mayRead(grants, {}, { domain: 'hr' }, { kind: 'alert' }, { domain: 'ops' })).toEqual([true, true, false]);
  });

  it('kinds narrow both allow and deny', () => {
    expect(mayRead([{ allow: 'read', kinds: ['alert'] }], {}, { kind: 'alert' }, { kind: 'asset' })).toEqual([
      true,
      false,
    ]);
    expect(
      mayRead([{ allow: 'read' }, { deny: 'read', kinds: ['alert'] }], {}, { kind: 'alert' }, { kind: 'asset' }),
    ).toEqual([false, true]);
  });
});

describe('classOf: claims', () => {
  const own: Grant = { allow: 'read', where: { domain: '${principal.domain}' } };

  it('stand for themselves, also spread in a list', () => {
    expect(mayRead([own], { domain: 'hr' }, { domain: 'hr' }, { domain: 'ops' })).toEqual([true, false]);
    const listed: Grant = { allow: 'read', where: { domain: { $in: ['public', '${principal.domains}'] } } };
    expect(
      mayRead([listed], { domains: ['hr', 'ops'] }, { domain: 'public' }, { domain: 'ops' }, { domain: 'it' }),
    ).toEqual([true, true, false]);
    expect(
      mayRead([{ allow: 'read', where: { owners: '${principal.sub}' } }], {}, { owners: ['ada'] }, { owners: ['zoe'] }),
    ).toEqual([true, false]);
    expect(
      mayRead([{ allow: 'read', where: { domain: { $in: '${principal.roles}' } } }], {}, { domain: 'role' }),
    ).toEqual([true]);
  });

  it.each<[string, JsonValue | undefined]>([
    ['is missing', undefined],
    ['is null', null],
    ['is an empty list', []],
    ['is an object, which could carry operators', { $ne: 'x' }],
    ['is a list with an object', [{ $ne: 'x' }]],
  ])('D8: an allow whose claim %s gives nothing', (_name, claim) => {
    const claims: JsonObject = claim === undefined ? {} : { domain: claim };
    for (const where of [
      { domain: '${principal.domain}' },
      { domain: { $in: ['${principal.domain}'] } },
      { $not: { domain: '${principal.domain}' } },
    ] as const) {
      expect(mayRead([{ allow: 'read', where }], claims, { domain: 'x' }, { domain: 'y' }, {})).toEqual([
        false,
        false,
        false,
      ]);
    }
  });

  it('D8: a deny whose claim is missing denies all of its kinds', () => {
    const deny: Grant = { deny: 'read', kinds: ['asset'], where: { domain: { $nin: ['${principal.domains}'] } } };
    expect(mayRead([{ allow: 'read' }, deny], {}, { kind: 'asset' }, { kind: 'alert' })).toEqual([false, true]);
    expect(
      mayRead([{ allow: 'read' }, { deny: 'read', where: { domain: '${principal.x}' } }], {}, { kind: 'alert' }),
    ).toEqual([false]);
  });

  it.each<[string, JsonValue, JsonObject]>([
    ['a text where a list must stand', 'retail', { domain: { $in: '${principal.claim}' } }],
    ['a number where a list must stand', 7, { domain: { $in: '${principal.claim}' } }],
    ['a number where a text must stand', 7, { domain: '${principal.claim}' }],
    ['true where a text must stand', true, { domain: { $ne: '${principal.claim}' } }],
    ['a list where a text must stand', ['retail'], { domain: '${principal.claim}' }],
    ['a list of numbers', [1, 2], { domain: { $in: '${principal.claim}' } }],
    ['a text that is too long', 'x'.repeat(1025), { domain: '${principal.claim}' }],
    ['an empty text where one must begin', '', { name: { $startsWith: '${principal.claim}' } }],
    ['a text where a level must stand', 'high', { classifications: { $elemMatch: { level: '${principal.claim}' } } }],
    ['an empty text where a text must stand', '', { domain: '${principal.claim}' }],
    ['an empty text that must be another', '', { domain: { $ne: '${principal.claim}' } }],
    ['an empty text in a list', [''], { domain: { $nin: '${principal.claim}' } }],
    ['a list as a sole member', [[1]], { domain: { $in: '${principal.claim}' } }],
  ])('D8, R1: that are %s count as missing', (_name, claim, where) => {
    const [allow, deny]: [Grant, Grant] = [
      { allow: 'read', where },
      { deny: 'read', where },
    ];
    expect(mayRead([allow], { claim }, { domain: 'retail' }, {})).toEqual([false, false]);
    expect(mayRead([{ allow: 'read' }, deny], { claim }, { domain: 'retail' }, {})).toEqual([false, false]);
  });

  it('R1: of any form give a class or a refusal with a code, and an allow with a wrong one gives nothing', () => {
    const conditions: readonly JsonObject[] = [
      { domain: '${principal.claim}' },
      { domain: { $in: ['a', '${principal.claim}'] } },
      { domain: { $nin: '${principal.claim}' } },
      { name: { $startsWith: '${principal.claim}' } },
      { $or: [{ owners: '${principal.claim}' }, { domain: { $exists: true } }] },
      { classifications: { $elemMatch: { level: { $gte: '${principal.claim}' } } } },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...conditions), fc.jsonValue({ maxDepth: 3 }), (where, claim) => {
        try {
          const [sees] = mayRead([{ allow: 'read', where }], { claim: claim as JsonValue }, { domain: 'z', name: 'z' });
          const isPlain = typeof claim === 'string' || typeof claim === 'number' || Array.isArray(claim);
          if (!isPlain) expect(sees).toBe(false);
        } catch (error) {
          expect(error).toMatchObject({ code: 'filter-too-large' });
        }
      }),
    );
  });

  it('are never read from the prototype, and never become part of a text', () => {
    expect(mayRead([{ allow: 'read', where: { domain: '${principal.constructor}' } }], {}, {})).toEqual([false]);
    expect(
      mayRead(
        [{ allow: 'read', where: { domain: 'x-${principal.domain}' } }],
        { domain: 'hr' },
        { domain: 'x-hr' },
        { domain: 'x-${principal.domain}' },
      ),
    ).toEqual([false, true]);
  });

  it('that give a filter beyond its limits refuse the principal rather than show too much', () => {
    const grants: readonly Grant[] = [{ allow: 'read', where: { domain: { $nin: ['${principal.domains}'] } } }];
    expect(() => mayRead(grants, { domains: Array.from({ length: 201 }, (_, i) => `d${i}`) }, {})).toThrow(
      expect.objectContaining({ code: 'filter-too-large' }),
    );
  });
});

describe('classOf: identity', () => {
  const grants: readonly Grant[] = [
    { allow: 'read', where: { domain: { $in: ['${principal.domains}'] } } },
    { deny: 'read', where: { tags: 'pii/email' } },
  ];
  const named = policy({ a: grants, b: grants.toReversed(), c: [grants[0]!], d: [grants[1]!] });
  const idOf = (roles: readonly string[], claims: JsonObject, tenant?: string): string =>
    classOf(named, principal(roles, claims, tenant)).id;

  it('equal rights are one class, whatever the order of claims and roles and whatever the roles are called', () => {
    const ids = [
      idOf(['a'], { domains: ['x', 'y'] }),
      idOf(['a'], { domains: ['y', 'x', 'y'] }),
      idOf(['b'], { domains: ['x', 'y'] }),
      idOf(['c', 'd'], { domains: ['x', 'y'] }),
      idOf(['d', 'c'], { domains: ['x', 'y'] }),
      idOf(['a', 'b'], { domains: ['x', 'y'], other: 1 }),
    ];
    expect(new Set(ids).size).toBe(1);
  });

  it('D8: other rights or another tenant are another class', () => {
    const ids = [
      idOf(['a'], { domains: ['x'] }),
      idOf(['a'], { domains: ['y'] }),
      idOf(['c'], { domains: ['x'] }),
      idOf([], {}),
      idOf(['a'], { domains: ['x'] }, 'globex'),
    ];
    expect(new Set(ids).size).toBe(5);
  });

  it('D8: principals of one class are answered alike for any head', () => {
    const grant = fc
      .record({ filter: anyFilter, deny: fc.boolean() })
      .map(({ filter, deny }): Grant => ({ [deny ? 'deny' : 'allow']: 'read', where: filter as JsonObject }));
    fc.assert(
      fc.property(
        fc.array(grant, { minLength: 1, maxLength: 3 }),
        fc.array(grant, { minLength: 1, maxLength: 3 }),
        fc.array(anyHead, { minLength: 3, maxLength: 3 }),
        (one, other, heads) => {
          const [a, b] = [one, other].map((each) => classOf(policy({ role: each }), principal(['role']))) as [
            ReturnType<typeof classOf>,
            ReturnType<typeof classOf>,
          ];
          const shuffled = classOf(policy({ role: one.toReversed() }), principal(['role', 'none']));
          expect(shuffled.id).toBe(a.id);
          if (a.id === b.id) for (const head of heads) expect(a.mayRead(head)).toBe(b.mayRead(head));
        },
      ),
    );
  });
});

describe('mayIngest and may', () => {
  it('P8: administer and operate are two things', () => {
    const named = policy({ tenants: [{ allow: 'administer' }], all: [{ allow: 'operate' }] });
    const rights = (role: string): readonly boolean[] => [
      may(named, principal([role]), 'administer'),
      may(named, principal([role]), 'operate'),
    ];
    expect([rights('tenants'), rights('all')]).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  const roles = policy({
    all: [{ allow: 'ingest' }],
    one: [{ allow: 'ingest', connectors: ['atlas'] }],
    except: [{ deny: 'ingest', connectors: ['events'] }],
    root: [{ allow: 'administer' }],
    fallen: [{ deny: 'administer' }],
  });

  it.each<[readonly string[], boolean, boolean]>([
    [['all'], true, true],
    [['one'], true, false],
    [['except'], false, false],
    [['all', 'except'], true, false],
    [['root'], false, false],
    [[], false, false],
  ])('%j may ingest as atlas: %s, as events: %s', (names, atlas, events) => {
    expect([mayIngest(roles, principal(names), 'atlas'), mayIngest(roles, principal(names), 'events')]).toEqual([
      atlas,
      events,
    ]);
  });

  it('administers only who is granted it and not denied', () => {
    expect([['root'], ['root', 'fallen'], ['all']].map((names) => may(roles, principal(names), 'administer'))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('assertPolicy', () => {
  it.each<[string, JsonObject]>([
    ['an unknown field', { domian: 'hr' }],
    ['an unknown operator', { domain: { $like: 'hr' } }],
    ['a wrong value', { severity: 'high' }],
  ])('names role and grant of %s', (_name, where) => {
    expect(() => assertPolicy(policy({ ok: [], steward: [{ allow: 'read' }, { allow: 'read', where }] }))).toThrow(
      expect.objectContaining({
        code: 'config-invalid',
        message: expect.stringContaining('policy.roles.steward[1].where: filter.'),
      }),
    );
  });

  it.each<JsonObject>([
    { domain: '${principal.domain}' },
    { domain: { $in: '${principal.domains}' } },
    { domain: '${principal.domain}', tags: { $in: '${principal.tags}' } },
    { severity: { $gte: '${principal.level}' } },
    { columnClassifications: { $elemMatch: { level: { $in: '${principal.levels}' }, scheme: '${principal.scheme}' } } },
    { $or: [{ owners: '${principal.sub}' }, { domain: { $in: ['public', '${principal.domains}'] } }] },
  ])('takes claims of any fitting kind: %j', (where) => {
    expect(() => assertPolicy(policy({ steward: [{ allow: 'read', where }] }))).not.toThrow();
  });
});

describe('policySchema', () => {
  it.each<[string, unknown]>([
    ['exactly one of allow and deny', { allow: 'read', deny: 'read' }],
    ['exactly one of allow and deny', {}],
    ['where applies to read, write and declassify only', { allow: 'ingest', where: {} }],
    ['fields applies to write only', { allow: 'read', fields: ['owners'] }],
    ['Invalid option: expected one of \\"description\\"', { allow: 'write', fields: ['owner'] }],
    ['kinds applies to read, write and declassify only', { allow: 'administer', kinds: ['asset'] }],
    ['connectors applies to ingest only', { allow: 'read', connectors: ['atlas'] }],
    ['must be a filter object', { allow: 'read', where: 'domain' }],
  ])('%s: %j', (message, grant) => {
    expect(JSON.stringify(policySchema.safeParse({ roles: { role: [grant] } }).error?.issues)).toContain(message);
  });
});

describe('the sample roles of a development hub', () => {
  const sample = policySchema.parse(developmentFile.policy);
  const seen = (role: string): readonly boolean[] => {
    const { mayRead: may } = classOf(sample, principal([role]));
    return [{}, { tags: ['pii/email'] }, { kind: 'alert' }, { kind: 'relationship' }, { status: 'deprecated' }].map(
      (fields) => may(headWith(fields as object)),
    );
  };

  it.each([
    // plain asset, personal data, alert, relationship, deprecated asset
    ['admin', [true, true, true, true, true]],
    ['steward', [true, true, true, true, true]],
    ['viewer', [true, false, false, false, true]],
    ['bot', [false, false, true, false, false]],
    ['nobody', [false, false, false, false, false]],
  ])('%s', (role, expected) => {
    expect(seen(role)).toEqual(expected);
  });

  it('only admin ingests and administers, and the policy is valid', () => {
    const rights = (role: string): readonly boolean[] => [
      mayIngest(sample, principal([role]), 'atlas'),
      may(sample, principal([role]), 'administer'),
      may(sample, principal([role]), 'operate'),
    ];
    expect(['admin', 'steward', 'viewer', 'bot'].map(rights)).toEqual([
      [true, true, true],
      [false, false, false],
      [false, false, false],
      [false, false, false],
    ]);
    expect(() => assertPolicy(sample)).not.toThrow();
  });
});
