import type { DocumentWords } from './document-words.ts';
import { masksPerSegment, noMatch, Scorer } from './score.ts';
import type { SearchWords, Segment } from './search-words.ts';
import { typosBetween } from './typos.ts';

/** How well a document matches; the lower the better. */
export interface Match {
  /** Words, typos, place: see {@link Scorer.relevance}. */
  readonly relevance: number;
  /** Decides behind the sort keys: see {@link Scorer.exactness}. */
  readonly exactness: number;
}

type Words = DocumentWords['words'];

/** A split is one typo. Both halves have to be in one place. */
function splitMask({ halves }: Segment, words: Words, readable: number): number {
  let mask = 0;
  for (const [first, second] of halves) mask |= (words.get(first) ?? 0) & (words.get(second) ?? 0) & readable;
  return mask;
}

function fill(masks: Uint32Array, at: number, segment: Segment, words: Words, readable: number): void {
  const exact = (words.get(segment.word) ?? 0) & readable;
  masks.set([exact, exact, splitMask(segment, words, readable), 0], at);
  if (!segment.isPrefix && segment.budget === 0) return;
  for (const [word, mask] of words) {
    const seen = mask & readable;
    const typos = seen === 0 ? undefined : typosBetween(segment, word);
    if (typos !== undefined) masks[at + 1 + typos] = (masks[at + 1 + typos] ?? 0) | seen;
  }
}

/** Matches documents with one search, one after the other. */
export class Matcher {
  readonly #words: SearchWords;
  readonly #readable: number;
  readonly #scorer: Scorer;

  /** `readable`: the places that count, see `readableBits`. */
  constructor(words: SearchWords, readable: number) {
    this.#words = words;
    this.#readable = readable;
    this.#scorer = new Scorer(words);
  }

  /** undefined: it does not match. */
  match({ words, nameKey }: DocumentWords): Match | undefined {
    const { segments, not } = this.#words;
    if (not.some((word) => ((words.get(word) ?? 0) & this.#readable) !== 0)) return undefined;
    for (const [index, segment] of segments.entries())
      fill(this.#scorer.masks, index * masksPerSegment, segment, words, this.#readable);
    const relevance = this.#scorer.relevance();
    return relevance === noMatch ? undefined : { relevance, exactness: this.#scorer.exactness(nameKey) };
  }
}
