import { expect, it } from 'vitest';
import type { RevocationRecord } from '../../channels/control/revocation.ts';
import type { StoreContext } from './store-context.ts';

const nowMs = Date.now();
const isoIn = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();

function revocation(tenant: string, id: string, fields: Partial<RevocationRecord> = {}): RevocationRecord {
  const target = { kind: 'token', token: `jti-${id}` } as const;
  return { kind: 'revocation', v: 1, id, tenant, target, by: 'root', at: isoIn(0), expiresAt: isoIn(3600), ...fields };
}

/** What is taken back must be known to whoever starts. */
export function registerRevocationTests(context: StoreContext): void {
  it('gives back what was put, once and oldest first', async () => {
    const { store, tenant } = context;
    const [later, earlier] = [revocation(tenant, 'a', { at: isoIn(2) }), revocation(tenant, 'b', { reason: 'left' })];
    for (const each of [later, earlier, later]) await store.putRevocation(each);
    await store.putRevocation({ ...later, by: 'somebody else' });
    expect(await store.revocations({ nowMs, tenant })).toEqual([earlier, later]);
    expect(await store.revocations({ nowMs, tenant, sinceIso: isoIn(2) })).toEqual([later]);
  });

  it('gives back every field, also of a version that it does not know', async () => {
    const { store, tenant } = context;
    const newer = { ...revocation(tenant, 'n'), v: 2, target: { kind: 'role', role: 'admin' } } as never;
    await store.putRevocation(newer);
    expect(await store.revocations({ nowMs, tenant })).toEqual([newer]);
  });

  it('gives those of all tenants to a node, and of one tenant to its administrators', async () => {
    const { store, tenant } = context;
    const [own, foreign] = [revocation(tenant, 'x'), revocation(`${tenant}-2`, 'x')];
    await store.putRevocation(own);
    await store.putRevocation(foreign);
    expect(await store.revocations({ nowMs, tenant })).toEqual([own]);
    expect(await store.revocations({ nowMs })).toEqual(expect.arrayContaining([own, foreign]));
  });

  it('leaves out, and in time drops, what has passed its time', async () => {
    const { store, tenant } = context;
    const [short, long] = [
      revocation(tenant, 'short', { expiresAt: isoIn(60) }),
      revocation(tenant, 'long', { expiresAt: isoIn(7200) }),
    ];
    await store.putRevocation(short);
    await store.putRevocation(long);
    expect(await store.revocations({ nowMs: nowMs + 60_000, tenant })).toEqual([long]);
    await store.expire(nowMs + 60_000);
    expect(await store.revocations({ nowMs, tenant })).toEqual([long]);
  });
}
