import { type Pattern, typosBetween } from '../../../channels/search/typos.ts';
import { type Pieces, Piece } from './pieces.ts';
import type { PostingLists } from './posting-lists.ts';

/** The postings of one word that matches a pattern. */
export interface MatchingWord {
  readonly list: number;
  readonly typos: 0 | 1 | 2;
}

interface Entry {
  readonly word: string;
  readonly list: number;
}

/** Words with the same first two letters, by their length. */
type Bucket = Entry[][];

/** Buckets by first and second letter; 0 for the second of a single one. */
type Buckets = Map<number, Map<number, Bucket>>;

function letterAt(word: string, at: number): number {
  return at < word.length ? word.charCodeAt(at) : 0;
}

/** The words of an index. Typos and beginnings are looked for in the few buckets that may have some. */
export class WordIndex {
  readonly #lists: PostingLists;
  readonly #byWord = new Map<string, number>();
  readonly #buckets: Buckets = new Map();

  constructor(lists: PostingLists) {
    this.#lists = lists;
  }

  get size(): number {
    return this.#byWord.size;
  }

  /** undefined: no document has it. */
  find(word: string): number | undefined {
    return this.#byWord.get(word);
  }

  /** The postings of a word, which may be a new one. */
  listOf(word: string): number {
    const held = this.#byWord.get(word);
    if (held !== undefined) return held;
    const list = this.#lists.create();
    this.#byWord.set(word, list);
    const bucket = this.#bucketOf(word);
    const entries = (bucket[word.length] ??= []);
    entries.push({ word, list });
    return list;
  }

  /** Every word that matches the pattern. */
  *matching(pattern: Pattern): Pieces<readonly MatchingWord[]> {
    const { word, budget, isPrefix } = pattern;
    const exact = this.#byWord.get(word);
    if (budget === 0 && !isPrefix) return exact === undefined ? [] : [{ list: exact, typos: 0 }];
    const found: MatchingWord[] = [];
    const piece = new Piece();
    // a comparison goes along the word
    const steps = 1 + word.length * budget;
    for (const bucket of this.#bucketsFor(pattern)) {
      const last = isPrefix ? bucket.length - 1 : Math.min(bucket.length - 1, word.length + budget);
      for (let length = Math.max(1, word.length - budget); length <= last; length++)
        for (const { word: token, list } of bucket[length] ?? []) {
          const typos = typosBetween(pattern, token);
          if (typos !== undefined) found.push({ list, typos });
          if (piece.isDone(steps)) yield;
        }
      if (piece.isDone(4)) yield;
    }
    return found;
  }

  /** Words of which no document is left go. */
  dropEmpty(): void {
    for (const bySecond of this.#buckets.values())
      for (const bucket of bySecond.values())
        for (const [length, entries] of bucket.entries())
          if (entries?.some(({ list }) => this.#lists.count(list) === 0)) bucket[length] = this.#keep(entries);
  }

  #keep(entries: readonly Entry[]): Entry[] {
    return entries.filter(({ word, list }) => {
      if (this.#lists.count(list) > 0) return true;
      this.#byWord.delete(word);
      this.#lists.drop(list);
      return false;
    });
  }

  #bucketOf(word: string): Bucket {
    const [first, second] = [letterAt(word, 0), letterAt(word, 1)];
    const bySecond = this.#buckets.get(first) ?? new Map<number, Bucket>();
    this.#buckets.set(first, bySecond);
    const bucket = bySecond.get(second) ?? [];
    bySecond.set(second, bucket);
    return bucket;
  }

  /**
   * Those with the same first letter. With another first letter this is the only typo: the second letter is the one of the
   * pattern, or the first of it (an additional letter, or two that are swapped), or the word is the pattern without its first.
   */
  *#bucketsFor({ word, budget, isPrefix }: Pattern): Generator<Bucket> {
    const [first, second, third] = [letterAt(word, 0), letterAt(word, 1), letterAt(word, 2)];
    const same = this.#buckets.get(first) ?? new Map<number, Bucket>();
    if (budget === 0 && isPrefix && word.length > 1) return yield same.get(second) ?? [];
    yield* same.values();
    if (budget < 2) return;
    for (const [letter, bySecond] of this.#buckets) {
      if (letter === first) continue;
      const seconds = new Set([second, first, ...(letter === second ? [third] : [])]);
      for (const each of seconds) yield bySecond.get(each) ?? [];
    }
  }
}
