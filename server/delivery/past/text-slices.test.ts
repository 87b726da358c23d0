import { describe, expect, it } from 'vitest';
import { textSlices } from './text-slices.ts';

const items = (...lengths: readonly number[]): readonly { readonly text: string }[] =>
  lengths.map((length) => ({ text: 'x'.repeat(length) }));
const lengthsOf = (slices: Iterable<readonly { readonly text: string }[]>): readonly (readonly number[])[] =>
  [...slices].map((slice) => slice.map(({ text }) => text.length));

describe('slices of texts', () => {
  it.each([
    ['as many as fit', [4, 6, 1, 9, 1], [[4, 6], [1, 9], [1]]],
    ['one that is too long alone, in its place', [1, 20, 1], [[1], [20], [1]]],
    ['nothing', [], []],
  ])('%s', (_name, lengths, expected) => {
    expect(lengthsOf(textSlices(items(...lengths), { maxCharacters: 10 }))).toEqual(expected);
  });

  it('at most so many in each', () => {
    expect(lengthsOf(textSlices(items(1, 1, 1), { maxCharacters: 10, maxItems: 2 }))).toEqual([[1, 1], [1]]);
  });
});
