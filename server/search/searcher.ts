import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { IndexResult, SearchIndex } from '../../channels/ports/search-index.ts';
import { maxSearchHits } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { compareRanks } from '../../channels/search/rank.ts';
import type { SearchRequest } from '../../channels/search/search-request.ts';
import { searchWindow } from '../../channels/search/search-window.ts';
import type { DeliveredVersion } from '../delivery/outlet/outlet.ts';
import type { Metrics } from '../observability/metrics.ts';
import { judgeHits, queryOf } from './hits.ts';
import { deliveredOf, Judge, type Shown } from './judge.ts';

export interface SearcherOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly clock: Stopwatch;
  readonly metrics: Pick<Metrics, 'searchHitsRefused'>;
}

/** A result as it is sent, and what of the catalog is in it. */
export interface SearchResult {
  /** Members of JSON: hits, total and facets. */
  readonly members: string;
  readonly delivered: readonly DeliveredVersion[];
  /** What it cost, see {@link Found}. */
  readonly tookMs: number;
}

/** What the index proposed, and what of it is in the result. */
export interface Found {
  readonly result: IndexResult;
  /** Best first. */
  readonly shown: readonly Shown[];
  readonly refused: number;
  /** How long it took, without waiting for others who search. */
  readonly tookMs: number;
}

/** Hits, total and facets as members of a JSON object. */
export function resultMembers(
  hits: readonly Pick<Shown, 'text'>[],
  { total, facets }: Pick<IndexResult, 'total' | 'facets'>,
): string {
  const texts = hits.map(({ text }) => text).join(',');
  return `"hits":[${texts}],${JSON.stringify({ total, facets }).slice(1, -1)}`;
}

/**
 * The index proposes, and this decides: each hit is loaded as it is now, judged by the caller's class, matched with what the
 * class sees of it, and ranked by that. An index that is behind costs hits, never secrets.
 */
export class Searcher {
  readonly #options: SearcherOptions;

  constructor(options: SearcherOptions) {
    this.#options = options;
  }

  /** @throws HubError storage-unavailable */
  async search(request: SearchRequest, policyClass: PolicyClass): Promise<SearchResult> {
    const { limit } = request;
    const { result, shown, refused, tookMs } = await this.find(new Judge(request, policyClass), limit);
    const page = shown.slice(0, limit);
    const { total, facets } = result;
    const counted = { total: { ...total, value: Math.max(shown.length, total.value - refused) }, facets };
    return {
      members: resultMembers(page, counted),
      delivered: page.map((each) => deliveredOf(policyClass.tenant, each)),
      tookMs,
    };
  }

  /** At least `limit` hits where there are as many; what is `held` already is not judged again. @throws HubError storage-unavailable */
  async find(judge: Judge, limit: number, held?: (urn: string) => Shown | undefined): Promise<Found> {
    const window = searchWindow(this.#options.index.engine, limit);
    const first = await this.#found(judge, window, held);
    // some were refused: there may be others behind them
    if (first.shown.length >= limit || first.result.hits.length < window) return first;
    const second = await this.#found(judge, Math.min(maxSearchHits, window + 2 * first.refused), held);
    return { ...second, tookMs: first.tookMs + second.tookMs };
  }

  async #found(judge: Judge, limit: number, held?: (urn: string) => Shown | undefined): Promise<Found> {
    const { index, turns, clock, metrics } = this.#options;
    await turns.next(judge.policyClass.tenant);
    const startedMs = clock.elapsedMs();
    const result = await index.search(queryOf(judge, limit));
    const foundMs = clock.elapsedMs();
    const shown = await judgeHits(result.hits, judge, { ...this.#options, ...(held && { held }) });
    const refused = result.hits.length - shown.length;
    metrics.searchHitsRefused.inc(refused);
    const { sort } = judge.request;
    const ranked = shown.toSorted((one, other) => compareRanks(sort, one.rank, other.rank));
    const tookMs = (result.tookMs ?? foundMs - startedMs) + (clock.elapsedMs() - foundMs);
    return { result, shown: ranked, refused, tookMs };
  }
}
