import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearchWords, searchLimits } from './search-words.ts';

const words = (q: string) => parseSearchWords(q, 'all');
const singles = (q: string) =>
  words(q)
    .segments.filter(({ length }) => length === 1)
    .map(({ word, budget, isPrefix }) => `${word}${isPrefix ? '*' : ''}~${budget}`);

describe('parseSearchWords', () => {
  it.each([
    ['customer ord', ['customer~1', 'ord*~0']],
    ['customer orders ', ['customer~1', 'orders~1']],
    ['customerOrd', ['customer~1', 'ord*~0']],
    ['sales.orders_', ['sales~1', 'orders~1']],
    ['"customer orders" warehouses', ['customer~0', 'orders~0', 'warehouses*~2']],
    ['customer "orders"', ['customer~1', 'orders~0']],
    ['e-mail', ['e~0', 'mail*~0']],
    ['Zürich -Genf', ['zurich~1']],
    ['"unclosed', ['unclosed*~1']],
    [' - -- !? ', []],
  ])('%s', (q, expected) => {
    expect(singles(q)).toEqual(expected);
  });

  it('joins neighbours, but none in quotes, at a typo a join', () => {
    const joined = (q: string) =>
      words(q)
        .segments.filter(({ length }) => length > 1)
        .map(({ word, budget }) => `${word}~${budget}`);
    expect(joined('data base of x')).toEqual(['database~0', 'databaseof~0', 'baseof~0', 'baseofx~0', 'ofx~0']);
    expect(joined('customer orders')).toEqual(['customerorders~1']);
    expect(joined('data "base"')).toEqual([]);
  });

  it('takes words after - for excluded', () => {
    expect(words('a -b -customerOrders e-mail -b').not).toEqual(['b', 'customerorders']);
  });

  it('has one key for all that means the same', () => {
    expect(words('Customer  ORDERS -a -b').key).toBe(words('customer_orders -b -a').key);
    expect(words('customer').key).not.toBe(words('customer ').key);
    expect(words('customer ').key).not.toBe(words('"customer"').key);
    expect(words('customer').key).not.toBe(parseSearchWords('customer', 'last').key);
  });

  it.each([
    ['x'.repeat(searchLimits.maxLength + 1), /^q: must have at most 512 characters/],
    ['a b c d e f g h i j k', /^q: must have at most 10 words/],
    ['a b c d e f g h i -j -k', /^q: must have at most 10 words/],
    ['-"customer orders"', /^q: words in quotes cannot be excluded/],
    ['-customer_orders', /^q: a "-" excludes one word/],
  ])('refuses %s', (q, message) => {
    expect(() => words(q)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }),
    );
  });

  it('L12 takes or refuses whatever is typed, within its bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (q) => {
        try {
          expect(words(q).segments.length).toBeLessThanOrEqual(searchLimits.maxWords * searchLimits.maxJoined);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-request' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
