import type { KeptRevocation, RevocationRecord } from '../control/revocation.ts';

/** Of all tenants and times, unless it says otherwise. */
export interface RevocationQuery {
  readonly nowMs: number;
  readonly tenant?: string;
  readonly sinceIso?: string;
}

/** What was taken back before its time. Every method rejects with `storage-unavailable`. */
export interface RevocationStore {
  /** Stored for good when it resolves, with every field that it has; the same id again changes nothing. */
  putRevocation(revocation: RevocationRecord): Promise<void>;
  /** Those that count at `nowMs`, as they were put, oldest first; of all tenants unless one is named, and made at `sinceIso` or later. */
  revocations(query: RevocationQuery): Promise<readonly KeptRevocation[]>;
}
