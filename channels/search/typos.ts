/*
 * Typo tolerance by the rules of Meilisearch, so that both engines find the same: an inserted, missing, wrong or transposed
 * letter is one typo; one in the first letter counts as two. Letters are UTF-16 units.
 */
import { maxWordLength } from './words.ts';

/** So many typos are forgiven. */
export type TypoBudget = 0 | 1 | 2;

/** What one word of a document is compared with. */
export interface Pattern {
  readonly word: string;
  readonly budget: TypoBudget;
  /** Words that begin with it match, too. */
  readonly isPrefix: boolean;
}

const [oneTypoFrom, twoTyposFrom] = [5, 9];
const isNumber = /^\p{Nd}+$/u;

/** None for numbers: 2023 is not a misspelt 2024. */
export function typoBudget(word: string): TypoBudget {
  if (word.length < oneTypoFrom || isNumber.test(word)) return 0;
  return word.length < twoTyposFrom ? 1 : 2;
}

const width = maxWordLength * 3 + 4;
/** Of the row that is computed and the two before it; overwritten by each call. */
let [row, last, beforeLast] = [new Uint8Array(width), new Uint8Array(width), new Uint8Array(width)];

/**
 * Edit distance with transpositions of neighbours (optimal string alignment), up to `most`: above it, `most + 1`. With
 * `isPrefix` the distance to the nearest beginning of `token`. Only cells near the diagonal are computed.
 */
function distance(word: string, token: string, most: number, isPrefix: boolean): number {
  const length = Math.min(token.length, word.length + most);
  const beyond = most + 1;
  if (length < word.length - most || (!isPrefix && token.length > length)) return beyond;
  for (let j = 0; j <= length; j++) last[j] = Math.min(j, beyond);
  for (let i = 1; i <= word.length; i++) {
    const [from, to] = [Math.max(1, i - most), Math.min(length, i + most)];
    row[from - 1] = from === 1 ? Math.min(i, beyond) : beyond;
    let least = row[from - 1] ?? beyond;
    for (let j = from; j <= to; j++) {
      const isSame = word.charCodeAt(i - 1) === token.charCodeAt(j - 1);
      const above = j === i + most ? beyond : (last[j] ?? beyond);
      let cell = Math.min((last[j - 1] ?? beyond) + (isSame ? 0 : 1), above + 1, (row[j - 1] ?? beyond) + 1, beyond);
      if (i > 1 && j > 1 && isTransposed(word, i, token, j)) cell = Math.min(cell, (beforeLast[j - 2] ?? beyond) + 1);
      row[j] = cell;
      least = Math.min(least, cell);
    }
    if (least > most) return beyond;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return isPrefix ? leastOf(last, Math.max(0, word.length - most), length) : (last[length] ?? beyond);
}

function isTransposed(word: string, i: number, token: string, j: number): boolean {
  return word.charCodeAt(i - 1) === token.charCodeAt(j - 2) && word.charCodeAt(i - 2) === token.charCodeAt(j - 1);
}

function leastOf(cells: Uint8Array, from: number, to: number): number {
  let least = 255;
  for (let j = from; j <= to; j++) least = Math.min(least, cells[j] ?? 255);
  return least;
}

/** The typos by which a word of a document differs from what is asked for; undefined if these are too many. */
export function typosBetween({ word, budget, isPrefix }: Pattern, token: string): TypoBudget | undefined {
  if (token === word || (isPrefix && token.startsWith(word))) return 0;
  if (budget === 0) return undefined;
  const sameStart = word.charCodeAt(0) === token.charCodeAt(0);
  if (!sameStart && budget < 2) return undefined;
  const typos = distance(word, token, sameStart ? budget : 1, isPrefix);
  if (!sameStart) return typos === 1 ? 2 : undefined;
  return typos === 1 || (typos === 2 && budget === 2) ? typos : undefined;
}
