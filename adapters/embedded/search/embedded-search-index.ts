import type { Stopwatch } from '../../../channels/ports/clock.ts';
import type {
  IndexBatch,
  IndexBuild,
  IndexPage,
  IndexPosition,
  IndexQuery,
  IndexReport,
  IndexResult,
  SearchEngine,
  SearchIndex,
  StopSignal,
} from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { isBehind } from '../../../channels/search/is-behind.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { Slots } from './slots.ts';
import { TenantIndex } from './tenant-index.ts';

export interface EmbeddedSearchIndexOptions {
  readonly turns: Turns;
  readonly clock: Stopwatch;
}

/** Searches of a tenant that are in progress at once: each has some numbers for each document. */
const searchesAtOnce = 2;

/** The documents of all tenants, and up to where of the log. */
class Contents {
  readonly tenants = new Map<string, TenantIndex>();
  position: IndexPosition | undefined;

  apply({ rows, removed, position }: IndexBatch): IndexReport {
    let stale = 0;
    for (const row of rows) if (!this.#indexOf(row.tenant).put(row)) stale += 1;
    for (const each of removed) if (this.tenants.get(each.tenant)?.remove(each) === false) stale += 1;
    for (const tenant of new Set([...rows, ...removed].map((each) => each.tenant))) this.tenants.get(tenant)?.compact();
    if (position !== undefined) this.position = position;
    return { stale, refused: [] };
  }

  #indexOf(tenant: string): TenantIndex {
    const held = this.tenants.get(tenant);
    if (held !== undefined) return held;
    const index = new TenantIndex();
    this.tenants.set(tenant, index);
    return index;
  }
}

/**
 * A search engine in the memory of the process, built from the store with each start. Typed arrays instead of
 * objects: some 2 KB for a document of a hundred words. Each tenant has an index of its own, so that no word, number or
 * order of one depends on another.
 */
export class EmbeddedSearchIndex implements SearchIndex {
  readonly engine: SearchEngine = { name: 'embedded', isShared: false, form: '', isRanked: true };
  readonly #options: EmbeddedSearchIndexOptions;
  readonly #slots = new Map<string, Slots>();
  #contents = new Contents();
  #build: string | undefined;
  #begun: { readonly name: string; readonly contents: Contents } | undefined;

  constructor(options: EmbeddedSearchIndexOptions) {
    this.#options = options;
  }

  async apply(batch: IndexBatch, stop?: StopSignal): Promise<IndexReport> {
    stop?.throwIfAborted();
    return this.#contents.apply(batch);
  }

  /** In turns of the tenant: a search may have to look at all documents many times. */
  async search(query: IndexQuery): Promise<IndexResult> {
    const slots = this.#slots.get(query.tenant) ?? new Slots(searchesAtOnce);
    this.#slots.set(query.tenant, slots);
    return slots.run(() => this.#search(query));
  }

  async #search(query: IndexQuery): Promise<IndexResult> {
    const { turns, clock } = this.#options;
    const { tenants, position } = this.#contents;
    const pieces = (tenants.get(query.tenant) ?? new TenantIndex()).search(query);
    let tookMs = 0;
    for (;;) {
      const startedMs = clock.elapsedMs();
      const step = pieces.next();
      tookMs += clock.elapsedMs() - startedMs;
      if (step.done === true) {
        const { hits, total, facets } = step.value;
        return { hits, total: { value: total, relation: 'exact' }, facets, position, tookMs };
      }
      // behind whatever else the tenant has to do
      if (turns.isOver) await turns.next(query.tenant);
    }
  }

  async position(): Promise<IndexPosition | undefined> {
    return this.#contents.position;
  }

  async count(): Promise<number> {
    return [...this.#contents.tenants.values()].reduce((sum, { count }) => sum + count, 0);
  }

  async list(tenant: string, after: string | undefined, limit: number): Promise<IndexPage> {
    const hits = this.#contents.tenants.get(tenant)?.list(after, limit) ?? [];
    return { hits, next: hits.length < limit ? undefined : hits.at(-1)?.urn };
  }

  async versions(tenant: string, urns: readonly string[]): Promise<readonly (number | undefined)[]> {
    return urns.map((urn) => this.#contents.tenants.get(tenant)?.versionOf(urn));
  }

  async begin(name: string): Promise<IndexBuild> {
    const contents = new Contents();
    this.#begun = { name, contents };
    return {
      name,
      apply: async (batch, stop) => {
        stop?.throwIfAborted();
        if (this.#begun?.contents !== contents)
          throw new HubError('conflict', `search index: ${name} is not being built`);
        return contents.apply(batch);
      },
    };
  }

  async adopt(name: string): Promise<void> {
    const begun = this.#begun;
    if (this.#build === name) return;
    if (begun?.name !== name)
      throw new HubError('conflict', `search index: ${name} is not the build that was begun last`);
    if (isBehind(begun.contents.position, this.#contents.position))
      throw new HubError(
        'conflict',
        `search index: ${name} knows less of the log than the index that it would replace`,
      );
    this.#contents = begun.contents;
    this.#build = name;
    this.#begun = undefined;
  }

  /** What was replaced is garbage already. */
  async retire(): Promise<void> {}

  async build(): Promise<string | undefined> {
    return this.#build;
  }

  async clear(): Promise<void> {
    this.#contents = new Contents();
    this.#build = undefined;
    this.#begun = undefined;
  }

  close(): Promise<void> {
    return this.clear();
  }
}
