import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenIds } from './seen-ids.ts';

test('recognises every repeat within its capacity and never a new id', () => {
  const capacity = 8;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 200 }), (ids) => {
      const seen = new SeenIds(capacity);
      const accepted: string[] = [];
      const ever = new Set<string>();
      for (const id of ids) {
        const isNew = seen.add(id);
        if (accepted.slice(-capacity).includes(id)) expect(isNew).toBe(false);
        if (!ever.has(id)) expect(isNew).toBe(true);
        ever.add(id);
        if (isNew) accepted.push(id);
      }
    }),
  );
});

test('forgets ids that are old, and all when cleared', () => {
  const seen = new SeenIds(2);
  for (const id of ['a', 'b', 'c', 'd', 'e']) seen.add(id);
  expect(seen.add('a')).toBe(true);
  seen.clear();
  expect(seen.add('e')).toBe(true);
});
