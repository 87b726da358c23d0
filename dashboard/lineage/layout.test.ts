import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layOut, stepFrom } from './layout.ts';
import type { Arrow } from './ranks.ts';

const key = fc.integer({ min: 0, max: 19 }).map((number) => `n${number}`);
const graphs = fc.record({
  keys: fc.uniqueArray(key, { minLength: 1 }),
  arrows: fc.array(fc.record({ from: key, to: key }), { maxLength: 40 }),
});

function within({ keys, arrows }: { readonly keys: readonly string[]; readonly arrows: readonly Arrow[] }): Arrow[] {
  return arrows.filter(({ from, to }) => keys.includes(from) && keys.includes(to) && from !== to);
}

it('every node has a place, and none is on another', () => {
  fc.assert(
    fc.property(graphs, ({ keys, arrows }) => {
      const layout = layOut(keys, within({ keys, arrows }));
      expect([...layout.keys()].toSorted()).toEqual(keys.toSorted());
      expect(new Set([...layout.values()].map(({ column, row }) => `${column} ${row}`)).size).toBe(keys.length);
    }),
  );
});

it('every arrow leads to the right where there is no circle', () => {
  fc.assert(
    fc.property(graphs, ({ keys, arrows }) => {
      const forward = within({ keys, arrows }).filter(({ from, to }) => from < to);
      const layout = layOut(keys, forward);
      for (const { from, to } of forward)
        expect((layout.get(from)?.column ?? 0) < (layout.get(to)?.column ?? 0)).toBe(true);
    }),
  );
});

it('a long chain, and circles, are laid out', () => {
  const chain = Array.from({ length: 200 }, (_, at) => `c${at}`);
  const arrows = chain.slice(1).map((to, at) => ({ from: `c${at}`, to }));
  expect(layOut(chain, arrows).get('c199')).toEqual({ column: 199, row: 0 });
  expect(layOut(['a', 'b'], [...['ab', 'ba'].map(([from = '', to = '']) => ({ from, to }))]).get('b')?.column).toBe(1);
});

it('what leads to one node only stands beside it, and few arrows cross', () => {
  const arrows = ['ax', 'ay', 'xp', 'yq', 'lp'].map(([from = '', to = '']) => ({ from, to }));
  const layout = layOut(['a', 'q', 'p', 'y', 'x', 'l'], arrows);
  expect(layout.get('l')?.column).toBe(1);
  const [x, y, p, q] = ['x', 'y', 'p', 'q'].map((each) => layout.get(each)?.row ?? 0);
  expect(((x ?? 0) - (y ?? 0)) * ((p ?? 0) - (q ?? 0)) > 0).toBe(true);
});

it('arrow keys follow arrows to the side, and the column up and down', () => {
  const arrows = ['ab', 'ac', 'cd'].map(([from = '', to = '']) => ({ from, to }));
  const layout = layOut(['a', 'b', 'c', 'd'], arrows);
  const step = (from: string, pressed: string): string | undefined => stepFrom(layout, arrows, { from, key: pressed });
  expect(step('d', 'ArrowLeft')).toBe('c');
  expect(step('c', 'ArrowLeft')).toBe('a');
  expect(['b', 'c']).toContain(step('a', 'ArrowRight'));
  expect([step('b', 'ArrowDown') ?? step('b', 'ArrowUp'), step('b', 'ArrowRight'), step('a', 'x')]).toEqual([
    ...['c', undefined, undefined],
  ]);
});
