import { expect, it } from 'vitest';
import { maxSteps, parseLineageSearch } from './lineage-search.ts';

it('keeps what makes sense of an address, and passes over what does not', () => {
  expect(parseLineageSearch({ way: 'upstream', depth: 3, more: ['>a', '<b', '>a', 'c', 7, '>'] })).toEqual({
    ...{ way: 'upstream', depth: 3, more: ['>a', '<b'] },
  });
  expect(parseLineageSearch({ way: 'sideways', depth: 99, more: 'x' })).toEqual({});
  expect(parseLineageSearch({ depth: 2, more: [] })).toEqual({});
  expect(parseLineageSearch({ depth: 1.5, more: Array.from({ length: 99 }, (_, at) => `>${at}`) }).more).toHaveLength(
    maxSteps,
  );
});
