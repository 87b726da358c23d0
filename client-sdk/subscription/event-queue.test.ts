import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('whatever the order of writing and reading: nothing lost, nothing twice, never more than the limit waits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 100 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, limit) => {
        const queue = new EventQueue<number>(limit);
        const taken: number[] = [];
        const reads: Promise<IteratorResult<number, undefined>>[] = [];
        for (const [index, writes] of steps.entries()) {
          const waiting = taken.length - reads.length;
          if (!writes) reads.push(queue.next());
          else {
            const isTaken = queue.push(index);
            expect(isTaken).toBe(waiting < limit);
            if (isTaken) taken.push(index);
          }
        }
        queue.end(null);
        const results = await Promise.all(reads);
        const seen = results.flatMap((result) => (result.done ? [] : [result.value]));
        expect([...seen, ...queue.drain()]).toEqual(taken);
      },
    ),
  );
});

test('what is extra is always taken, and does not count until the queue was empty', async () => {
  const queue = new EventQueue<number>(1);
  for (const item of [1, 2, 3]) expect(queue.push(item, true)).toBe(true);
  expect([queue.push(4), queue.push(5)]).toEqual([true, false]);
  expect(queue.drain()).toEqual([1, 2, 3, 4]);
  expect([queue.push(6), queue.push(7)]).toEqual([true, false]);
});

test('the error comes once, after what was waiting, and to a reader that waits already', async () => {
  const queue = new EventQueue<string>(2);
  queue.push('a');
  queue.end(new Error('over'));
  await expect(queue.next()).resolves.toEqual({ done: false, value: 'a' });
  await expect(queue.next()).rejects.toThrow('over');
  await expect(queue.next()).resolves.toEqual({ done: true, value: undefined });
  const waiting = new EventQueue<string>(2);
  const read = waiting.next();
  waiting.end(new Error('over'));
  await expect(read).rejects.toThrow('over');
});
