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

/** First letters that are looked at. No pattern with so many typos is shorter. */
const fuzzyLetters = { 1: 5, 2: 6 } as const;
/** Longer beginnings are filed under so many letters. */
const prefixLetters = 20;

interface Anchor<Payload> {
  readonly payload: Payload;
  readonly pattern: Pattern;
  /** Only with this word in the same document: the other half of a split. */
  readonly needs?: string;
}

type Table<Payload> = Map<string, Set<Anchor<Payload>>>;

/** Each way to leave out one letter. */
function withoutOne(text: string): readonly string[] {
  return Array.from({ length: text.length }, (_, at) => text.slice(0, at) + text.slice(at + 1));
}

function withDeleted(text: string, count: number): ReadonlySet<string> {
  let level = new Set([text]);
  const all = new Set(level);
  for (let deleted = 0; deleted < count; deleted++) {
    level = new Set([...level].flatMap(withoutOne));
    for (const each of level) all.add(each);
  }
  return all;
}

/** The texts under which what is that many typos away can be found. */
function fuzzyKeys(word: string, budget: 1 | 2): ReadonlySet<string> {
  return withDeleted(word.slice(0, fuzzyLetters[budget]), budget);
}

type TableName = 'exact' | 'prefix' | 'fuzzy1' | 'fuzzy2';

interface Place {
  readonly table: TableName;
  readonly key: string;
}

function placesOf({ word, budget, isPrefix }: Pattern): readonly Place[] {
  if (budget > 0) {
    const fuzzy = budget === 1 ? 1 : 2;
    return [...fuzzyKeys(word, fuzzy)].map((key) => ({ table: `fuzzy${fuzzy}`, key }));
  }
  return [isPrefix ? { table: 'prefix', key: word.slice(0, prefixLetters) } : { table: 'exact', key: word }];
}

function exactly(word: string): Pattern {
  return { word, budget: 0, isPrefix: false };
}

function anchorsOf<Payload>({ segments, not }: SearchWords, payload: Payload): readonly Anchor<Payload>[] {
  return [
    ...segments.map((pattern) => ({ payload, pattern })),
    ...segments
      .flatMap(({ halves }) => halves)
      .flatMap(([first, second]) => [
        { payload, pattern: exactly(first), needs: second },
        { payload, pattern: exactly(second), needs: first },
      ]),
    ...not.map((word) => ({ payload, pattern: exactly(word) })),
  ];
}

/** Standing searches of one tenant. One without words is not filed: every document matches it. */
export class SearchAnchors<Payload> {
  readonly #tables: Readonly<Record<TableName, Table<Payload>>> = {
    exact: new Map(),
    prefix: new Map(),
    fuzzy1: new Map(),
    fuzzy2: new Map(),
  };
  readonly #anchors = new Map<Payload, readonly Anchor<Payload>[]>();

  /** Searches that are filed. */
  get size(): number {
    return this.#anchors.size;
  }

  /** `payload` stands for the search; one that is filed already is replaced. */
  add(words: SearchWords, payload: Payload): void {
    this.remove(payload);
    const anchors = anchorsOf(words, payload);
    this.#anchors.set(payload, anchors);
    for (const anchor of anchors)
      for (const { table, key } of placesOf(anchor.pattern)) {
        const held = this.#tables[table].get(key);
        if (held === undefined) this.#tables[table].set(key, new Set([anchor]));
        else held.add(anchor);
      }
  }

  remove(payload: Payload): void {
    const anchors = this.#anchors.get(payload);
    if (anchors === undefined) return;
    this.#anchors.delete(payload);
    for (const anchor of anchors)
      for (const { table, key } of placesOf(anchor.pattern)) {
        const held = this.#tables[table].get(key);
        held?.delete(anchor);
        if (held?.size === 0) this.#tables[table].delete(key);
      }
  }

  /**
   * Every search that may match a document in another way after its change, each once: the caller matches it with both
   * states. `changed` are the words of `changedWords`; `has` says whether the document has a word before or after.
   */
  affected(changed: Iterable<string>, has: (word: string) => boolean): ReadonlySet<Payload> {
    const found = new Set<Payload>();
    const { exact, prefix, fuzzy1, fuzzy2 } = this.#tables;
    for (const word of changed) {
      collect(exact.get(word), word, has, found);
      if (prefix.size > 0)
        for (let end = Math.min(prefixLetters, word.length); end > 0; end--)
          collect(prefix.get(word.slice(0, end)), word, has, found);
      if (fuzzy1.size > 0) for (const key of fuzzyKeys(word, 1)) collect(fuzzy1.get(key), word, has, found);
      if (fuzzy2.size > 0) for (const key of fuzzyKeys(word, 2)) collect(fuzzy2.get(key), word, has, found);
    }
    return found;
  }
}

function collect<Payload>(
  anchors: Iterable<Anchor<Payload>> | undefined,
  word: string,
  has: (word: string) => boolean,
  found: Set<Payload>,
): void {
  if (anchors === undefined) return;
  for (const { payload, pattern, needs } of anchors) {
    if (found.has(payload) || (needs !== undefined && !has(needs))) continue;
    if (typosBetween(pattern, word) !== undefined) found.add(payload);
  }
}
