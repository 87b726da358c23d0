import type {
  IndexBatch,
  IndexPosition,
  IndexQuery,
  IndexResult,
  SearchIndex,
} from '../../../channels/ports/search-index.ts';
import { TenantIndex } from './tenant-index.ts';

/**
 * A search engine in the memory of the process, built from the store with each start. Typed arrays instead of
 * objects: some 2 KB for a document of a hundred words. Each tenant has an index of its own, so that no word, number or
 * order of one depends on another.
 */
export class EmbeddedSearchIndex implements SearchIndex {
  readonly #tenants = new Map<string, TenantIndex>();
  #position: IndexPosition | undefined;

  async apply({ rows, removed, position }: IndexBatch): Promise<void> {
    for (const row of rows) this.#indexOf(row.tenant).put(row);
    for (const each of removed) this.#tenants.get(each.tenant)?.remove(each);
    for (const tenant of new Set([...rows, ...removed].map((each) => each.tenant)))
      this.#tenants.get(tenant)?.compact();
    if (position !== undefined) this.#position = position;
  }

  async search(query: IndexQuery): Promise<IndexResult> {
    const { hits, total, facets } = (this.#tenants.get(query.tenant) ?? new TenantIndex()).search(query);
    return { hits, total: { value: total, relation: 'exact' }, facets, position: this.#position };
  }

  async position(): Promise<IndexPosition | undefined> {
    return this.#position;
  }

  async count(): Promise<number> {
    return [...this.#tenants.values()].reduce((sum, { count }) => sum + count, 0);
  }

  async clear(): Promise<void> {
    this.#tenants.clear();
    this.#position = undefined;
  }

  close(): Promise<void> {
    return this.clear();
  }

  #indexOf(tenant: string): TenantIndex {
    const held = this.#tenants.get(tenant);
    if (held !== undefined) return held;
    const index = new TenantIndex();
    this.#tenants.set(tenant, index);
    return index;
  }
}
