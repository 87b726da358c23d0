import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NewestSeen } from './newest-seen.ts';

const timeOf = (count: number): string => new Date(count).toISOString();

const steps = fc.array(
  fc.oneof(
    fc.record({ subject: fc.integer({ min: 0, max: 9 }).map(String), back: fc.nat(5) }),
    fc.constant('cursor' as const),
  ),
  { maxLength: 300, size: 'max' },
);

test('takes what is newer always, and what is not newer never, until 10 cursors later and among the last entities', () => {
  const least = 4;
  fc.assert(
    fc.property(steps, (all) => {
      const seen = new NewestSeen(least);
      const newest = new Map<string, { count: number; cursors: number }>();
      let [cursors, now] = [0, 1000];
      for (const step of all) {
        if (step === 'cursor') {
          cursors += 1;
          seen.rotate();
          continue;
        }
        const { subject, back } = step;
        const count = (now += 1) - (back === 0 ? 0 : back * 3);
        const isNew = seen.add({ subject, recordedtime: timeOf(count) });
        const known = newest.get(subject);
        if (known === undefined || count > known.count) expect(isNew).toBe(true);
        else if (cursors - known.cursors < 10 || [...newest.keys()].slice(-least).includes(subject))
          expect(isNew).toBe(false);
        if (!isNew) continue;
        newest.delete(subject);
        newest.set(subject, { count, cursors });
      }
    }),
  );
});

test('forgets what is older than that, so that it does not grow for ever', () => {
  const seen = new NewestSeen(2);
  const add = (subject: string): boolean => seen.add({ subject, recordedtime: timeOf(1) });
  const cursors = (): void => {
    for (let count = 0; count < 10; count += 1) seen.rotate();
  };
  for (const subject of ['a', 'b']) add(subject);
  cursors();
  for (const subject of ['c', 'd']) add(subject);
  expect(add('a')).toBe(false);
  cursors();
  expect([add('a'), add('d')]).toEqual([true, false]);
});
