import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PostingLists } from './posting-lists.ts';

function contentOf(lists: PostingLists, list: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  lists.read(list, (document, places) => found.push([document, places]));
  return found;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ list: fc.nat(3), count: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ list: fc.nat(3), keepsEach: fc.integer({ min: 2, max: 9 }) }) },
);

it('holds what arrays of pairs would hold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const lists = new PostingLists();
      const models: (readonly [number, number])[][] = Array.from({ length: 4 }, () => []);
      for (let i = 0; i < 4; i++) expect(lists.create()).toBe(i);
      let next = 0;
      for (const each of steps) {
        const { list } = each;
        if ('count' in each)
          for (let i = 0; i < each.count; i++) {
            models[list]?.push([next, (next * 7) >>> 0]);
            lists.add(list, next, (next++ * 7) >>> 0);
          }
        else {
          const keeps = (document: number): boolean => document % each.keepsEach === 0;
          models[list] = models[list]?.filter(([document]) => keeps(document)) ?? [];
          lists.compact(list, keeps);
        }
      }
      for (const [list, model] of models.entries()) {
        expect(lists.count(list)).toBe(model.length);
        expect(contentOf(lists, list)).toEqual(model);
      }
    }),
    { numRuns: 200 },
  );
});

it('keeps all 32 bits of the places', () => {
  const lists = new PostingLists();
  lists.add(lists.create(), 4_000_000_000, 0xffff_ffff);
  expect(contentOf(lists, 0)).toEqual([[4_000_000_000, 0xffff_ffff]]);
});

it('uses the memory of what was removed', () => {
  const lists = new PostingLists();
  const list = lists.create();
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 1000; i++) lists.add(list, i, 1);
    lists.compact(list, () => false);
  }
  expect(lists.bytes).toBeLessThan(300_000);
});
