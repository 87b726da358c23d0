import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LiveTable } from './live-table.ts';

interface Item {
  readonly key: string;
  readonly value: number;
}

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const compare = (one: Item, other: Item): number => one.value - other.value || (one.key < other.key ? -1 : 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.constantFrom(...keys), value: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.constantFrom(...keys) }) },
  { weight: 1, arbitrary: fc.record({ hold: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ settle: true }) },
);

it('let go it is the sorted content; held nothing moves, and what left keeps its place', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new LiveTable<Item>({ keyOf: ({ key }) => key, compare });
      const content = new Map<string, Item>();
      let isHeld = false;
      for (const each of steps) {
        const placesBefore = table.rows.map(({ key }) => key);
        if ('hold' in each) table.hold((isHeld = each.hold));
        else if ('settle' in each) table.settle();
        else if ('remove' in each) {
          const left = content.delete(each.remove) ? [each.remove] : [];
          table.apply({ entered: [], updated: [], left }, () => undefined);
        } else {
          const isNew = !content.has(each.put);
          content.set(each.put, { key: each.put, value: each.value });
          const [entered, updated] = isNew ? [[each.put], []] : [[], [each.put]];
          table.apply({ entered, updated, left: [] }, (key) => content.get(key));
        }
        const sorted = [...content.values()].toSorted(compare);
        const shownItems = table.rows.filter(({ item }) => item !== undefined);
        expect(shownItems.length + table.waiting).toBe(content.size);
        if (!isHeld) expect(table.rows.map(({ item }) => item)).toEqual(sorted);
        if (isHeld && !('hold' in each) && !('settle' in each)) {
          expect(table.rows.map(({ key }) => key)).toEqual(placesBefore);
          // undefined of what has left
          for (const { key, item } of table.rows) expect(item).toBe(content.get(key));
          const shown = new Set(table.rows.map(({ key }) => key));
          expect(table.waiting).toBe([...content.keys()].filter((key) => !shown.has(key)).length);
        }
      }
      table.settle();
      expect([table.rows.map(({ item }) => item), table.waiting]).toEqual([[...content.values()].toSorted(compare), 0]);
    }),
    { numRuns: 500 },
  );
});

it('a reset replaces everything', () => {
  const table = new LiveTable<Item>({ keyOf: ({ key }) => key, compare });
  table.reset([
    { key: 'a', value: 2 },
    { key: 'b', value: 1 },
  ]);
  expect(table.rows.map(({ key }) => key)).toEqual(['b', 'a']);
  table.reset([{ key: 'c', value: 1 }]);
  expect(table.rows).toEqual([{ key: 'c', item: { key: 'c', value: 1 } }]);
});
