import type { DeadLetterStore } from './dead-letter-store.ts';
import type { DocumentStore } from './document-store.ts';
import type { IntakeStore } from './intake-store.ts';
import type { JobStore } from './job-store.ts';
import type { MetaStore } from './meta-store.ts';
import type { Outbox } from './outbox.ts';
import type { RevocationStore } from './revocation-store.ts';

/**
 * All that is stored with the catalog, in one store because a commit changes it together. Callers depend on the
 * roles that they need; a new role is an interface of its own. The creator of the store closes it.
 */
export interface CatalogStore extends DocumentStore, Outbox, IntakeStore, DeadLetterStore, RevocationStore, MetaStore {
  /** Imports and exports. */
  readonly jobs: JobStore;
  /** Cheap reachability check for /readyz. */
  ping(): Promise<void>;
  /** Deletes what has expired (message ids, revocations). Called periodically by the hub. */
  expire(nowMs: number): Promise<void>;
  /**
   * Gives documents what queries of this release ask for where a node of the release before has written them meanwhile.
   * Looks at every document. Called periodically by the hub.
   */
  upgradeDocuments(): Promise<void>;
  close(): Promise<void>;
}
