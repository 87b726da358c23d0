import { setTimeout as pause } from 'node:timers/promises';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { IndexPosition, SearchIndex } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { compareText } from '../../../channels/subscription/compare-text.ts';
import { everything } from '../../../channels/subscription/filter.ts';
import type { LogBatch, LogSink } from '../../following/log-sink.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { OwnedTurns } from '../../turns/owned-turns.ts';
import { type Changes, IndexChanges, positionAfter } from './index-changes.ts';

/** Documents that are read at once while an index is built: a millisecond or two. */
const page = { limit: 200, maxBytes: 64 * 1024 };
/** Rows that are indexed in one turn: a millisecond or two. */
const rowsAtOnce = 8;
const retryMs = 1000;
/** How long a search waits for an index that is being built: that of a small catalog is there by then. */
const patienceMs = 2000;

export interface SearchFeedOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore;
  readonly log: Pick<EventLog, 'epoch' | 'ends'>;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'searchDocuments' | 'searchBuilding' | 'searchUnindexed'>;
}

/** How far the documents of a tenant have been read from the store. */
interface Build {
  /** The urn up to which all are indexed. */
  cursor: string;
  isDone: boolean;
  readonly done: Promise<void>;
}

/**
 * Feeds an index that is not stored: documents come from the store, tenant by tenant in the order of their urns, and changes
 * from the log. One thing is done at a time, a page or a batch, so a document is either behind the cursor, and its changes
 * are applied, or beyond it, and the store will give its newest state: nothing that was deleted can come back.
 */
export class SearchFeed implements LogSink {
  readonly name = 'the search index';
  readonly #options: SearchFeedOptions;
  readonly #changes: IndexChanges;
  readonly #builds = new Map<string, Build>();
  readonly #oneAtATime = new OwnedTurns(1);
  readonly #closing = new AbortController();
  #position: IndexPosition = { epoch: '', vector: [] };
  #steps = 0;

  constructor(options: SearchFeedOptions) {
    this.#options = options;
    this.#changes = new IndexChanges(options);
  }

  /** Something has to be indexed. */
  get isBusy(): boolean {
    return this.#oneAtATime.size > 0;
  }

  /** Nothing is being built. */
  get isBuilt(): boolean {
    return [...this.#builds.values()].every(({ isDone }) => isDone);
  }

  /** Tenants whose documents can be searched. */
  get builtTenants(): readonly string[] {
    return [...this.#builds].filter(([, { isDone }]) => isDone).map(([tenant]) => tenant);
  }

  /** Pages and batches that were indexed. */
  get steps(): number {
    return this.#steps;
  }

  /** The log from now on: what was before is in the store. */
  async from(): Promise<IndexPosition> {
    const { log, index } = this.#options;
    this.#position = { epoch: log.epoch, vector: await log.ends() };
    await index.apply({ rows: [], removed: [], position: this.#position });
    return this.#position;
  }

  write(batches: readonly LogBatch[]): Promise<void> {
    return this.alone(() => this.#write(batches));
  }

  /** Begins to index a tenant, unless that was begun. */
  build(tenant: string): void {
    if (!this.#builds.has(tenant)) this.#begin(tenant);
  }

  /** Resolves when the documents of the tenant can be searched. @throws HubError not-ready if that takes too long */
  async built(tenant: string): Promise<void> {
    this.build(tenant);
    const build = this.#builds.get(tenant);
    if (build?.isDone === false) {
      const patience = new AbortController();
      await Promise.race([
        build.done,
        pause(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ]).finally(() => patience.abort());
    }
    // not how many there are: some of them may be hidden from who asks
    if (build?.isDone !== true)
      throw new HubError('not-ready', 'search: this node is building its index; retry in a moment', {
        retryAfterMs: retryMs,
      });
  }

  /** Resolves when what is being built is built. */
  async settled(): Promise<void> {
    await Promise.all([...this.#builds.values()].map(({ done }) => done));
  }

  /** The log has lost changes: everything is read again. */
  async restart(): Promise<void> {
    const tenants = [...this.#builds.keys()];
    await this.alone(async () => {
      await this.#options.index.clear();
      this.#builds.clear();
      await this.#options.index.apply({ rows: [], removed: [], position: this.#position });
    });
    for (const tenant of tenants) this.build(tenant);
  }

  /** Resolves when nothing is indexed any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.alone(async () => undefined);
  }

  #begin(tenant: string): void {
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const build: Build = { cursor: '', isDone: false, done };
    this.#builds.set(tenant, build);
    void this.#run(tenant, build).finally(() => {
      this.#noteBuilds();
      finish();
    });
    this.#noteBuilds();
  }

  async #run(tenant: string, build: Build): Promise<void> {
    const { logger } = this.#options;
    const isWanted = (): boolean => !this.#closing.signal.aborted && this.#builds.get(tenant) === build;
    while (isWanted() && !build.isDone)
      try {
        await this.alone(async () => (isWanted() ? this.#page(tenant, build) : undefined));
      } catch (error) {
        logger.warn({ error, tenant }, 'the search index cannot read the catalog; retrying');
        await pause(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    if (build.isDone) logger.info({ tenant }, 'the search index is built');
  }

  async #page(tenant: string, build: Build): Promise<void> {
    const { store, turns } = this.#options;
    await turns.next(tenant);
    const query = { tenant, filter: everything, afterUrn: build.cursor, ...page };
    const { documents, next } = await store.find(query);
    await this.#apply({ rows: documents.flatMap((each) => this.#changes.rowOf(each, each.head)), removed: [] });
    if (next === undefined) build.isDone = true;
    else build.cursor = next;
  }

  async #write(batches: readonly LogBatch[]): Promise<void> {
    await this.#apply(await this.#changes.ofBatches(batches, (event) => this.#isBehind(event)));
    this.#position = positionAfter(this.#position, batches);
    await this.#options.index.apply({ rows: [], removed: [], position: this.#position });
  }

  /** Beyond the cursor the store is read later, and has the change by then. */
  #isBehind({ tenant, subject }: HubEvent): boolean {
    const build = this.#builds.get(tenant);
    return build !== undefined && (build.isDone || compareText(subject, build.cursor) <= 0);
  }

  /** A few at once: who is live need not wait for all of them. */
  async #apply({ rows, removed }: Changes): Promise<void> {
    const { index, turns, metrics } = this.#options;
    if (removed.length > 0) await index.apply({ rows: [], removed });
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce);
      await turns.next(some[0]?.tenant ?? '', from > 0 ? 'begun' : undefined);
      await index.apply({ rows: some, removed: [] });
    }
    this.#steps += 1;
    metrics.searchDocuments.set(await index.count());
  }

  #noteBuilds(): void {
    this.#options.metrics.searchBuilding.set([...this.#builds.values()].filter(({ isDone }) => !isDone).length);
  }

  /** Nothing else is indexed meanwhile. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#oneAtATime.run('', work);
  }
}
