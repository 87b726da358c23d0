import fc from 'fast-check';
import type { AttributeLevel } from '../../channels/search/attributes.ts';
import type { SearchText } from '../../channels/search/document-texts.ts';
import { parseSearchWords, type SearchWords } from '../../channels/search/search-words.ts';

const levels: Readonly<Record<string, AttributeLevel>> = { name: 0, aliases: 1, tags: 2, description: 3 };

/** Open texts of a document by their fields. */
export function textsWith(fields: Readonly<Record<string, string>>): readonly SearchText[] {
  return Object.entries(fields).map(([field, text]) => ({ field, level: levels[field] ?? 3, requirement: 0, text }));
}

/** Words that are near one another: typos, beginnings, joined and split ones. */
const word = fc.constantFrom(
  ...['order', 'orders', 'ordre', 'ordering', 'customer', 'custoemr', 'customers', 'customerOrders', 'custom', 'er'],
  ...['warehouse', 'werahouse', 'wearhouses', 'ware', 'house', 'data', 'base', 'database', 'databse', 'xatabase', 'a'],
);
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));

/** Texts of a document from a small world, so that random searches often match. */
export const anyTexts: fc.Arbitrary<readonly SearchText[]> = fc
  .record({ name: phrase, aliases: fc.option(phrase), tags: fc.option(phrase), description: fc.option(phrase) })
  .map((fields) =>
    textsWith(
      Object.fromEntries(Object.entries(fields).flatMap(([field, text]) => (text === null ? [] : [[field, text]]))),
    ),
  );

const part = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 2, arbitrary: fc.tuple(word, fc.nat(6)).map(([text, length]) => text.slice(0, length + 1)) },
  { weight: 1, arbitrary: word.map((text) => `"${text}"`) },
  { weight: 1, arbitrary: word.map((text) => `-${text}`) },
);

/** What somebody may type to search in that world. */
export const anyTyped: fc.Arbitrary<string> = fc
  .tuple(fc.array(part, { minLength: 0, maxLength: 3 }), fc.constantFrom('', ' '))
  .map(([parts, end]) => parts.join(' ') + end);

export const anySearch: fc.Arbitrary<SearchWords> = fc
  .tuple(anyTyped, fc.constantFrom('all' as const, 'last' as const))
  .map(([typed, strategy]) => parseSearchWords(typed, strategy));
