import { normalText } from '../event/normal-text.ts';

/** A stretch of a text: offsets in UTF-16 units of its composed form (NFC). */
interface Stretch {
  /** Folded: lower case, without diacritics. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** One word of a text, and the words that it is joined of (`customerOrders`, `orders2024`); none if it is one only. */
export interface Token extends Stretch {
  readonly parts: readonly Stretch[];
}

/** Longer ones are not indexed and cannot be searched for: they are encoded data, not words. */
export const maxWordLength = 100;
/** What has more is an id, such as a UUID, and only found as a whole. */
const maxParts = 8;

const noParts: Token['parts'] = [];
const beyondAscii = /[\u0080-\uffff]/;
/** Scripts without spaces: each of their characters is a word, so that one in the middle of a sentence is found. */
const words = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[\p{L}\p{Nd}\p{M}])+/gu;
const asciiBorders = /[a-z][A-Z]|[A-Z]{2}[a-z]|[0-9][A-Za-z]|[A-Za-z][0-9]/;
const asciiParts = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
const parts = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{Lu}\p{Nd}]+|\p{Nd}+/gu;
const digits = /^\p{Nd}+$/u;
const diacritics = /[\u0300-\u036f]/g;
const notInWords = /[^\p{L}\p{Nd}\p{M}]/gu;

/** Texts that a reader takes for the same word become the same text. Folding twice changes nothing. */
export function folded(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase();
  const plain = text.normalize('NFKD').replace(diacritics, '').toLowerCase().replace(diacritics, '');
  return plain.replaceAll('ς', 'σ').replace(notInWords, '').normalize('NFC');
}

interface Run {
  readonly raw: string;
  readonly start: number;
}

/** A single letter belongs to what follows it, or at the end to what precedes it: `iPhone` and `v2` are one word. */
function joined(runs: readonly Run[]): readonly Run[] {
  const result: Run[] = [];
  let isOpen = false;
  for (const [index, run] of runs.entries()) {
    const isLetter = run.raw.length === 1 && !digits.test(run.raw);
    const last = result.at(-1);
    if (last !== undefined && (isOpen || (isLetter && index === runs.length - 1)))
      result.splice(-1, 1, { raw: last.raw + run.raw, start: last.start });
    else result.push(run);
    isOpen = isLetter;
  }
  return result;
}

function stretchOf({ raw, start }: Run, offset: number): Stretch {
  return { word: folded(raw), start: offset + start, end: offset + start + raw.length };
}

function partsOf(raw: string, offset: number, isAscii: boolean): readonly Stretch[] {
  if (isAscii && !asciiBorders.test(raw)) return [];
  const runs = [...raw.matchAll(isAscii ? asciiParts : parts)].map((match) => ({ raw: match[0], start: match.index }));
  const found = joined(runs);
  if (found.length < 2 || found.length > maxParts) return [];
  return found.map((run) => stretchOf(run, offset)).filter(({ word }) => word !== '');
}

const [digit, upper, lower, other] = [0, 1, 2, 3];
const asciiKinds = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/[0-9]/.test(character)) return digit;
  return /[A-Z]/.test(character) ? upper : /[a-z]/.test(character) ? lower : other;
});

/** By hand, because nearly all of a catalog is ASCII and building an index is mostly this. */
function asciiTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < text.length; start++) {
    let end = start;
    let changes = 0;
    let last = other;
    for (; end < text.length; end++) {
      const kind = asciiKinds[text.charCodeAt(end)] ?? other;
      if (kind === other) break;
      if (kind !== last) changes += 1;
      last = kind;
    }
    if (end > start && end - start <= maxWordLength) {
      const raw = text.slice(start, end);
      // one kind of character has no border in it
      tokens.push({ word: raw.toLowerCase(), start, end, parts: changes > 1 ? partsOf(raw, start, true) : noParts });
    }
    start = end;
  }
  return tokens;
}

/**
 * The words of a text, in their order. Everything that is neither a letter nor a digit separates, so `customer_orders`
 * and `sales.orders` are two words each; `customerOrders` is one with two parts. The same for documents and queries.
 */
export function tokensOf(raw: string): readonly Token[] {
  if (!beyondAscii.test(raw)) return asciiTokens(raw);
  return [...normalText(raw).matchAll(words)].flatMap(({ 0: found, index }) => {
    const stretch = stretchOf({ raw: found, start: 0 }, index);
    if (found.length > maxWordLength || stretch.word === '') return [];
    return { ...stretch, parts: partsOf(found, index, false) };
  });
}

/** Words at their finest: parts instead of what they are joined to. */
export function finestOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap(({ word, parts: ofToken }) =>
    ofToken.length === 0 ? [word] : ofToken.map((part) => part.word),
  );
}

/** The same of a text. */
export function finestWords(text: string): readonly string[] {
  return finestOf(tokensOf(text));
}
