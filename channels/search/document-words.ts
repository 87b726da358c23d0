import { attributeBit } from './attributes.ts';
import type { SearchText } from './document-texts.ts';
import { finestWords, tokensOf } from './words.ts';

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

/** A word that is joined of others is there with its parts: both are found. */
export function wordsOf(texts: readonly SearchText[]): DocumentWords {
  const words = new Map<string, number>();
  const name: string[] = [];
  for (const { level, requirement, text } of texts) {
    const bit = attributeBit(level, requirement);
    const add = (word: string): void => void words.set(word, (words.get(word) ?? 0) | bit);
    for (const { word, parts } of tokensOf(text)) {
      add(word);
      for (const part of parts) add(part.word);
    }
    if (level === 0) name.push(...finestWords(text));
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
