import type { Head } from '../../../channels/event/head.ts';
import { sameJson } from '../../../channels/event/json.ts';
import type { DocumentWords } from '../../../channels/search/document-words.ts';
import type { EventWords } from '../../../channels/search/event-words.ts';
import { SearchAnchors } from '../../../channels/search/search-anchors.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';
import { SelectionIndex } from '../../../channels/subscription/selection-index.ts';
import type { StandingSearch } from './standing-search.ts';

/** How a document changed, by one event or several. */
export interface DocumentChange {
  readonly urn: string;
  /** Before the first of them. */
  readonly before: Head | null;
  /** After the last. */
  readonly after: Head | null;
  /** What they say of its words. */
  readonly words: EventWords;
  /** The words that it has now, also where it is gone; undefined: they are not known. */
  readonly wordsNow: DocumentWords | undefined;
}

/** A search that a change may concern. */
export interface Affected {
  readonly search: StandingSearch;
  /** False: the document was not in its result before. */
  readonly mayHaveMatched: boolean;
}

/** Searches without words of one condition. */
type Wordless = Set<StandingSearch>;

/** A place that every class reads: where a word was before is not known. */
const anywhere = 0xfffffff;

/** The searches that stand in one tenant, found by what a change may mean for them. Costs what it concerns, not what stands. */
export class StandingSearches {
  readonly #byKey = new Map<string, StandingSearch>();
  readonly #anchors = new SearchAnchors<StandingSearch>();
  readonly #wordless = new SelectionIndex<Wordless>();
  /** By the urns of their hits. */
  readonly #holders = new Map<string, Set<StandingSearch>>();
  readonly #held = new Map<StandingSearch, readonly string[]>();

  get size(): number {
    return this.#byKey.size;
  }

  get all(): Iterable<StandingSearch> {
    return this.#byKey.values();
  }

  get(key: string): StandingSearch | undefined {
    return this.#byKey.get(key);
  }

  add(search: StandingSearch): void {
    const { words, selection } = search.judge.request;
    this.#byKey.set(search.key, search);
    this.#anchors.add(words, search);
    if (words.count === 0) this.#wordlessOf(selection).add(search);
  }

  remove(search: StandingSearch): void {
    const { words, selection } = search.judge.request;
    this.#byKey.delete(search.key);
    this.#hold(search, []);
    this.#held.delete(search);
    this.#anchors.remove(search);
    if (words.count > 0) return;
    const wordless = this.#wordlessOf(selection);
    wordless.delete(search);
    if (wordless.size === 0) this.#wordless.remove(selection.conditionKey);
  }

  /** To be called when its hits may be others. */
  noteHits(search: StandingSearch): void {
    if (this.#byKey.get(search.key) === search) this.#hold(search, search.urns);
  }

  /** Each search once for which the change may mean something. */
  affected(change: DocumentChange): readonly Affected[] {
    const found = new Map<StandingSearch, Affected>();
    for (const search of this.#holders.get(change.urn) ?? []) found.set(search, { search, mayHaveMatched: true });
    const { before, after } = change;
    // where a condition may hold that did not, or a value moves that sorts or counts, none of its words need have changed
    const isOther = before === null || after === null || !sameJson(before, after);
    const candidates =
      change.wordsNow === undefined || !change.words.isComplete ? this.all : this.#byWords(change, isOther);
    const possible = possibleWords(change);
    for (const search of candidates) add(found, search, change, possible);
    if (isOther && this.#wordless.size > 0)
      for (const { payload } of this.#wordless.candidates(before, after))
        for (const search of payload) add(found, search, change, possible);
    return [...found.values()];
  }

  #byWords({ words: { removed, added }, wordsNow }: DocumentChange, isOther: boolean): Iterable<StandingSearch> {
    const now = wordsNow?.words;
    const has = (word: string): boolean => now?.has(word) === true || removed.has(word);
    const changed = new Set([...removed, ...added]);
    if (isOther) for (const word of now?.keys() ?? []) changed.add(word);
    return this.#anchors.affected(changed, has);
  }

  #wordlessOf(selection: Selection): Wordless {
    const held = this.#wordless.get(selection.conditionKey);
    if (held !== undefined) return held.payload;
    const made: Wordless = new Set();
    this.#wordless.add(selection, made);
    return made;
  }

  #hold(search: StandingSearch, urns: readonly string[]): void {
    for (const urn of this.#held.get(search) ?? []) {
      const holders = this.#holders.get(urn);
      holders?.delete(search);
      if (holders?.size === 0) this.#holders.delete(urn);
    }
    this.#held.set(search, urns);
    for (const urn of urns) this.#holders.set(urn, (this.#holders.get(urn) ?? new Set()).add(search));
  }
}

/** All that the document may have had before the change, and has now; undefined: that is not known. */
function possibleWords({ words, wordsNow }: DocumentChange): DocumentWords | undefined {
  if (wordsNow === undefined || !words.isComplete) return undefined;
  if (words.removed.size === 0) return wordsNow;
  return {
    ...wordsNow,
    words: new Map([...wordsNow.words, ...[...words.removed].map((word) => [word, anywhere] as const)]),
  };
}

/** Unless neither state of the document passes its condition. */
function add(
  found: Map<StandingSearch, Affected>,
  search: StandingSearch,
  { before, after }: DocumentChange,
  possible: DocumentWords | undefined,
): void {
  if (found.has(search)) return;
  const { judge } = search;
  const wasAdmitted = before !== null && judge.admits(before);
  if (!wasAdmitted && (after === null || !judge.admits(after))) return;
  const mayHaveMatched = wasAdmitted && (possible === undefined || judge.mayMatch(possible));
  found.set(search, { search, mayHaveMatched });
}
