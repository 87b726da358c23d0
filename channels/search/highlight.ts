import type { ReadText } from './document-words.ts';
import type { SearchWords } from './search-words.ts';
import { typosBetween } from './typos.ts';
import type { Token } from './words.ts';

/** First and behind the last UTF-16 unit of a stretch of a text. */
export type TextRange = readonly [number, number];

/** Where a text of a document has words that were searched for. Never markup: whoever shows it adds its own. */
export interface Highlight {
  readonly field: string;
  /** The text, or the part of it around the first match, between `…`. */
  readonly text: string;
  /** Ascending, without overlap, within `text`. */
  readonly ranges: readonly TextRange[];
}

/** Bounds of what is shown of one document. */
export const highlightLimits = { perField: 3, textLength: 240, before: 60 } as const;
const { textLength } = highlightLimits;
/** Words: a search that stands sees those of all documents that ever match. */
const maxRemembered = 500;

function byStart(one: TextRange, other: TextRange): number {
  return one[0] - other[0];
}

function merged(ranges: readonly TextRange[]): readonly TextRange[] {
  const result: TextRange[] = [];
  for (const [start, end] of ranges.toSorted(byStart)) {
    const last = result.at(-1);
    if (last === undefined || start > last[1]) result.push([start, end]);
    else result.splice(-1, 1, [last[0], Math.max(last[1], end)]);
  }
  return result;
}

/** The end of a cut does not part a character of two units. */
function cutAt(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? end - 1 : end;
}

function excerpt(field: string, text: string, ranges: readonly TextRange[], firstStart: number): Highlight {
  const { before } = highlightLimits;
  if (text.length <= textLength) return { field, text, ranges };
  const from = cutAt(text, Math.max(0, firstStart - before));
  const to = cutAt(text, Math.min(text.length, from + textLength));
  const lead = from === 0 ? '' : '…';
  const shift = lead.length - from;
  return {
    field,
    text: `${lead}${text.slice(from, to)}${to === text.length ? '' : '…'}`,
    ranges: ranges
      .filter(([start]) => start < to)
      .map(([start, end]) => [start + shift, Math.min(end, to) + shift] as const),
  };
}

/** Finds what one search matches in the texts of visible documents, one after the other. */
export class Highlighter {
  readonly #words: SearchWords;
  /** Words of documents that were looked at: how much of each is shown, 0 for nothing. */
  readonly #lengths = new Map<string, number>();
  readonly #splittable: ReadonlySet<string>;

  constructor(words: SearchWords) {
    this.#words = words;
    this.#splittable = new Set(words.segments.filter(({ halves }) => halves.length > 0).map(({ word }) => word));
  }

  /** Those that match, in the order of the texts. */
  highlights(texts: readonly ReadText[]): readonly Highlight[] {
    const counts = new Map<string, number>();
    return texts.flatMap(({ field, text, tokens }) => {
      const count = counts.get(field) ?? 0;
      if (count === highlightLimits.perField) return [];
      const ranges = this.#rangesIn(text, tokens);
      const [first] = ranges;
      if (first === undefined) return [];
      counts.set(field, count + 1);
      return excerpt(field, text, ranges, first[0]);
    });
  }

  /** Up to where the excerpt around the first match ends. */
  #rangesIn(text: string, tokens: readonly Token[]): readonly TextRange[] {
    const found: TextRange[] = [];
    for (const [index, token] of tokens.entries()) {
      const [first] = found;
      if (first !== undefined && text.length > textLength && token.start > first[0] + textLength) break;
      found.push(...this.#rangesOf(token), ...this.#splitRange(token, tokens[index + 1]));
    }
    return merged(found);
  }

  #rangesOf(token: Token): readonly TextRange[] {
    return [token, ...token.parts].flatMap(({ word, start, end }) => {
      const length = this.#lengthOf(word);
      if (length === 0) return [];
      // where folding changed the length, the beginning cannot be told from the rest
      return [[start, end - start === word.length ? start + length : end] as const];
    });
  }

  /** `data base` where `database` was searched for. */
  #splitRange(token: Token, next: Token | undefined): readonly TextRange[] {
    if (next === undefined || !this.#splittable.has(token.word + next.word)) return [];
    return [
      [token.start, token.end],
      [next.start, next.end],
    ];
  }

  /** The beginning that was typed, or with a typo the whole word. */
  #lengthOf(word: string): number {
    const held = this.#lengths.get(word);
    if (held !== undefined) return held;
    if (this.#lengths.size >= maxRemembered) this.#lengths.clear();
    let length = 0;
    for (const segment of this.#words.segments) {
      const typos = typosBetween(segment, word);
      if (typos !== undefined) length = Math.max(length, typos === 0 ? segment.word.length : word.length);
    }
    this.#lengths.set(word, length);
    return length;
  }
}
