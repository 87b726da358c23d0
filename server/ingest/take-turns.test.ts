import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTurns, LongWork } from './take-turns.ts';

const many = Array.from({ length: 120 }, (_, index) => index);

it('works through all in order and lets others have the thread in between', async () => {
  const done: number[] = [];
  const seen: number[] = [];
  const work = inTurns(many, (item) => done.push(item));
  for (let turn = 0; turn < 2; turn++) {
    await nextTurn();
    seen.push(done.length);
  }
  await work;
  expect(done).toEqual(many);
  expect(seen[0]).toBeLessThan(120);
});

it('does one long list after the other, also after one that failed; short ones at once', async () => {
  const long = new LongWork();
  const order: string[] = [];
  const list = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`);
    await inTurns(many, () => undefined);
    order.push(`${name} ends`);
  };
  const failed = long.run(120, () => Promise.reject(new Error('no')));
  const works = [long.run(120, list('one')), long.run(120, list('two')), long.run(1, async () => order.push('short'))];
  await expect(failed).rejects.toThrow('no');
  await Promise.all(works);
  expect(order).toEqual(['short', 'one begins', 'one ends', 'two begins', 'two ends']);
});
