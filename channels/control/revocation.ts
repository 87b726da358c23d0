import { isJsonObject } from '../event/json.ts';

/** What is revoked. Times: RFC 3339 UTC with milliseconds. */
export type RevocationTarget =
  /** One token, by its `jti`. */
  | { readonly kind: 'token'; readonly token: string }
  /** Tokens of one subject that were issued before a time. */
  | { readonly kind: 'subject'; readonly subject: string; readonly issuedBefore: string }
  /** All tokens of the tenant that were issued before a time. */
  | { readonly kind: 'all'; readonly issuedBefore: string }
  /** One session; its token stays valid. */
  | { readonly kind: 'session'; readonly session: string };

/** Revokes rights before their token expires. */
export interface Revocation {
  /** Chosen by the hub, unique in the tenant. */
  readonly id: string;
  readonly tenant: string;
  readonly target: RevocationTarget;
  /** For people. */
  readonly reason?: string;
  /** Subject of the administrator. */
  readonly by: string;
  /** When it was created, RFC 3339 UTC with milliseconds. */
  readonly at: string;
  /** When it may be deleted, because every token it revokes has expired. RFC 3339 UTC with milliseconds. */
  readonly expiresAt: string;
}

/** A revocation as stored and sent to other nodes. */
export interface RevocationRecord extends Revocation {
  readonly kind: 'revocation';
  readonly v: 1;
}

/** As stored, whatever that is: by any release, or damaged. Without a version it is version 1. */
export interface KeptRevocation extends Partial<Revocation> {
  readonly kind?: 'revocation';
  readonly v?: number;
}

/** The record of a text that the catalog has stored; of a text that is none, one without any field. Never throws. */
export function revocationOf(text: string): KeptRevocation {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Does it name everything that a revocation of any version has? */
export function isWhole(kept: KeptRevocation): kept is KeptRevocation & Revocation {
  const { id, tenant, by, at, expiresAt, target } = kept;
  return [id, tenant, by, at, expiresAt].every((each) => typeof each === 'string') && isJsonObject(target);
}
