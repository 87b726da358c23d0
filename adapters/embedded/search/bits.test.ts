import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Bits } from './bits.ts';

function numbersOf(bits: Bits): readonly number[] {
  const numbers: number[] = [];
  bits.forEach((number) => numbers.push(number));
  return numbers;
}

it('does what sets of numbers do', () => {
  const size = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(
      size.chain((n) => fc.tuple(fc.constant(n), fc.uniqueArray(fc.nat(n - 1)), fc.uniqueArray(fc.nat(n - 1)))),
      ([n, ones, others]) => {
        const bitsOf = (numbers: readonly number[]): Bits => {
          const bits = new Bits(n);
          for (const number of numbers) bits.add(number);
          return bits;
        };
        const all = Array.from({ length: n }, (_, number) => number);
        const [one, other] = [bitsOf(ones), bitsOf(others)];
        const where = (test: (number: number) => boolean): readonly number[] => all.filter(test);
        expect(numbersOf(Bits.all(n))).toEqual(all);
        expect(numbersOf(one)).toEqual(where((each) => ones.includes(each)));
        expect(numbersOf(one.and(other))).toEqual(where((each) => ones.includes(each) && others.includes(each)));
        expect(numbersOf(one.or(other))).toEqual(where((each) => ones.includes(each) || others.includes(each)));
        expect(numbersOf(one.complement())).toEqual(where((each) => !ones.includes(each)));
        const grown = one.grown(n + 70);
        grown.add(n + 69);
        for (const number of others) grown.delete(number);
        expect(numbersOf(grown)).toEqual([...where((each) => ones.includes(each) && !others.includes(each)), n + 69]);
        expect(all.map((number) => one.has(number))).toEqual(all.map((number) => ones.includes(number)));
      },
    ),
    { numRuns: 1000 },
  );
});
