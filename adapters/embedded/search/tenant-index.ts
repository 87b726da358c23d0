import type { FacetCount, IndexHit, IndexQuery, IndexRow, RemovedRow } from '../../../channels/ports/search-index.ts';
import type { FacetField } from '../../../channels/protocol/search.ts';
import { readableBits } from '../../../channels/search/attributes.ts';
import { wordsOf } from '../../../channels/search/document-words.ts';
import { compareRanks, type Rank } from '../../../channels/search/rank.ts';
import { noMatch, Scorer } from '../../../channels/search/score.ts';
import type { SearchWords } from '../../../channels/search/search-words.ts';
import { BestHits } from '../../../channels/search/best-hits.ts';
import { Bits } from './bits.ts';
import { DocumentTable } from './document-table.ts';
import { FieldIndex, rawPlace } from './field-index.ts';
import type { Pieces } from './pieces.ts';
import { PostingLists } from './posting-lists.ts';
import { addMatching, placesOf, type SegmentPlaces } from './segment-places.ts';
import { WordIndex } from './word-index.ts';

/** Compaction begins when this share of the numbers is dead, and there are enough of them to be worth it. */
const deadShare = 0.25;
const leastDead = 256;
/** Postings that are looked at for compaction with each one that is added: it ends long before as many are dead again. */
const compactedPerAdded = 8;
const compactedAtLeast = 4096;

interface Found {
  readonly rank: Rank;
  readonly document: number;
}

/** What an index knows of a search in one tenant. */
export interface TenantResult {
  readonly hits: readonly IndexHit[];
  readonly total: number;
  readonly facets: { readonly [Field in FacetField]?: readonly FacetCount[] };
}

/** How far a compaction has come, and what it removes. */
interface Compaction {
  list: number;
  readonly dead: readonly number[];
  readonly removed: Bits;
}

/** A search that is in progress sees the documents that were there when it began: how many had died by then. */
interface Running {
  readonly died: number;
}

/** Documents that are scored in a piece: 32 each. */
const scoredAtOnce = 8;

/** The documents of one tenant. */
export class TenantIndex {
  readonly #lists = new PostingLists();
  readonly #words = new WordIndex(this.#lists);
  readonly #fields = new FieldIndex(this.#lists);
  readonly #documents = new DocumentTable();
  /** In the order in which they began. */
  readonly #running = new Set<Running>();
  #compaction: Compaction | undefined;
  #added = 0;

  get count(): number {
    return this.#documents.count;
  }

  /** Words of which documents are there, or were until the last compaction. */
  get words(): number {
    return this.#words.size;
  }

  /** Memory of the postings. */
  get bytes(): number {
    return this.#lists.bytes;
  }

  /** False: a newer version is there. */
  put(row: IndexRow): boolean {
    const { words, nameKey } = wordsOf(row.texts);
    const held = this.#documents.versionOf(row.urn) ?? 0;
    if (held >= row.version) return held === row.version;
    const document = this.#documents.add(row, nameKey);
    for (const [word, places] of words) this.#lists.add(this.#words.listOf(word), document, places);
    this.#fields.add(document, row);
    this.#added += words.size;
    return true;
  }

