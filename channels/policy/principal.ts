import type { JsonValue } from '../event/json.ts';

/** An authenticated caller. The tenant comes from the token and from nowhere else. */
export interface Principal {
  readonly tenant: string;
  readonly sub: string;
  readonly roles: readonly string[];
  /** Claims that grants may refer to as `${principal.<name>}`. */
  readonly claims: { readonly [name: string]: JsonValue };
  /** `jti` of the token, where it has one. */
  readonly tokenId?: string;
  /** `iat` of the token in ms since 1970, where it has one. */
  readonly issuedAtMs?: number;
  /** ms since 1970 */
  readonly expiresAtMs: number;
}

/** Names a principal among those of all tenants: what it may use of a node is counted by this. */
export function principalKey({ tenant, sub }: Pick<Principal, 'tenant' | 'sub'>): string {
  return `${tenant}|${sub}`;
}
