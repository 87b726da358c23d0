import { beforeEach, describe, expect, it } from 'vitest';
import type { Revocation, RevocationTarget } from '../../channels/control/revocation.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { Revocations } from './revocations.ts';

const startMs = Date.UTC(2026, 4, 4);
const iso = (ms: number): string => new Date(ms).toISOString();
const ada: Principal = {
  ...{ tenant: 'acme', sub: 'ada', roles: [], claims: {}, tokenId: 't-1' },
  ...{ issuedAtMs: startMs - 60_000, expiresAtMs: startMs + 3_600_000 },
};

let nowMs: number;
let revocations: Revocations;
beforeEach(() => {
  nowMs = startMs;
  revocations = new Revocations({ now: () => nowMs });
});

function revoke(target: RevocationTarget, fields: Partial<Revocation> = {}): void {
  const times = { at: iso(startMs), expiresAt: iso(startMs + 3_600_000) };
  revocations.add({ id: 'r', tenant: 'acme', target, by: 'root', ...times, ...fields });
}

describe('Revocations', () => {
  it.each<[string, RevocationTarget]>([
    ['its token', { kind: 'token', token: 't-1' }],
    ['its subject', { kind: 'subject', subject: 'ada', issuedBefore: iso(startMs) }],
    ['all of its tenant', { kind: 'all', issuedBefore: iso(startMs) }],
  ])('P7: refuses a token when %s is revoked, and another one not', (_, target) => {
    revocations.assertGood(ada);
    revoke(target);
    expect(() => revocations.assertGood(ada)).toThrow(expect.objectContaining({ code: 'token-revoked' }));
    const others: readonly Principal[] = [
      { ...ada, tenant: 'globex' },
      ...(target.kind === 'token' ? [{ ...ada, tokenId: 't-2' }] : [{ ...ada, issuedAtMs: startMs + 5000 }]),
      ...(target.kind === 'all' ? [] : [{ ...ada, sub: 'bob', tokenId: 't-3' }]),
    ];
    expect(others.map((other) => revocations.isRevoked(other))).toEqual(others.map(() => false));
  });

  it('P7: counts a token of an issuer whose clock is ahead as issued before', () => {
    revoke({ kind: 'subject', subject: 'ada', issuedBefore: iso(startMs) });
    expect(revocations.isRevoked({ ...ada, issuedAtMs: startMs + 4000 })).toBe(true);
    expect(revocations.isRevoked({ ...ada, issuedAtMs: startMs + 5000 })).toBe(false);
  });

  it('takes a token that does not say when it was issued for an old one', () => {
    revoke({ kind: 'subject', subject: 'ada', issuedBefore: iso(startMs) });
    const { issuedAtMs: _issuedAtMs, ...undated } = ada;
    expect(revocations.isRevoked({ ...undated, tokenId: 't-9' })).toBe(true);
  });

  it('keeps the wider of two that concern the same, in whatever order they come', () => {
    const subject = (issuedBefore: string): RevocationTarget => ({ kind: 'subject', subject: 'ada', issuedBefore });
    const recent = { ...ada, issuedAtMs: startMs - 10_000 };
    revoke(subject(iso(startMs - 5000)), { expiresAt: iso(startMs + 60_000) });
    revoke(subject(iso(startMs - 20_000)));
    nowMs += 120_000;
    expect(revocations.isRevoked(recent)).toBe(true);
  });

  it('forgets what has passed its time', () => {
    revoke({ kind: 'token', token: 't-1' }, { expiresAt: iso(startMs + 1000) });
    nowMs += 1000;
    expect(revocations.isRevoked(ada)).toBe(false);
    expect(revocations.size).toBe(1);
    revocations.purge();
    expect(revocations.size).toBe(0);
  });
});
