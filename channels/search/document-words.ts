import { attributeBit } from './attributes.ts';
import type { SearchText } from './document-texts.ts';
import { normalText } from '../event/normal-text.ts';
import { finestOf, type Token, tokensOf } from './words.ts';

/** What matcher and ranker read of a document. */
export interface DocumentWords {
  /** Each word of it, and the places where it is (attributes.ts). */
  readonly words: ReadonlyMap<string, number>;
  /** The words of its name at their finest, with spaces between. */
  readonly nameKey: string;
}

/** Words as a key: equal for names that a reader takes for the same. */
export function keyOfWords(words: readonly string[]): string {
  return words.join(' ');
}

/** A text of a document, in its composed form (NFC), and its words: cut once for all who look at it. */
export interface ReadText extends SearchText {
  readonly tokens: readonly Token[];
}

export function readTexts(texts: readonly SearchText[]): readonly ReadText[] {
  return texts.map(({ text: raw, ...rest }) => {
    const text = normalText(raw);
    return { ...rest, text, tokens: tokensOf(text) };
  });
}

/** A word that is joined of others is there with its parts: both are found. */
export function wordsOf(texts: readonly SearchText[]): DocumentWords {
  return gathered(texts, ({ text }) => tokensOf(text));
}

/** The same of texts that were read. */
export function wordsIn(texts: readonly ReadText[]): DocumentWords {
  return gathered(texts, ({ tokens }) => tokens);
}

function gathered<Text extends SearchText>(
  texts: readonly Text[],
  read: (text: Text) => readonly Token[],
): DocumentWords {
  const words = new Map<string, number>();
  const name: string[] = [];
  for (const each of texts) {
    const { level, requirement } = each;
    const tokens = read(each);
    const bit = attributeBit(level, requirement);
    const add = (word: string): void => void words.set(word, (words.get(word) ?? 0) | bit);
    for (const { word, parts } of tokens) {
      add(word);
      for (const part of parts) add(part.word);
    }
    if (level === 0) name.push(...finestOf(tokens));
  }
  return { words, nameKey: keyOfWords(name) };
}

/** The words whose coming, going or moving may change how searches match; undefined stands for a document that is not there. */
export function changedWords(before: DocumentWords | undefined, after: DocumentWords | undefined): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [word, mask] of before?.words ?? []) if (after?.words.get(word) !== mask) changed.add(word);
  for (const word of after?.words.keys() ?? []) if (before?.words.has(word) !== true) changed.add(word);
  // the order of words in a name counts, too
  if (before?.nameKey !== after?.nameKey)
    for (const image of [before, after]) for (const word of image?.nameKey.split(' ') ?? []) changed.add(word);
  return changed;
}
