import { type Pattern, typosBetween } from '../../../channels/search/typos.ts';
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

/** True unless more than the first letter differs, as far as the letters behind it say: most words fail here. */
function mayDifferInFirst(word: string, token: string): boolean {
  return token[1] === word[1] || token[1] === word[0] || token[0] === word[1];
}

function mayMatch({ word, budget, isPrefix }: Pattern, token: string, sameStart: boolean): boolean {
  if (token.length < word.length - budget || (!isPrefix && token.length > word.length + budget)) return false;
  return sameStart || mayDifferInFirst(word, token);
}

/** The words of an index. Typos and beginnings are looked for among those with the same first letter: the first counts twice. */
export class WordIndex {
  readonly #lists: PostingLists;
  readonly #byWord = new Map<string, number>();
  readonly #byFirst = new Map<number, Entry[]>();

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
    const first = word.charCodeAt(0);
    const entries = this.#byFirst.get(first);
    if (entries === undefined) this.#byFirst.set(first, [{ word, list }]);
    else entries.push({ word, list });
    return list;
  }

  /** Every word that matches the pattern. */
  matching(pattern: Pattern): readonly MatchingWord[] {
    const { word, budget, isPrefix } = pattern;
    const exact = this.#byWord.get(word);
    if (budget === 0 && !isPrefix) return exact === undefined ? [] : [{ list: exact, typos: 0 }];
    const first = word.charCodeAt(0);
    const found: MatchingWord[] = [];
    for (const [letter, entries] of this.#byFirst) {
      const sameStart = letter === first;
      if (!sameStart && budget < 2) continue;
      for (const { word: token, list } of entries) {
        const typos = mayMatch(pattern, token, sameStart) ? typosBetween(pattern, token) : undefined;
        if (typos !== undefined) found.push({ list, typos });
      }
    }
    return found;
  }

  /** Words of which no document is left go. */
  dropEmpty(): void {
    for (const [first, entries] of this.#byFirst) {
      const left = entries.filter(({ list }) => this.#lists.count(list) > 0);
      if (left.length === entries.length) continue;
      for (const { word, list } of entries)
        if (this.#lists.count(list) === 0) {
          this.#byWord.delete(word);
          this.#lists.drop(list);
        }
      this.#byFirst.set(first, left);
    }
  }
}
