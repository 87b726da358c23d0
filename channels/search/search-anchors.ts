/**
 * Finds the standing searches that a change of a document can concern, without matching the others.
 *
 * The naive way matches every search with the document before and after: the cost grows with the searches that stand. Here
 * each search is filed under all words by which its match can change: what it looks for, with its beginnings and typos,
 * joined and split, and what it excludes. An event looks up only the words that it changed. Filing the rarest word alone, as
 * percolators do that look up whole documents, would miss the change of another word of the same search.
 *
 * A pattern with typos is filed under what is left of its first letters when some are deleted; a word within so many typos
 * has one of these texts in common with it. What is found is compared with the word, so an entry is wrong only if the
 * rest of the document decides.
 */
import type { SearchWords } from './search-words.ts';
import { type Pattern, typosBetween } from './typos.ts';

/** First letters that are looked at, of short patterns and of those that have at least as many as `long`: most are shared. */
const fuzzyLetters = { short: 5, long: 9 } as const;
/** Longer beginnings are filed under so many letters. */
const prefixLetters = 20;

interface Anchor<Payload> {
  readonly payload: Payload;
  readonly pattern: Pattern;
  /** Only with this word in the same document: the other half of a split. */
  readonly needs: string | undefined;
  /** Number of the word that it was last compared with: it is filed under many keys that the same word has. */
  comparedWith: number;
}

type Table<Key, Payload> = Map<Key, Set<Anchor<Payload>>>;

/** A number for some letters of a word. Two may share one: what is found is compared with the word. */
function numberOf(word: string, length: number, without = -1, orWithout = -1): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++)
    if (at !== without && at !== orWithout) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 2;
}

/** The numbers under which what is that many typos away can be found: of what is left without some letters. */
function fuzzyKeys(word: string, budget: number, letters: number): readonly number[] {
  const length = Math.min(word.length, letters);
  const keys = [numberOf(word, length)];
  for (let at = 0; at < length; at++) {
    keys.push(numberOf(word, length, at));
    if (budget === 2) for (let other = at + 1; other < length; other++) keys.push(numberOf(word, length, at, other));
  }
  return keys;
}

interface Tables<Payload> {
  readonly exact: Table<string, Payload>;
  readonly prefix: Table<number, Payload>;
  /** Of patterns with a typo that are shorter than `fuzzyLetters.long`. */
  readonly short: Table<number, Payload>;
  /** Of all others with typos. */
  readonly long: Table<number, Payload>;
}

function file<Key, Payload>(table: Table<Key, Payload>, key: Key, anchor: Anchor<Payload>): void {
  const held = table.get(key);
  if (held === undefined) table.set(key, new Set([anchor]));
  else held.add(anchor);
}

function unfile<Key, Payload>(table: Table<Key, Payload>, key: Key, anchor: Anchor<Payload>): void {
  const held = table.get(key);
  held?.delete(anchor);
  if (held?.size === 0) table.delete(key);
}

/** Does it with each table and key under which the anchor belongs. */
function eachPlace<Payload>(
  tables: Tables<Payload>,
  anchor: Anchor<Payload>,
  act: <Key>(table: Table<Key, Payload>, key: Key, anchor: Anchor<Payload>) => void,
): void {
  const { word, budget, isPrefix } = anchor.pattern;
  if (budget > 0) {
    const size = word.length < fuzzyLetters.long ? 'short' : 'long';
    for (const key of fuzzyKeys(word, budget, fuzzyLetters[size])) act(tables[size], key, anchor);
  } else if (isPrefix) act(tables.prefix, numberOf(word, Math.min(word.length, prefixLetters)), anchor);
  else act(tables.exact, word, anchor);
}

function exactly(word: string): Pattern {
  return { word, budget: 0, isPrefix: false };
}

function anchorsOf<Payload>({ segments, not }: SearchWords, payload: Payload): readonly Anchor<Payload>[] {
  const anchor = (pattern: Pattern, needs?: string): Anchor<Payload> => ({ payload, pattern, needs, comparedWith: 0 });
  const halves = segments.flatMap((segment) => segment.halves);
  return [
    ...segments.map((pattern) => anchor(pattern)),
    ...halves.flatMap(([one, other]) => [anchor(exactly(one), other), anchor(exactly(other), one)]),
    ...not.map((word) => anchor(exactly(word))),
  ];
}

/** Standing searches of one tenant. One without words is not filed: every document matches it. */
export class SearchAnchors<Payload> {
  readonly #tables: Tables<Payload> = { exact: new Map(), prefix: new Map(), short: new Map(), long: new Map() };
  readonly #anchors = new Map<Payload, readonly Anchor<Payload>[]>();
  /** Number of the next word. */
  #compared = 1;

  /** Searches that are filed. */
  get size(): number {
    return this.#anchors.size;
  }

  /** `payload` stands for the search; one that is filed already is replaced. */
  add(words: SearchWords, payload: Payload): void {
    this.remove(payload);
    const anchors = anchorsOf(words, payload);
    this.#anchors.set(payload, anchors);
    for (const anchor of anchors) eachPlace(this.#tables, anchor, file);
  }

  remove(payload: Payload): void {
    const anchors = this.#anchors.get(payload);
    if (anchors === undefined) return;
    this.#anchors.delete(payload);
    for (const anchor of anchors) eachPlace(this.#tables, anchor, unfile);
  }

  /**
   * Every search that may match a document in another way after its change, each once: the caller matches it with both
   * states. `changed` are the words of `changedWords`; `has` says whether the document has a word before or after.
   */
  affected(changed: Iterable<string>, has: (word: string) => boolean): ReadonlySet<Payload> {
    const found = new Set<Payload>();
    const { exact, prefix, short, long } = this.#tables;
    for (const word of changed) {
      this.#collect(exact.get(word), word, has, found);
      if (prefix.size > 0)
        for (let end = Math.min(prefixLetters, word.length); end > 0; end--)
          this.#collect(prefix.get(numberOf(word, end)), word, has, found);
      if (short.size > 0)
        for (const key of fuzzyKeys(word, 1, fuzzyLetters.short)) this.#collect(short.get(key), word, has, found);
      if (long.size > 0)
        for (const key of fuzzyKeys(word, 2, fuzzyLetters.long)) this.#collect(long.get(key), word, has, found);
      this.#compared += 1;
    }
    return found;
  }

  #collect(
    anchors: Iterable<Anchor<Payload>> | undefined,
    word: string,
    has: (word: string) => boolean,
    found: Set<Payload>,
  ): void {
    if (anchors === undefined) return;
    for (const anchor of anchors) {
      if (anchor.comparedWith === this.#compared) continue;
      anchor.comparedWith = this.#compared;
      const { payload, pattern, needs } = anchor;
      if (found.has(payload) || (needs !== undefined && !has(needs))) continue;
      if (typosBetween(pattern, word) !== undefined) found.add(payload);
    }
  }
}
