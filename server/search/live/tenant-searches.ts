import { isGone } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { IndexPosition } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { maxTextLength } from '../../../channels/search/document-texts.ts';
import type { DocumentWords } from '../../../channels/search/document-words.ts';
import { identityMask, type Mask } from '../../../channels/wire/mask.ts';
import type { Logger } from '../../observability/logger.ts';
import { Sight } from '../judge.ts';
import { type PendingChange, PendingChanges } from './pending-changes.ts';
import type { Difference, StandingSearch } from './standing-search.ts';
import { type DocumentChange, movesFacets, StandingSearches } from './standing-searches.ts';

export interface TenantSearchesOptions {
  readonly tenant: string;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  /** How far events were delivered. */
  readonly position: () => IndexPosition;
  /** A result is another than its members know. */
  readonly publish: (search: StandingSearch, difference: Difference) => void;
}

const noWords: DocumentWords = { words: new Map(), nameKey: '' };
/** Documents that are loaded at once: each is large. */
const loadedAtOnce = 20;

/**
 * The searches that stand in one tenant, and the changes that are to be judged for them. `round` judges some, in a turn of
 * the tenant, and publishes what results: never a hit that is older than an event that was delivered.
 */
export class TenantSearches {
  readonly standing = new StandingSearches();
  readonly #options: TenantSearchesOptions;
  readonly #pending = new PendingChanges();
  readonly #touched = new Set<StandingSearch>();
  /** To be called when what was said of a search is not older than what was delivered. */
  readonly #waiting = new Map<StandingSearch, (() => void)[]>();

  constructor(options: TenantSearchesOptions) {
    this.#options = options;
  }

  /** Something can be judged or published. */
  get isBusy(): boolean {
    return this.#pending.size > 0 || this.#touched.size > 0;
  }

  get isEmpty(): boolean {
    return this.standing.size === 0 && !this.isBusy;
  }

  delivered(event: HubEvent): void {
    this.#pending.add(event);
  }

  /** Its hits may be others: they are published with the next round. */
  touch(search: StandingSearch): void {
    this.standing.noteHits(search);
    this.#touched.add(search);
  }

  /** `work` is called in a round in which there is a result, and nothing that was said of it is older than what was delivered. */
  whenSettled(search: StandingSearch, work: () => void): void {
    this.#waiting.set(search, [...(this.#waiting.get(search) ?? []), work]);
    if (search.isReady) this.touch(search);
  }

  /** Who waits for it is called: there is nothing to wait for any more. */
  remove(search: StandingSearch): void {
    this.standing.remove(search);
    this.#touched.delete(search);
    const works = this.#waiting.get(search) ?? [];
    this.#waiting.delete(search);
    for (const work of works) work();
  }

  /** Changes were lost. */
  lost(): void {
    const { position, nowMs } = this.#options;
    this.#pending.clear();
    for (const search of this.standing.all) search.forget(position(), nowMs());
  }

  /** False: nothing could be done, though something waits. @throws HubError storage-unavailable */
  async round(): Promise<boolean> {
    const { turns, tenant } = this.#options;
    await turns.next(tenant);
    const before = this.#pending.size;
    const touched = this.#touched.size;
    try {
      await this.#load();
    } finally {
      await this.#judge();
      await this.#publish();
      this.#serve();
    }
    return touched > 0 || this.#pending.size < before;
  }

  async #load(): Promise<void> {
    const { store, tenant, turns } = this.#options;
    const wanted = this.#pending.toLoad(loadedAtOnce);
    if (wanted.length === 0) return;
    const documents = await store.getMany(wanted.map(({ urn }) => ({ tenant, urn })));
    for (const [index, document] of documents.entries()) {
      const change = wanted[index];
      // erased meanwhile
      if (document === undefined && change !== undefined) this.#pending.take(change);
      if (document !== undefined && change !== undefined)
        this.#pending.loaded(change, document, isGone(document) ? null : document.head);
    }
    await turns.next(tenant, 'begun');
  }

  async #judge(): Promise<void> {
    const { turns, logger, tenant, position, nowMs } = this.#options;
    for (const change of this.#pending.ready()) {
      this.#pending.take(change);
      try {
        await this.#judgeOne(change);
      } catch (error) {
        logger.error({ error, tenant, urn: change.urn }, 'a change could not be judged for live searches');
        for (const search of this.standing.all) search.soil('list', position(), nowMs());
      }
      if (turns.isOver) return;
    }
  }

  /** In slices: a large document may concern many searches, and is compared with each of them. */
  async #judgeOne(change: PendingChange): Promise<void> {
    const { position, nowMs, turns, tenant } = this.#options;
    const { urn, version, before, after, document } = change;
    const sights = new Map<string, Sight>();
    const sightOf = (mask: Mask): Sight | undefined => {
      const head = after ?? before;
      if (document === undefined || head === null) return undefined;
      const sight = sights.get(mask.key) ?? new Sight(document, head, mask);
      sights.set(mask.key, sight);
      return sight;
    };
    // what a mask leaves of the words are some of them
    const whole = sightOf(identityMask);
    // of a document that is cut, or was, other words may come into what is searched
    const mayBeCut = (whole?.texts.length ?? 0) + change.words.removedLength > maxTextLength;
    const words = mayBeCut ? { ...change.words, isComplete: false } : change.words;
    const documentChange: DocumentChange = {
      ...change,
      words,
      get wordsNow() {
        return whole?.words ?? noWords;
      },
    };
    const at = position();
    for (const { search, wasIn } of this.standing.affected(documentChange)) {
      if (turns.isOver) await turns.next(tenant, 'begun');
      const { judge } = search;
      const sight = after === null ? undefined : sightOf(judge.mask);
      const rank = sight && judge.rank(sight);
      const isCounted = movesFacets(judge, before, after);
      const show = (place: NonNullable<typeof rank>) => judge.show(sight ?? unseen(urn), place);
      search.apply({ urn, version, position: at, rank, show, wasIn, movesFacets: isCounted }, nowMs());
      this.touch(search);
    }
  }

  /** In slices: one change may move the counts of a thousand searches. */
  async #publish(): Promise<void> {
    const { turns, pending, tenant } = this.#options;
    await pending();
    for (const search of [...this.#touched]) {
      if (turns.isOver) {
        await turns.next(tenant, 'begun');
        await pending();
      }
      if (this.#touched.has(search)) this.#publishOne(search);
    }
  }

  #publishOne(search: StandingSearch): void {
    const { publish, logger, tenant } = this.#options;
    // a newer state waits to be judged: it would be older than an event that the client has
    if (search.unsaid.some(({ urn, version }) => this.#pending.has(urn, version))) return;
    this.#touched.delete(search);
    try {
      const difference = search.isReady ? search.difference() : undefined;
      if (difference !== undefined && search.room.members > 0) publish(search, difference);
    } catch (error) {
      logger.error({ error, tenant }, 'changes of a live search could not be published');
    }
  }

  #serve(): void {
    for (const [search, works] of this.#waiting) {
      if (!search.isReady || this.#touched.has(search)) continue;
      if (search.said.rows.some(({ urn, version }) => this.#pending.has(urn, version))) continue;
      this.#waiting.delete(search);
      for (const work of works) work();
    }
  }
}

function unseen(urn: string): never {
  throw new Error(`${urn} is shown without having been judged`);
}
