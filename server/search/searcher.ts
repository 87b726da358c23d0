import { type CatalogDocument, documentKey, isGone } from '../../channels/catalog/document.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { IndexHit, IndexQuery, IndexResult, SearchIndex } from '../../channels/ports/search-index.ts';
import { maxSearchHits } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { openRequirement, readableBits, type Requirement } from '../../channels/search/attributes.ts';
import { textsOf } from '../../channels/search/document-texts.ts';
import { wordsOf } from '../../channels/search/document-words.ts';
import { Highlighter } from '../../channels/search/highlight.ts';
import { Matcher } from '../../channels/search/match.ts';
import { compareRanks, orderNumber, type Rank, sortValue } from '../../channels/search/rank.ts';
import type { SearchRequest } from '../../channels/search/search-request.ts';
import { type Mask, maskOf } from '../../channels/wire/mask.ts';
import { wireHead } from '../../channels/wire/wire-document.ts';
import type { DeliveredVersion } from '../delivery/outlet/outlet.ts';
import type { Metrics } from '../observability/metrics.ts';
import { inTurns } from '../turns/in-turns.ts';

export interface SearcherOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly metrics: Pick<Metrics, 'searchHitsRefused'>;
}

/** A result as it is sent, and what of the catalog is in it. */
export interface SearchResult {
  readonly text: string;
  readonly delivered: readonly DeliveredVersion[];
}

interface Shown {
  readonly rank: Rank;
  readonly delivered: DeliveredVersion;
  readonly text: string;
}

/** Documents that are loaded at once: each may be large. */
const loadedAtOnce = 20;

/** The rules that a class is exempt from, as the index numbers them. No policy hides part of a document yet. */
function requirementsOf(_policyClass: PolicyClass): readonly Requirement[] {
  return [openRequirement];
}

/** Judges documents for one search of one class, and shows those that match. */
class Judge {
  readonly #request: SearchRequest;
  readonly #policyClass: PolicyClass;
  readonly #mask: Mask;
  readonly #matcher: Matcher;
  readonly #highlighter: Highlighter;

  constructor(request: SearchRequest, policyClass: PolicyClass) {
    this.#request = request;
    this.#policyClass = policyClass;
    this.#mask = maskOf(policyClass);
    // of a masked document everything that is left may be read
    this.#matcher = new Matcher(request.words, readableBits(requirementsOf(policyClass)));
    this.#highlighter = new Highlighter(request.words);
  }

  /** undefined: the index is behind, or wrong. */
  show(document: CatalogDocument): Shown | undefined {
    const { selection, sort, highlight } = this.#request;
    if (isGone(document) || !this.#policyClass.mayRead(document.head)) return undefined;
    const head = this.#mask.head(document.head);
    if (!selection.matches(head)) return undefined;
    const { texts } = textsOf(this.#mask.document(document), head);
    const match = this.#matcher.match(wordsOf(texts));
    if (match === undefined) return undefined;
    const { tenant, urn, version } = document;
    const highlights = highlight ? this.#highlighter.highlights(texts) : undefined;
    return {
      rank: { ...match, urn, ord: orderNumber(tenant, urn), sort: sort.map(({ field }) => sortValue(head, field)) },
      delivered: { entity: documentKey(tenant, urn), version },
      text: JSON.stringify({ entity: { urn, ...wireHead(document.head, this.#mask) }, highlights }),
    };
  }
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
    const { limit, sort } = request;
    const first = await this.#shown(request, policyClass, limit);
    // some were refused: there may be others behind them
    const { result, shown, refused } =
      first.refused > 0 && first.result.hits.length === limit
        ? await this.#shown(request, policyClass, Math.min(maxSearchHits, limit + 2 * first.refused))
        : first;
    const page = shown.toSorted((one, other) => compareRanks(sort, one.rank, other.rank)).slice(0, limit);
    const { total, facets } = result;
    const counts = { total: { ...total, value: Math.max(page.length, total.value - refused) }, facets };
    return {
      text: `{"hits":[${page.map(({ text }) => text).join(',')}],${JSON.stringify(counts).slice(1)}`,
      delivered: page.map(({ delivered }) => delivered),
    };
  }

  async #shown(
    request: SearchRequest,
    policyClass: PolicyClass,
    limit: number,
  ): Promise<{ readonly result: IndexResult; readonly shown: readonly Shown[]; readonly refused: number }> {
    const { index, turns, metrics } = this.#options;
    const { tenant } = policyClass;
    await turns.next(tenant);
    const result = await index.search(queryOf(request, policyClass, limit));
    const shown = await this.#judged(result.hits, new Judge(request, policyClass), tenant);
    const refused = result.hits.length - shown.length;
    metrics.searchHitsRefused.inc(refused);
    return { result, shown, refused };
  }

  async #judged(hits: readonly IndexHit[], judge: Judge, tenant: string): Promise<readonly Shown[]> {
    const { store, turns } = this.#options;
    const found: Shown[] = [];
    for (let from = 0; from < hits.length; from += loadedAtOnce) {
      const keys = hits.slice(from, from + loadedAtOnce).map(({ urn }) => ({ tenant, urn }));
      const documents = (await store.getMany(keys)).filter((each) => each !== undefined);
      await inTurns({ turns, tenant }, documents, (document) => {
        const shown = judge.show(document);
        if (shown !== undefined) found.push(shown);
      });
    }
    return found;
  }
}

function queryOf(request: SearchRequest, policyClass: PolicyClass, limit: number): IndexQuery {
  const { words, selection, facets, sort } = request;
  const { tenant, readable: grants } = policyClass;
  const { filter } = selection;
  return { tenant, words, grants, filter, requirements: requirementsOf(policyClass), facets, sort, limit };
}
