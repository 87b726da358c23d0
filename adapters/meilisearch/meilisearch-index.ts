import { createHash } from 'node:crypto';
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
} from '../../channels/ports/search-index.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { isBehind } from '../../channels/search/is-behind.ts';
import { IndexNames, type IndexSet } from './index-names.ts';
import { documentSettings } from './index-settings.ts';
import { IndexWriter } from './index-writer.ts';
import { MeiliApi, type MeiliConnection } from './meili-api.ts';
import {
  answersOf,
  heldDocuments,
  hitsOf,
  hitsQuery,
  noHits,
  positionOf,
  positionQuery,
  type PositionRecord,
  tenantPositionQuery,
  versionsQuery,
} from './search-query.ts';
import { rowId } from './stored-row.ts';

export interface MeilisearchIndexOptions extends MeiliConnection {
  /** What the names of this deployment's indexes begin with. */
  readonly deployment: string;
  readonly clock: Clock;
}

/** Raised when rows are stored in another way; settings count by themselves. */
const rowForm = 1;
const storedForm = createHash('sha256')
  .update(JSON.stringify([rowForm, documentSettings]))
  .digest('hex')
  .slice(0, 8);
/** Of an index that was not built beside another. */
const firstBuild = '-';
/** Searches that were put while a build was adopted are put again so often. */
const maxAsked = 4;

/** One that is not from here is looked at before a batch, and does not break off what was sent. */
function signalOf(stop: StopSignal | undefined): AbortSignal | undefined {
  return stop instanceof AbortSignal ? stop : undefined;
}

/** The later of two records of one index. */
function later(one: PositionRecord | undefined, other: PositionRecord | undefined): PositionRecord | undefined {
  if (one?.position === undefined) return other?.position === undefined ? (one ?? other) : other;
  return other?.position === undefined || other.order < one.order ? one : other;
}

/**
 * Search by a Meilisearch server: an index for each tenant, and one with the position. All processes search it, one of them
 * writes. It gives urns and versions only; whoever asks ranks them and judges what they are now.
 */
export class MeilisearchIndex implements SearchIndex {
  readonly engine: SearchEngine = { name: 'meilisearch', isShared: true, form: storedForm, isRanked: false };
  readonly #api: MeiliApi;
  readonly #names: IndexNames;
  readonly #writer: IndexWriter;
  #begun: string | undefined;
  /** The answer to an exchange of names was lost: it may still come about, and then what is built bears the other name. */
  #isUnsure = false;
  /** The build that was searched last. */
  #seen: string | undefined;

  constructor(options: MeilisearchIndexOptions) {
    this.#api = new MeiliApi(options);
    this.#names = new IndexNames(options.deployment);
    this.#writer = new IndexWriter({ api: this.#api, names: this.#names, now: () => options.clock.now() });
  }

  async apply(batch: IndexBatch, stop?: StopSignal): Promise<IndexReport> {
    stop?.throwIfAborted();
    const build = (await this.build()) ?? firstBuild;
    return this.#writer.write(batch, { set: 'live', build }, signalOf(stop));
  }

