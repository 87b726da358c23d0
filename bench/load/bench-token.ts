import { mintToken } from '../../server/identity/token-verifier.ts';
import { benchTenant } from './bench-events.ts';

/** Used by nothing but the benches on this machine. */
export const benchSecret = 'bench-only-secret-bench-only-secret-0123456789';

export function benchToken(roles: readonly string[] = ['steward'], sub = 'bench'): string {
  return mintToken({
    secret: benchSecret,
    issuer: 'pursight',
    audience: 'pursight-hub',
    sub,
    tenant: benchTenant,
    roles,
    ttlSeconds: 7200,
  });
}
