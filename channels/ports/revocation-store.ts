import type { KeptRevocation, RevocationRecord } from '../control/revocation.ts';

/** All tenants and times by default. */
export interface RevocationQuery {
  readonly nowMs: number;
  readonly tenant?: string;
  readonly sinceIso?: string;
}

/** Revocations. Every method rejects with `storage-unavailable`. */
export interface RevocationStore {
  /** Durable when it resolves, with all fields; the same id again changes nothing. */
  putRevocation(revocation: RevocationRecord): Promise<void>;
  /** Those in effect at `nowMs`, as stored, oldest first, and those that cannot be read; of all tenants unless one is given, and created at `sinceIso` or later. */
  revocations(query: RevocationQuery): Promise<readonly KeptRevocation[]>;
}
