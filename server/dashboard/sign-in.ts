import { LRUCache } from 'lru-cache';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createTokenVerifier, mintToken } from '../identity/token-verifier.ts';

/** Of the code in the link that a development hub prints, and of the cookie that comes of it. */
export const signInAudience = 'pursight-sign-in';
const sessionAudience = 'pursight-session';
export const signInSeconds = 12 * 3600;
const tokenSeconds = 300;
const maxUsedCodes = 10_000;

export interface SignInOptions {
  /** Signs the tokens of a development hub. */
  readonly jwtSecret: string;
  readonly issuer: string;
  readonly audience: string;
  /** Roles of the policy, of which a person of this machine takes one. */
  readonly roles: readonly string[];
  readonly clock: Clock;
}

/** What the page gets: a hub token for a few minutes, and who it is for. */
export interface SignedIn {
  readonly token: string;
  readonly expiresInMs: number;
  readonly sub: string;
  readonly tenant: string;
  readonly role: string;
  /** The roles that may be chosen. */
  readonly roles: readonly string[];
}

/** Sign-in on the developer's own machine: a code that works once gives a session, and a session gives short tokens. */
export interface SignIn {
  /** Takes a code, and gives a session and its first token. @throws HubError unauthenticated, invalid-request */
  begin(code: string, role: string | undefined): Promise<{ readonly session: string; readonly signedIn: SignedIn }>;
  /** A token for a role of the policy. @throws HubError unauthenticated, invalid-request */
  token(session: string, role: string | undefined): Promise<SignedIn>;
  /** The session gives no tokens any more. @throws HubError unauthenticated */
  end(session: string): Promise<void>;
}

/** The code that a development hub prints in its link. */
export function mintSignInCode(options: Pick<SignInOptions, 'jwtSecret' | 'issuer'> & { tenant: string }): string {
  const { jwtSecret: secret, issuer, tenant } = options;
  return mintToken({
    ...{ secret, issuer, tenant, audience: signInAudience },
    ...{ sub: 'developer', roles: [], ttlSeconds: signInSeconds },
  });
}

const preferred = ['steward', 'admin'];

export function createSignIn({ jwtSecret: secret, issuer, audience, roles, clock }: SignInOptions): SignIn {
  const used = new LRUCache<string, true>({ max: maxUsedCodes });
  const ended = new LRUCache<string, true>({ max: maxUsedCodes });
  const verifierOf = (of: string): ((token: unknown) => Promise<Principal>) =>
    createTokenVerifier({ issuer, audience: of, maxLifetimeMs: signInSeconds * 1000, clock, key: { secret } });
  const verifyCode = verifierOf(signInAudience);
  const verifySession = verifierOf(sessionAudience);
  const usual = preferred.find((role) => roles.includes(role)) ?? roles[0];
  const known = (role: string | undefined): string => {
    if (role !== undefined && roles.includes(role)) return role;
    throw new HubError('invalid-request', `role: must be one of ${roles.join(', ')}`);
  };
  const tokenFor = (tenant: string, role: string): SignedIn => {
    const token = mintToken({ secret, issuer, audience, tenant, sub: role, roles: [role], ttlSeconds: tokenSeconds });
    return { token, expiresInMs: tokenSeconds * 1000, sub: role, tenant, role, roles };
  };
  return {
    begin: async (code, role = usual) => {
      const { tenant, sub, tokenId = '' } = await verifyCode(code);
      // a wrong role must not use the code up
      const chosen = known(role);
      if (tokenId === '' || used.has(tokenId))
        throw new HubError('unauthenticated', 'code: it works once; get a new link with "pursight dashboard"');
      used.set(tokenId, true);
      const common = { secret, issuer, audience: sessionAudience, tenant, sub };
      const session = mintToken({ ...common, roles: [], ttlSeconds: signInSeconds });
      return { session, signedIn: tokenFor(tenant, chosen) };
    },
    token: async (session, role = usual) => {
      const { tenant, tokenId = '' } = await verifySession(session);
      if (ended.has(tokenId)) throw new HubError('unauthenticated', 'session: it was ended by signing out');
      return tokenFor(tenant, known(role));
    },
    end: async (session) => {
      const { tokenId = '' } = await verifySession(session);
      ended.set(tokenId, true);
    },
  };
}
