import fc from 'fast-check';
import { expect, it } from 'vitest';
import { typosBetween } from '../../../channels/search/typos.ts';
import { whole } from './pieces.ts';
import { PostingLists } from './posting-lists.ts';
import { WordIndex } from './word-index.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 });
/** Those with typos are much longer: see typoBudget. */
const asked = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 8 });
const pattern = fc.record({ word: asked, budget: fc.constantFrom(0, 1, 2), isPrefix: fc.boolean() });

it('finds each word that the matcher would find, with its typos', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 40 }), pattern, (words, sought) => {
      const index = new WordIndex(new PostingLists());
      const lists = new Map(words.map((each) => [index.listOf(each), each]));
      expect(lists.size).toBe(words.length);
      const expected = words.flatMap((each) => {
        const typos = typosBetween(sought, each);
        return typos === undefined ? [] : [`${each}~${typos}`];
      });
      const matching = whole(index.matching(sought)).map(({ list, typos }) => `${lists.get(list)}~${typos}`);
      expect(matching.toSorted()).toEqual(expected.toSorted());
      found += matching.length;
    }),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(300);
});

it('forgets words of which no document is left, and only those', () => {
  const lists = new PostingLists();
  const index = new WordIndex(lists);
  const [orders, invoices] = [index.listOf('orders'), index.listOf('invoices')];
  lists.add(orders, 1, 1);
  index.dropEmpty();
  expect([index.size, index.find('orders'), index.find('invoices')]).toEqual([1, orders, undefined]);
  expect(whole(index.matching({ word: 'invoces', budget: 1, isPrefix: false }))).toEqual([]);
  // its number is used again
  expect([index.listOf('other'), index.size]).toEqual([invoices, 2]);
});
