import type { SearchHit, SearchQuery } from '../../channels/protocol/search.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import { LivePromise } from '../subscription/live-promise.ts';
import { type SearchEvent, type SearchSinkEffect, type SearchState, statusOf } from './search-state.ts';
import type {
  LiveSearch,
  SearchEvents,
  SearchQueryChange,
  SearchResult,
  SearchSnapshot,
  SearchStatus,
} from './search.ts';

/** What the application wants of its search. */
type Wish = Extract<SearchEvent, { readonly type: 'close' | 'query' }>;

/** The application's side of a live search: what it is shown, and who hears of it. */
export class SearchSubscription implements LiveSearch {
  readonly id: string;
  readonly #wish: (wish: Wish) => void;
  readonly #live = new LivePromise();
  readonly #events = new Emitter<SearchEvents>();
  readonly #renewals = new Emitter<{ snapshot: undefined }>();
  #wanted: SearchQuery;
  /** What there is before the first result. */
  readonly #nothing: SearchResult;
  #result: SearchResult;
  #snapshot: SearchSnapshot;
  #isOver = false;

  constructor(state: SearchState, wish: (wish: Wish) => void) {
    this.id = state.id;
    this.#wish = wish;
    this.#wanted = state.wanted.query;
    this.#nothing = this.#result = {
      hits: [],
      total: { value: 0, relation: 'exact' },
      facets: {},
      staleMs: undefined,
      query: state.wanted.query,
    };
    this.#snapshot = { ...this.#result, status: 'loading', isSearching: true, error: null };
  }

  get hits(): readonly SearchHit[] {
    return this.#result.hits;
  }

  get total(): SearchResult['total'] {
    return this.#result.total;
  }

  get facets(): SearchResult['facets'] {
    return this.#result.facets;
  }

  get staleMs(): number | undefined {
    return this.#result.staleMs;
  }

  get query(): SearchQuery {
    return this.#result.query;
  }

  get status(): SearchStatus {
    return this.#snapshot.status;
  }

  get isSearching(): boolean {
    return this.#snapshot.isSearching;
  }

  get live(): Promise<void> {
    return this.#live.promise;
  }

  readonly getSnapshot = (): SearchSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => this.#renewals.on('snapshot', listener);

  setQuery(change: SearchQueryChange): void {
    if (this.status === 'ended')
      throw new HubClientError('closed', `search ${this.id} has ended`, { retryable: false });
    this.#wish({ type: 'query', query: changedQuery(this.#wanted, change) });
  }

  on<Name extends keyof SearchEvents>(name: Name, listener: (value: SearchEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  close(): void {
    this.#wish({ type: 'close' });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SearchResult, undefined> {
    let shown = this.#nothing;
    try {
      for (;;) {
        const { status, error } = this.#snapshot;
        if (this.#result !== shown) yield (shown = this.#result);
        else if (status === 'ended' && error !== null) throw error;
        else if (status === 'ended') return undefined;
        else await this.#renewed();
      }
    } finally {
      this.close();
    }
  }

  /** Shows what the state says, then tells of it. */
  perform(effects: readonly SearchSinkEffect[], state: SearchState): void {
    const before = this.#snapshot;
    const end = effects.find((effect) => effect.type === 'end');
    this.#wanted = state.wanted.query;
    this.#show(state, end?.error ?? null);
    const { status } = this.#snapshot;
    // nothing is called live that is not, not even while the rest is told
    if (status === 'stale' && before.status === 'live') this.#emit('stale', undefined);
    this.#tell(effects, this.#result);
    if (status === 'live' && before.status !== 'live') {
      this.#live.live();
      this.#emit('live', undefined);
    }
    if (end !== undefined) {
      this.#live.end(this.id, end.error);
      this.#emit('ended', end.error);
      this.#isOver = true;
    }
    if (this.#snapshot !== before) this.#renewals.emit('snapshot', undefined);
  }

  #show(state: SearchState, error: HubClientError | null): void {
    const { content, wanted, isEnded } = state;
    const status = statusOf(state);
    const isSearching = !isEnded && wanted.rev > (content?.rev ?? 0);
    const { query, hits, total, facets, staleMs } = content ?? this.#result;
    const result = { query, hits, total, facets, staleMs };
    if (!isSame(result, this.#result)) this.#result = result;
    const snapshot = { ...this.#result, status, isSearching, error };
    if (!isSame(snapshot, this.#snapshot)) this.#snapshot = snapshot;
  }

  #tell(effects: readonly SearchSinkEffect[], result: SearchResult): void {
    for (const effect of effects) {
      if (effect.type === 'result') this.#emit('result', result);
      else if (effect.type === 'change') this.#emit('change', { changes: effect.changes, result });
      else if (effect.type === 'policy') this.#emit('policy', { reason: effect.reason });
    }
  }

  /** A listener may have closed it; what was still to be told is for nobody then. */
  #emit<Name extends keyof SearchEvents>(name: Name, value: SearchEvents[Name]): void {
    if (!this.#isOver) this.#events.emit(name, value);
  }

  #renewed(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        stop();
        resolve();
      });
    });
  }
}

/** The same members, each the same object. */
function isSame<Shown extends object>(one: Shown, other: Shown): boolean {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.entries(one).every(([name, value]) => value === others.get(name));
}

/** The query with the members of the change; those that are undefined there are back at their defaults. */
function changedQuery(query: SearchQuery, change: SearchQueryChange): SearchQuery {
  const members = { ...query, ...(typeof change === 'string' ? { q: change } : change) };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