  /** False: a newer version is there. */
  remove({ urn, version }: RemovedRow): boolean {
    if ((this.#documents.versionOf(urn) ?? 0) > version) return false;
    this.#documents.remove(urn);
    return true;
  }

  /** undefined: it is not there. */
  versionOf(urn: string): number | undefined {
    return this.#documents.versionOf(urn);
  }

  /** Those behind a urn, in the order of urns. */
  list(after: string | undefined, limit: number): readonly IndexHit[] {
    return this.#documents.list(after, limit);
  }

  /** Does a part of the compaction that is due, in proportion to what was added since. */
  compact(): void {
    this.#compaction ??= this.#nextCompaction();
    if (this.#compaction === undefined) return;
    const { removed } = this.#compaction;
    let left = compactedAtLeast + this.#added * compactedPerAdded;
    this.#added = 0;
    while (left > 0 && this.#compaction.list < this.#lists.length) {
      left -= 1 + this.#lists.count(this.#compaction.list);
      this.#lists.compact(this.#compaction.list, (document) => !removed.has(document));
      this.#compaction.list += 1;
    }
    if (this.#compaction.list < this.#lists.length) return;
    this.#words.dropEmpty();
    this.#fields.dropEmpty();
    this.#documents.reuse(this.#compaction.dead);
    this.#compaction = undefined;
  }

  /**
   * Finds what is there when it begins, whatever changes before it ends: new documents have numbers that it does not look at,
   * and what it looks at is not compacted.
   */
  *search(query: IndexQuery): Pieces<TenantResult> {
    const running: Running = { died: this.#documents.died };
    this.#running.add(running);
    try {
      return yield* this.#search(query);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Of those that had died when the oldest search in progress began. */
  #nextCompaction(): Compaction | undefined {
    const [oldest] = this.#running;
    const died = oldest?.died ?? this.#documents.died;
    const { size } = this.#documents;
    const count = this.#documents.dead(died);
    if (count < leastDead || count < size * deadShare) return undefined;
    const dead = this.#documents.takeDead(died);
    const removed = new Bits(size);
    for (const document of dead) removed.add(document);
    return { list: 0, dead, removed };
  }

  *#search(query: IndexQuery): Pieces<TenantResult> {
    const { words, sort, limit, facets, requirements } = query;
    const places = requirements.reduce<number>((bits, each) => bits | (1 << each), 0);
    const alive = this.#documents.alive();
    const { size } = alive;
    const granted = alive.and(yield* this.#fields.matching(query.grants, rawPlace, size));
    const allowed = granted.and(yield* this.#fields.matching(query.filter, places, size));
    const best = new BestHits<Found>(limit, (one, other) => compareRanks(sort, one.rank, other.rank));
    const matching = new Bits(size);
    let total = 0;
    const scorer = new Scorer(words);
    yield* this.#match(words, scorer, readableBits(requirements), allowed, (document, relevance) => {
      matching.add(document);
      total += 1;
      const worst = best.worst?.rank;
      // most are behind the last hit: by relevance, or among equals by their order
      if (worst !== undefined && relevance > worst.relevance) return;
      const exactness = scorer.exactness(this.#documents.nameKeyOf(document));
      const isBehind = worst !== undefined && relevance === worst.relevance && exactness >= worst.exactness;
      if (isBehind && sort.length === 0 && this.#documents.ordOf(document) > worst.ord) return;
      best.add({ document, rank: this.#documents.rankOf(document, sort, relevance, exactness) });
    });
    const hits = best.items.map(({ document }) => this.#documents.hitOf(document));
    return { hits, total, facets: yield* this.#counts(facets, places, matching) };
  }

  *#counts(fields: readonly FacetField[], places: number, documents: Bits): Pieces<TenantResult['facets']> {
    const facets: { [Field in FacetField]?: readonly FacetCount[] } = {};
    for (const field of fields) {
      facets[field] = yield* this.#fields.counts(field, places, documents);
      yield;
    }
    return facets;
  }

  *#match(
    words: SearchWords,
    scorer: Scorer,
    readable: number,
    allowed: Bits,
    onMatch: (document: number, relevance: number) => void,
  ): Pieces<void> {
    const { masks } = scorer;
    const reading = { words: this.#words, lists: this.#lists, readable, size: allowed.size };
    const places: SegmentPlaces[] = [];
    for (const segment of words.segments) places.push(yield* placesOf(segment, reading));
    // as the scorer has its masks
    const columns = places.flat();
    const candidates = yield* this.#candidates(words, places, readable, allowed);
    const visit = (document: number): void => {
      for (let at = 0; at < columns.length; at++) masks[at] = columns[at]?.[document] ?? 0;
      const relevance = scorer.relevance();
      if (relevance !== noMatch) onMatch(document, relevance);
    };
    for (let from = 0; from < candidates.words.length; from += scoredAtOnce) {
      candidates.forEach(visit, from, from + scoredAtOnce);
      yield;
    }
  }

  /** Those that have the first word and none that is excluded: no other document matches, whatever the strategy. */
  *#candidates(
    { segments, not, count }: SearchWords,
    places: readonly SegmentPlaces[],
    readable: number,
    allowed: Bits,
  ): Pieces<Bits> {
    const candidates = count === 0 ? Bits.all(allowed.size) : new Bits(allowed.size);
    for (const [index, ofSegment] of places.entries()) {
      if (segments[index]?.from === 0) addMatching(ofSegment, candidates);
      yield;
    }
    for (const word of not) {
      const list = this.#words.find(word);
      if (list !== undefined)
        this.#lists.read(list, (document, held) => {
          if ((held & readable) !== 0) candidates.delete(document);
        });
      yield;
    }
    return candidates.and(allowed);
  }
}
