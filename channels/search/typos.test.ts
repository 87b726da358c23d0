import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typoBudget, typosBetween } from './typos.ts';

/** The definition, without bounds: each prefix of both words. */
function plainDistance(one: string, other: string): number {
  const cells = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (__, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number): number => cells[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= one.length; i++)
    for (let j = 1; j <= other.length; j++) {
      const options = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1)];
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        options.push(at(i - 2, j - 2) + 1);
      cells[i]?.splice(j, 1, Math.min(...options));
    }
  return at(one.length, other.length);
}

function plainTypos(word: string, token: string, budget: number, isPrefix: boolean): number | undefined {
  const ends = isPrefix ? Array.from({ length: token.length + 1 }, (_, end) => token.slice(0, end)) : [token];
  const distance = Math.min(...ends.map((end) => plainDistance(word, end)));
  const typos = distance > 0 && word[0] !== token[0] ? (distance === 1 ? 2 : 3) : distance;
  return typos <= budget ? typos : undefined;
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
const budget = fc.constantFrom(0, 1, 2);

describe('typosBetween', () => {
  it('counts as the definition does', () => {
    fc.assert(
      fc.property(word, word, budget, fc.boolean(), (one, token, most, isPrefix) => {
        expect(typosBetween({ word: one, budget: most, isPrefix }, token)).toBe(plainTypos(one, token, most, isPrefix));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['customer', 'customer', 0],
    ['custoemr', 'customer', 1],
    ['costumer', 'customer', undefined],
    ['xustomer', 'customer', undefined],
    ['invoce', 'invoices', undefined],
    ['warehouse', 'werahouse', 2],
    ['warehouse', 'xarehouse', 2],
    ['warehouse', 'xarehuose', undefined],
    ['2024', '2023', undefined],
  ])('%s against %s: %s', (asked, token, typos) => {
    expect(typosBetween({ word: asked, budget: typoBudget(asked), isPrefix: false }, token)).toBe(typos);
  });

  it('forgives in the beginning of a longer word', () => {
    expect(typosBetween({ word: 'invoce', budget: 1, isPrefix: true }, 'invoices')).toBe(1);
    expect(typosBetween({ word: 'inv', budget: 0, isPrefix: true }, 'invoices')).toBe(0);
    expect(typosBetween({ word: 'inx', budget: 0, isPrefix: true }, 'invoices')).toBeUndefined();
  });
});

describe('typoBudget', () => {
  it('grows with the length, and is none for numbers', () => {
    expect(['mail', 'email', 'customer', 'customers', '20240131', '123456789'].map(typoBudget)).toEqual([
      0, 1, 1, 2, 0, 0,
    ]);
  });
});
