import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type {
  IndexBatch,
  IndexBuild,
  IndexPosition,
  IndexReport,
  IndexRow,
  SearchIndex,
  StopSignal,
} from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { compareText } from '../../../channels/subscription/compare-text.ts';
import { everything } from '../../../channels/subscription/filter.ts';
import type { Logger } from '../../observability/logger.ts';
import { inTurns } from '../../turns/in-turns.ts';
import type { IndexChanges } from './index-changes.ts';

/** Documents that are read and written at once: a second or less for the engine. */
const page = { limit: 500, maxBytes: 4 * 1024 * 1024 };
const retryMs = 1000;

export interface IndexRebuildOptions {
  readonly name: string;
  readonly index: Pick<SearchIndex, 'begin' | 'adopt' | 'build'>;
  readonly store: Pick<DocumentStore, 'find' | 'tenants'>;
  readonly changes: IndexChanges;
  readonly turns: Turns;
  readonly logger: Logger;
  /** Nothing else is written meanwhile. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Writes under the claim, and counts. */
  readonly applied: (apply: (stop: StopSignal) => Promise<IndexReport>) => Promise<void>;
  /** Up to where of the log events were given to `apply`. */
  readonly position: () => IndexPosition | undefined;
}

/**
 * Builds an index from the store, tenant by tenant in the order of urns. A document is either behind the cursor, and its changes
 * are applied, or beyond it, and the store will give its newest state.
 */
export class IndexRebuild {
  readonly #options: IndexRebuildOptions;
  readonly #stopping = new AbortController();
  /** Tenants that had documents at the beginning: the urn up to which all are written, undefined for those that are done. */
  readonly #cursors = new Map<string, string | undefined>();
  #build: IndexBuild | undefined;
  #documents = 0;

  constructor(options: IndexRebuildOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Written so far. */
  get documents(): number {
    return this.#documents;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves with true when the index is searched, with false when it was stopped before. */
  async run(): Promise<boolean> {
    const { alone, index, name } = this.#options;
    await this.#insist(() => alone(() => this.#begin()));
    for (const tenant of [...this.#cursors.keys()])
      while (this.#cursors.get(tenant) !== undefined && !this.#isStopped)
        await this.#insist(() => alone(() => this.#page(tenant)));
    return this.#insist(() =>
      alone(async () => {
        // the answer to the attempt before may have been lost
        if (this.#isStopped || (await index.build()) === name) return;
        await this.#write({ rows: [], removed: [], position: this.#options.position() });
        await index.adopt(name);
      }),
    );
  }

  /** What changed of documents that were read already. To be called while nothing else is written. */
  async apply({ rows, removed, position }: IndexBatch): Promise<void> {
    if (this.#build === undefined || this.#isStopped) return;
    const isRead = ({ tenant, urn }: Pick<IndexRow, 'tenant' | 'urn'>): boolean => {
      const cursor = this.#cursors.get(tenant);
      return cursor === undefined || compareText(urn, cursor) <= 0;
    };
    await this.#write({ rows: rows.filter(isRead), removed: removed.filter(isRead), position });
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #begin(): Promise<void> {
    const { index, store, name } = this.#options;
    if (this.#isStopped) return;
    for (const tenant of await store.tenants()) this.#cursors.set(tenant, '');
    this.#build = await index.begin(name);
  }

  async #page(tenant: string): Promise<void> {
    const { store, changes, turns } = this.#options;
    const cursor = this.#cursors.get(tenant);
    if (cursor === undefined || this.#isStopped) return;
    const { documents, next } = await store.find({ tenant, filter: everything, afterUrn: cursor, ...page });
    const rows: IndexRow[] = [];
    await inTurns({ turns, tenant }, documents, (each) => void rows.push(...changes.rowOf(each, each.head)));
    await this.#write({ rows, removed: [], position: undefined });
    this.#documents += rows.length;
    this.#cursors.set(tenant, next);
  }

  async #write({
    position,
    ...changed
  }: Omit<IndexBatch, 'position'> & { position: IndexPosition | undefined }): Promise<void> {
    const build = this.#build;
    if (build === undefined) return;
    const batch = position === undefined ? changed : { ...changed, position };
    await this.#options.applied((stop) => build.apply(batch, stop));
  }

  /** Until it is done or stopped. */
  async #insist(work: () => Promise<void>): Promise<boolean> {
    const { logger } = this.#options;
    while (!this.#isStopped)
      try {
        await work();
        return !this.#isStopped;
      } catch (error) {
        logger.warn({ error }, 'the search index cannot be built at the moment; retrying');
        await pause(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    return false;
  }
}
