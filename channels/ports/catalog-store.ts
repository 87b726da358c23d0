import type { DeadLetterStore } from './dead-letter-store.ts';
import type { DocumentStore } from './document-store.ts';
import type { IntakeStore } from './intake-store.ts';
import type { MetaStore } from './meta-store.ts';
import type { Outbox } from './outbox.ts';
import type { RevocationStore } from './revocation-store.ts';

/**
 * All that is stored with the catalog, in one store because a commit changes it together. Whoever uses it asks for the
 * roles that it needs; a new one is an interface of its own. Whoever created the store closes it.
 */
export interface CatalogStore extends DocumentStore, Outbox, IntakeStore, DeadLetterStore, RevocationStore, MetaStore {
  /** Cheap reachability check for /readyz. */
  ping(): Promise<void>;
  /** Drops what has passed its time (message ids, revocations). Called now and then by the hub. */
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
