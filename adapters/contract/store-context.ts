import type { CatalogStore } from '../../channels/ports/catalog-store.ts';

/** What a test works with. The store is shared by a group of tests, so each takes a tenant and connector of its own. */
export interface StoreContext {
  readonly store: CatalogStore;
  /** New for each test; also used as the id of its connector. */
  readonly tenant: string;
}
