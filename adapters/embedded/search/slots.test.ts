import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

it('runs some at once and the others in their order, also behind one that fails', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  let [running, most] = [0, 0];
  const job = async (number: number): Promise<number> => {
    begun.push(number);
    most = Math.max(most, ++running);
    await nextTurn();
    running -= 1;
    if (number === 1) throw new Error('failed');
    return number;
  };
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => slots.run(() => job(number))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect([begun, most]).toEqual([[0, 1, 2, 3, 4], 2]);
  expect(await slots.run(() => job(5))).toBe(5);
});