  /**
   * The position is asked for before the hits, in the same request: they know at least as much. While a build is adopted the one
   * may come from another index than the others; then all are asked for again.
   */
  async search(query: IndexQuery): Promise<IndexResult> {
    const index = this.#names.ofTenant(query.tenant, 'live');
    const { body, isExact } = hitsQuery(index, query);
    const queries = [positionQuery(this.#names.state('live')), tenantPositionQuery(index), body];
    for (let asked = 1; ; asked++) {
      const answer = await this.#api.multiSearch(queries);
      if (answer === undefined) return { ...noHits(query), position: await this.position() };
      const [state, ofTenant, hits] = answersOf(answer);
      const record = later(positionOf(state), positionOf(ofTenant));
      const { build = this.#seen, result } = hitsOf(hits, query, isExact);
      const isOfOne = record === undefined || build === undefined || record.build === build;
      if (isOfOne || asked === maxAsked) {
        this.#seen = record?.build;
        return { ...result, position: isOfOne ? record?.position : undefined };
      }
      this.#seen = record.build;
    }
  }

  async position(): Promise<IndexPosition | undefined> {
    return (await this.#state('live'))?.position;
  }

  async build(): Promise<string | undefined> {
    const build = (await this.#state('live'))?.build;
    return build === firstBuild ? undefined : build;
  }

  async count(): Promise<number> {
    const stats = await this.#api.stats();
    const parts = [...this.#names.inSet('live', stats.keys())].filter(([part]) => !this.#names.isState(part));
    // each has a record of the position
    return parts.reduce((sum, [, name]) => sum + (stats.get(name) ?? 1) - 1, 0);
  }

  async list(tenant: string, after: string | undefined, limit: number): Promise<IndexPage> {
    const offset = Number(after ?? 0);
    const answer = await this.#api.documents(this.#names.ofTenant(tenant, 'live'), versionsQuery({ offset, limit }));
    if (answer === undefined) return { hits: [], next: undefined };
    const { documents, total } = heldDocuments(answer);
    return {
      hits: documents.map(({ urn, version }) => ({ urn, version })),
      next: offset + limit < total ? String(offset + limit) : undefined,
    };
  }

  async versions(tenant: string, urns: readonly string[]): Promise<readonly (number | undefined)[]> {
    const ids = urns.map((urn) => rowId(tenant, urn));
    const query = versionsQuery({ ids, limit: Math.max(1, ids.length) });
    const answer =
      ids.length === 0 ? undefined : await this.#api.documents(this.#names.ofTenant(tenant, 'live'), query);
    const { documents } = answer === undefined ? { documents: [] } : heldDocuments(answer);
    const held = new Map(documents.map(({ id, version }) => [id, version]));
    return ids.map((id) => held.get(id));
  }

  async restore(tenant: string): Promise<void> {
    const names = [this.#names.state('live'), this.#names.ofTenant(tenant, 'live')];
    const there = await this.#api.stats();
    for (const name of names) if (there.has(name)) await this.#writer.restore(name);
  }

  async begin(build: string): Promise<IndexBuild> {
    await this.#api.swapped();
    this.#isUnsure = false;
    await this.#drop('next');
    this.#begun = build;
    const target = { set: 'next', build } as const;
    await this.#writer.writeState(undefined, target);
    return {
      name: build,
      apply: async (batch, stop) => {
        stop?.throwIfAborted();
        await this.#settled();
        // it may have been adopted: then the other set is the one that it has replaced
        if ((await this.#state('next'))?.build !== build)
          throw new HubError('conflict', `search index: ${build} is not being built`);
        return this.#writer.write(batch, target, signalOf(stop));
      },
    };
  }

  async adopt(build: string): Promise<void> {
    await this.#settled();
    const [next, live] = [await this.#state('next'), await this.#state('live')];
    if (live?.build === build) return;
    if (next?.build !== build)
      throw new HubError('conflict', `search index: ${build} is not the build that was begun last`);
    if (isBehind(next.position, live?.position))
      throw new HubError(
        'conflict',
        `search index: ${build} knows less of the log than the index that it would replace`,
      );
    this.#isUnsure = true;
    await this.#swap(build);
    this.#isUnsure = false;
    this.#begun = undefined;
    // what is still searched there has ended long before the next build begins
    this.#writer.forget();
  }

  async clear(): Promise<void> {
    await this.#drop('live');
    await this.#drop('next');
    this.#begun = undefined;
    this.#seen = undefined;
  }

  async close(): Promise<void> {
    this.#api.close();
  }

  /** No effect while a build is under way: it has taken the place of what was replaced. */
  async retire(): Promise<void> {
    if (this.#begun === undefined) await this.#drop('next');
  }

  async #settled(): Promise<void> {
    if (!this.#isUnsure) return;
    await this.#api.swapped();
    this.#writer.forget();
    this.#isUnsure = false;
  }

  /** Exchanges the names of all indexes in one step. Each needs a counterpart. */
  async #swap(build: string): Promise<void> {
    const names = [...(await this.#api.stats()).keys()];
    const [live, next] = [this.#names.inSet('live', names), this.#names.inSet('next', names)];
    const parts = [...new Set([...live.keys(), ...next.keys()])];
    for (const part of parts) {
      await this.#writer.ensure(this.#names.named(part, 'live'), firstBuild);
      await this.#writer.ensure(this.#names.named(part, 'next'), build);
    }
    const body = parts.map((part) => ({ indexes: [this.#names.named(part, 'live'), this.#names.named(part, 'next')] }));
    await this.#api.run('post', { path: 'swap-indexes', body });
  }

  async #drop(set: IndexSet): Promise<void> {
    const names = [...this.#names.inSet(set, (await this.#api.stats()).keys()).values()];
    const tasks = await Promise.all(names.map((name) => this.#api.enqueue('delete', { path: `indexes/${name}` })));
    for (const uid of tasks) await this.#api.finished(uid);
    this.#writer.forget();
  }

  async #state(set: IndexSet): Promise<PositionRecord | undefined> {
    const answer = await this.#api.multiSearch([positionQuery(this.#names.state(set))]);
    if (answer === undefined) return undefined;
    const [state] = answersOf(answer);
    return positionOf(state);
  }
}
