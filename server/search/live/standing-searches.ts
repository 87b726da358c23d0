import type { Head } from '../../../channels/event/head.ts';
import { sameJson } from '../../../channels/event/json.ts';
import type { DocumentWords } from '../../../channels/search/document-words.ts';
import type { EventWords } from '../../../channels/search/event-words.ts';
import { SearchAnchors } from '../../../channels/search/search-anchors.ts';
import { SelectionIndex } from '../../../channels/subscription/selection-index.ts';
import type { Judge } from '../judge.ts';
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
  /** The words that it has now, also where it is gone. Most changes concern nobody: read only where they may decide. */
  readonly wordsNow: DocumentWords;
}

/** A search that a change may concern, and whether the document was in its result before; undefined: that is not known. */
export interface Affected {
  readonly search: StandingSearch;
  readonly wasIn: boolean | undefined;
}

/** Searches with one condition and class: they admit the same documents. */
interface Scope {
  readonly judge: Judge;
  readonly searches: Set<StandingSearch>;
}

/** By class. */
type Scopes = Map<string, Scope>;

/** A place that every class reads: where a word was before is not known. */
const anywhere = 0xfffffff;

/** Whether a value by which the result of a search is counted is another. */
export function movesFacets({ request: { facets } }: Judge, before: Head | null, after: Head | null): boolean {
  return facets.length > 0 && movesAny(facets, before, after);
}

function movesAny(fields: readonly (keyof Head)[], before: Head | null, after: Head | null): boolean {
  return before === null || after === null || fields.some((field) => !sameJson(before[field], after[field]));
}

/** The searches that stand in one tenant, found by what a change may mean for them. Costs what it concerns, not what stands. */
export class StandingSearches {
  readonly #byKey = new Map<string, StandingSearch>();
  readonly #anchors = new SearchAnchors<StandingSearch>();
  readonly #scopes = new SelectionIndex<Scopes>();
  /** By the urns of their hits. */
  readonly #holders = new Map<string, Set<StandingSearch>>();
  readonly #held = new Map<StandingSearch, readonly string[]>();
  #hits = 0;

  /** That all of them together may hold. */
  get hits(): number {
    return this.#hits;
  }

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
    this.#byKey.set(search.key, search);
    this.#hits += search.wanted;
    this.#anchors.add(search.judge.request.words, search);
    this.#scopeOf(search.judge).searches.add(search);
  }

  remove(search: StandingSearch): void {
    const { request, policyClass } = search.judge;
    this.#byKey.delete(search.key);
    this.#hits -= search.wanted;
    this.#hold(search, []);
    this.#held.delete(search);
    this.#anchors.remove(search);
    const { searches } = this.#scopeOf(search.judge);
    searches.delete(search);
    const scopes = this.#scopes.get(request.selection.conditionKey)?.payload;
    if (searches.size === 0) scopes?.delete(policyClass.id);
    if (scopes?.size === 0) this.#scopes.remove(request.selection.conditionKey);
  }

  /** To be called when its hits may be others. */
  noteHits(search: StandingSearch): void {
    if (this.#byKey.get(search.key) === search) this.#hold(search, search.urns);
  }

  /** Each search once for which the change may mean something; what it costs is spread over those that are taken. */
  *affected(change: DocumentChange): Generator<Affected> {
    const found = new Set(this.#holders.get(change.urn));
    for (const search of [...found]) yield { search, wasIn: true };
    // it came and went before anybody was told
    if (change.before === null && change.after === null) return;
    yield* this.#byWords(change, found);
    if (change.before === null || change.after === null || !sameJson(change.before, change.after))
      yield* this.#byHead(change, found);
  }

  /** Those for which it matters that words have come or gone. */
  *#byWords(change: DocumentChange, found: Set<StandingSearch>): Generator<Affected> {
    const { before, after, words } = change;
    let possible: DocumentWords | undefined;
    for (const search of words.isComplete ? this.#changedFor(change) : [...this.all]) {
      if (found.has(search)) continue;
      const { judge } = search;
      const wasAdmitted = before !== null && judge.admits(before);
      if (!wasAdmitted && (after === null || !judge.admits(after))) continue;
      found.add(search);
      const isPossible = wasAdmitted && (!words.isComplete || judge.mayMatch((possible ??= possibleWords(change))));
      yield { search, wasIn: isPossible ? undefined : false };
    }
  }

  #changedFor(change: DocumentChange): Iterable<StandingSearch> {
    const { removed, added } = change.words;
    if (removed.size === 0 && added.size === 0) return [];
    const has = (word: string): boolean => removed.has(word) || change.wordsNow.words.has(word);
    return this.#anchors.affected(new Set([...removed, ...added]), has);
  }

  /** Those whose words are as before, but whose condition holds now and did not, or did, or that count or sort by what is another. */
  *#byHead(change: DocumentChange, found: ReadonlySet<StandingSearch>): Generator<Affected> {
    const { before, after } = change;
    let withItsWords: ReadonlySet<StandingSearch> | undefined;
    for (const { judge, searches } of this.#scopesOf(before, after)) {
      const wasAdmitted = before !== null && judge.admits(before);
      const isAdmitted = after !== null && judge.admits(after);
      if (!wasAdmitted && !isAdmitted) continue;
      for (const search of [...searches]) {
        if (found.has(search) || (wasAdmitted === isAdmitted && !shows(search.judge, before, after))) continue;
        const { words } = change.wordsNow;
        withItsWords ??= this.#anchors.affected(words.keys(), (word) => words.has(word));
        if (search.judge.request.words.count > 0 && !withItsWords.has(search)) continue;
        if (search.judge.matches(change.wordsNow)) yield { search, wasIn: wasAdmitted };
      }
    }
  }

  #scopesOf(before: Head | null, after: Head | null): readonly Scope[] {
    return [...this.#scopes.candidates(before, after)].flatMap(({ payload }) => [...payload.values()]);
  }

  #scopeOf(judge: Judge): Scope {
    const { request, policyClass } = judge;
    const { conditionKey } = request.selection;
    if (this.#scopes.get(conditionKey) === undefined) this.#scopes.add(request.selection, new Map());
    const scopes = this.#scopes.get(conditionKey)?.payload;
    const held = scopes?.get(policyClass.id);
    if (held !== undefined) return held;
    const made: Scope = { judge, searches: new Set() };
    scopes?.set(policyClass.id, made);
    return made;
  }

  #hold(search: StandingSearch, urns: readonly string[]): void {
    const before = this.#held.get(search) ?? [];
    // most changes move counts, and no hit
    if (before.length === urns.length && before.every((urn, index) => urn === urns[index])) return;
    for (const urn of before) {
      const holders = this.#holders.get(urn);
      holders?.delete(search);
      if (holders?.size === 0) this.#holders.delete(urn);
    }
    this.#held.set(search, urns);
    for (const urn of urns) this.#holders.set(urn, (this.#holders.get(urn) ?? new Set()).add(search));
  }
}

/** Whether a value by which a result is counted or sorted is another. */
function shows({ request: { facets, sort } }: Judge, before: Head | null, after: Head | null): boolean {
  if (facets.length === 0 && sort.length === 0) return false;
  return movesAny([...facets, ...sort.map(({ field }) => field)], before, after);
}

/** All that the document may have had before the change, and has now. */
function possibleWords({ words, wordsNow }: DocumentChange): DocumentWords {
  if (words.removed.size === 0) return wordsNow;
  const removed = [...words.removed].map((word) => [word, anywhere] as const);
  return { ...wordsNow, words: new Map([...wordsNow.words, ...removed]) };
}
