import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySearch, anyTexts, textsWith } from '../../test/harness/search-texts.ts';
import { lowestLevel, openRequirement, readableBits } from './attributes.ts';
import { type DocumentWords, wordsOf } from './document-words.ts';
import { Matcher } from './match.ts';
import { type MatchStrategy, parseSearchWords, type SearchWords, type Segment } from './search-words.ts';
import { typosBetween } from './typos.ts';

const readable = readableBits([openRequirement]);

interface Cover {
  readonly typos: number;
  readonly masks: readonly number[];
  readonly lengths: readonly number[];
}

/** Where words match a segment, by typos, said plainly. */
function masksOf(segment: Segment, { words }: DocumentWords): readonly number[] {
  return [0, 1, 2].map((typos) => {
    const direct = [...words].filter(([word]) => typosBetween(segment, word) === typos).map(([, mask]) => mask);
    const split = typos === 1 ? segment.halves.map(([a, b]) => (words.get(a) ?? 0) & (words.get(b) ?? 0)) : [];
    return [...direct, ...split].reduce((all, mask) => all | (mask & readable), 0);
  });
}

/** All ways to cover the first `count` words, by the lengths of their segments. */
function covers(search: SearchWords, document: DocumentWords, count: number): readonly Cover[] {
  if (count === 0) return [{ typos: 0, masks: [], lengths: [] }];
  return search.segments
    .filter(({ from, length }) => from + length === count)
    .flatMap((segment) => {
      const masks = masksOf(segment, document);
      const typos = masks.findIndex((mask) => mask !== 0);
      if (typos < 0) return [];
      return covers(search, document, segment.from).map((before) => ({
        typos: before.typos + typos + segment.length - 1,
        masks: [...before.masks, masks[typos] ?? 0],
        lengths: [...before.lengths, segment.length],
      }));
    });
}

function fewestTypos(all: readonly Cover[]): Cover | undefined {
  const least = Math.min(...all.map(({ typos }) => typos));
  const last = (cover: Cover): readonly number[] => cover.lengths.toReversed();
  return all
    .filter(({ typos }) => typos === least)
    .toSorted((a, b) => {
      const at = last(a).findIndex((length, index) => length !== last(b)[index]);
      return at < 0 ? 0 : (last(a)[at] ?? 0) - (last(b)[at] ?? 0);
    })[0];
}

function plainRelevance(search: SearchWords, document: DocumentWords): number | undefined {
  if (search.not.some((word) => document.words.has(word))) return undefined;
  const least = search.strategy === 'all' ? search.count : Math.min(1, search.count);
  for (let count = search.count; count >= least; count--) {
    const best = fewestTypos(covers(search, document, count));
    if (best === undefined) continue;
    if (count === 0) return 0;
    const common = best.masks.reduce((all, mask) => all & mask);
    const level = common === 0 ? Math.max(...best.masks.map(lowestLevel)) : lowestLevel(common);
    return (search.count - count) * 256 + best.typos * 8 + (common === 0 ? 4 : 0) + level;
  }
  return undefined;
}

function matches(q: string, text: string, strategy: MatchStrategy = 'all'): boolean {
  const words = wordsOf(textsWith({ description: text }));
  return new Matcher(parseSearchWords(q, strategy), readable).match(words) !== undefined;
}

describe('Matcher', () => {
  it('matches and ranks as the definition says', () => {
    let found = 0;
    fc.assert(
      fc.property(anySearch, anyTexts, (search, texts) => {
        const words = wordsOf(texts);
        const match = new Matcher(search, readable).match(words);
        expect(match?.relevance).toBe(plainRelevance(search, words));
        if (match !== undefined) found += 1;
      }),
      { numRuns: 2000 },
    );
    // the world is small enough that random searches find something
    expect(found).toBeGreaterThan(300);
  });

  it.each([
    ['custoemr', 'customer', true],
    ['xustomer', 'customer', false],
    ['customer orders', 'customerOrders', true],
    ['customer orders ', 'customerorders', true],
    ['orderitems', 'order items', true],
    ['orderitem', 'order items', false],
    ['product', 'pro duct', true],
    ['email', 'e-mail', true],
    ['invoce', 'invoices', true],
    ['invoce ', 'invoices', false],
    ['cust', 'customer', true],
    ['cust ', 'customer', false],
    ['"cust"', 'customer', false],
    ['"custoemr"', 'customer', false],
    ['zurich', 'Zürich', true],
    ['customerOrd', 'customer_orders', true],
    ['customer -orders', 'customer orders', false],
    ['customer -order', 'customer orders', true],
    ['-orders', 'customer', true],
    ['', 'anything', true],
    ['email zzz', 'email', false],
  ])('%s in %s: %s', (q, text, expected) => {
    expect(matches(q, text)).toBe(expected);
  });

  it('gives words up from the end where it may, never the first', () => {
    expect(matches('email zzz', 'email', 'last')).toBe(true);
    expect(matches('zzz email', 'email', 'last')).toBe(false);
  });

  it('reads nothing of what the class may not', () => {
    const hidden = { field: 'columns', level: 2, requirement: 3, text: 'salary orders' } as const;
    const words = wordsOf([...textsWith({ name: 'orders' }), hidden]);
    const match = (q: string, bits: number) => new Matcher(parseSearchWords(q, 'all'), bits).match(words);
    for (const q of ['salary', 'sal', 'salray', 'orders salary']) expect(match(q, readable)).toBeUndefined();
    expect(match('salary', readableBits([0, 3]))).toBeDefined();
    expect(match('orders -salary', readable)).toEqual(match('orders', readable));
  });

  it.each([
    ['orders', { name: 'orders' }, { name: 'orders archive' }],
    ['orders', { name: 'orders archive' }, { name: 'archive orders' }],
    ['orders', { name: 'x orders' }, { name: 'x orderss' }],
    ['orders', { name: 'x', aliases: 'orders' }, { name: 'x', tags: 'orders' }],
    ['orders', { name: 'x', tags: 'orders' }, { name: 'x', description: 'orders' }],
    ['customer orders', { name: 'x', description: 'customer orders' }, { name: 'customer', description: 'orders' }],
    ['customer orders', { name: 'x', description: 'customer orders' }, { name: 'customerorders' }],
    ['customer orders', { name: 'x customer orders' }, { name: 'customers orders' }],
  ])('%s: %j before %j', (q, better, worse) => {
    const matcher = new Matcher(parseSearchWords(q, 'all'), readable);
    const [one, other] = [better, worse].map((fields) => matcher.match(wordsOf(textsWith(fields))));
    const rank = (match: typeof one): number => (match?.relevance ?? 1e9) * 10 + (match?.exactness ?? 9);
    expect(rank(one)).toBeLessThan(rank(other));
  });
});
