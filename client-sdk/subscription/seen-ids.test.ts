import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenIds } from './seen-ids.ts';

const ids = fc.array(fc.oneof(fc.integer({ min: 0, max: 60 }).map(String), fc.constant('cursor')), {
  maxLength: 300,
  size: 'max',
});

test('recognises every repeat that is not older than 10 cursors, or among the last ids, and takes a new id always', () => {
  const least = 4;
  fc.assert(
    fc.property(ids, (steps) => {
      const seen = new SeenIds(least);
      const accepted: string[] = [];
      const acceptedAt = new Map<string, number>();
      let cursors = 0;
      for (const step of steps) {
        if (step === 'cursor') {
          cursors += 1;
          seen.rotate();
          continue;
        }
        const isNew = seen.add(step);
        const at = acceptedAt.get(step);
        if (at === undefined) expect(isNew).toBe(true);
        else if (cursors - at < 10 || accepted.slice(-least).includes(step)) expect(isNew).toBe(false);
        if (!isNew) continue;
        accepted.push(step);
        acceptedAt.set(step, cursors);
      }
    }),
  );
});

test('forgets what is older than that, so that it does not grow for ever', () => {
  const seen = new SeenIds(2);
  const cursors = (): void => {
    for (let count = 0; count < 10; count += 1) seen.rotate();
  };
  for (const id of ['a', 'b']) seen.add(id);
  cursors();
  for (const id of ['c', 'd']) seen.add(id);
  expect(seen.add('a')).toBe(false);
  cursors();
  expect([seen.add('a'), seen.add('d')]).toEqual([true, false]);
});
