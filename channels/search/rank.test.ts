import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headWith } from '../../test/harness/heads.ts';
import { compareRanks, orderNumber, type Rank, type SortKey, sortValue } from './rank.ts';

const value = fc.oneof(fc.constantFrom('a', 'b', 'ab', '\u{1f600}', '\uffff'), fc.constant(null));
const severity: fc.Arbitrary<number | null> = fc.oneof(fc.nat(2), fc.constant(null));
const rank: fc.Arbitrary<Rank> = fc.record({
  relevance: fc.nat(2),
  exactness: fc.nat(1),
  sort: fc.tuple(value, severity),
  ord: fc.nat(1),
  urn: fc.constantFrom('urn:a', 'urn:b', 'urn:c', 'urn:d'),
});
const anyKeys: fc.Arbitrary<readonly SortKey[]> = fc.tuple(fc.boolean(), fc.boolean()).map(([name, bySeverity]) => [
  { field: 'name', isDescending: name },
  { field: 'severity', isDescending: bySeverity },
]);

const plain: Rank = { relevance: 0, exactness: 0, sort: [], ord: 0, urn: 'urn:a' };

describe('compareRanks', () => {
  it('is a total order', () => {
    fc.assert(
      fc.property(anyKeys, rank, rank, rank, (keys, a, b, c) => {
        const compare = (one: Rank, other: Rank) => Math.sign(compareRanks(keys, one, other));
        expect(compare(a, a)).toBe(0);
        expect(compare(a, b) + compare(b, a)).toBe(0);
        if (compare(a, b) === 0) expect(a).toEqual(b);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 5000 },
    );
  });

  it('decides by relevance, sort keys, exactness, order number and urn', () => {
    const keys: readonly SortKey[] = [{ field: 'name', isDescending: false }];
    const worse: readonly Partial<Rank>[] = [
      { urn: 'urn:b' },
      { ord: 1, urn: 'urn:0' },
      { exactness: 1, ord: -1 },
      { sort: ['a'], exactness: -1 },
      { sort: [null], exactness: -1 },
      { relevance: 1, sort: [''] },
    ];
    const ranks = [{ ...plain, sort: [''] }, ...worse.map((fields) => ({ ...plain, sort: [''], ...fields }))];
    expect(ranks.toReversed().toSorted((a, b) => compareRanks(keys, a, b))).toEqual(ranks);
  });

  it('puts what has no value last, in both directions', () => {
    for (const isDescending of [true, false])
      expect(
        compareRanks([{ field: 'domain', isDescending }], { ...plain, sort: [null] }, { ...plain, sort: ['a'] }),
      ).toBeGreaterThan(0);
  });
});

describe('orderNumber', () => {
  it('depends on tenant and urn, and is a number that every engine keeps exactly', () => {
    const numbers = ['a', 'b'].flatMap((tenant) => ['urn:1', 'urn:2'].map((urn) => orderNumber(tenant, urn)));
    expect(new Set(numbers).size).toBe(4);
    expect(numbers.every((each) => Number.isSafeInteger(each) && each >= 0)).toBe(true);
    expect(orderNumber('a', 'urn:1')).toBe(numbers[0]);
  });
});

describe('sortValue', () => {
  it('knows no upper case', () => {
    expect(sortValue(headWith({ name: 'Orders' }), 'name')).toBe('orders');
    expect(sortValue(headWith({ severity: 9 }), 'severity')).toBe(9);
    expect(sortValue(headWith(), 'domain')).toBeNull();
  });
});
