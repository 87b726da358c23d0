import { lowestLevel } from './attributes.ts';
import type { SearchWords, Segment } from './search-words.ts';

/** Per segment: where words stand that equal it, and where words stand that match with no, one and two typos. */
export const masksPerSegment = 4;
const allBits = 0xfffffff;
const typosBeyond = 255;

/** The lowest that every search gives: all words, without typos, in one place, which is the name. */
export const bestRelevance = 0;
/** Not a relevance: the document does not match. */
export const noMatch = -1;

/**
 * Judges a document by where each segment of a search matches it. All that ranks depends on the search and this document
 * alone: no other document, seen or hidden, moves it.
 *
 * A match is a way to cover the words by segments. Of several the one with the fewest typos counts, then the one with
 * shorter segments. `relevance` orders by more words, fewer typos, all of them in one place, and the level of the place.
 */
export class Scorer {
  /** To be filled by the caller before each `relevance`: `masksPerSegment` numbers for each segment. */
  readonly masks: Uint32Array;
  readonly #words: SearchWords;
  /** By the number of words that are covered with it. */
  readonly #endingAt: readonly (readonly (Segment & { readonly index: number })[])[];
  // of the best cover of the first words, by their number
  readonly #typos: Uint8Array;
  readonly #common: Uint32Array;
  readonly #level: Uint8Array;
  readonly #isExact: Uint8Array;
  #covered = 0;

  constructor(words: SearchWords) {
    const { count, segments } = words;
    this.#words = words;
    this.masks = new Uint32Array(segments.length * masksPerSegment);
    const numbered = segments.map((segment, index) => ({ ...segment, index }));
    this.#endingAt = Array.from({ length: count + 1 }, (_, end) =>
      numbered.filter(({ from, length }) => from + length === end).toSorted((a, b) => a.length - b.length),
    );
    this.#typos = new Uint8Array(count + 1).fill(typosBeyond);
    this.#common = new Uint32Array(count + 1);
    this.#level = new Uint8Array(count + 1);
    this.#isExact = new Uint8Array(count + 1);
    this.#typos[0] = 0;
    this.#common[0] = allBits;
    this.#isExact[0] = 1;
  }

  /** The lower the better; `noMatch` where the words that must be there are not. */
  relevance(): number {
    const { count, strategy } = this.#words;
    if (count === 0) return bestRelevance;
    this.#covered = 0;
    for (let end = 1; end <= count; end++) {
      this.#cover(end);
      if (this.#typos[end] !== typosBeyond) this.#covered = end;
    }
    if (this.#covered === 0 || (strategy === 'all' && this.#covered < count)) return noMatch;
    const common = this.#common[this.#covered] ?? 0;
    const level = common === 0 ? (this.#level[this.#covered] ?? 0) : lowestLevel(common);
    const typos = this.#typos[this.#covered] ?? 0;
    return (((count - this.#covered) * 32 + typos) * 2 + (common === 0 ? 1 : 0)) * 4 + level;
  }

  /** After a `relevance` that matches: 0 the words are the name, 1 the name begins with them, 2 all are exact, 3 others. */
  exactness(nameKey: string): number {
    const { count, nameKey: wanted, isOpen } = this.#words;
    if (count === 0 || nameKey === wanted) return 0;
    if (nameKey.startsWith(isOpen ? wanted : `${wanted} `)) return 1;
    return this.#isExact[this.#covered] === 1 ? 2 : 3;
  }

  #cover(end: number): void {
    this.#typos[end] = typosBeyond;
    for (const { from, length, index } of this.#endingAt[end] ?? []) {
      const before = this.#typos[from] ?? typosBeyond;
      if (before === typosBeyond) continue;
      const at = index * masksPerSegment;
      const own = this.#typosOf(at);
      const typos = before + length - 1 + own;
      if (own === typosBeyond || typos >= (this.#typos[end] ?? typosBeyond)) continue;
      const mask = this.masks[at + 1 + own] ?? 0;
      this.#typos[end] = typos;
      this.#common[end] = (this.#common[from] ?? 0) & mask;
      this.#level[end] = Math.max(this.#level[from] ?? 0, lowestLevel(mask));
      this.#isExact[end] = this.#isExact[from] === 1 && (this.masks[at] ?? 0) !== 0 ? 1 : 0;
    }
  }

  #typosOf(at: number): number {
    if (this.masks[at + 1] !== 0) return 0;
    if (this.masks[at + 2] !== 0) return 1;
    return this.masks[at + 3] === 0 ? typosBeyond : 2;
  }
}
