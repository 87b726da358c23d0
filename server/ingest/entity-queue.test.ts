import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EntityQueue } from './entity-queue.ts';

it('runs what has an entity in common in order, also after a failure, and the rest at once', async () => {
  const queue = new EntityQueue();
  const seen: string[] = [];
  const run = (name: string, entities: readonly string[], ms: number, fails = false): Promise<void> =>
    queue.run(new Set(entities), async () => {
      seen.push(`${name} begins`);
      await pause(ms);
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const first = run('first', ['a', 'b'], 20, true);
  const all = [run('second', ['b', 'c'], 10), run('third', ['c', 'a'], 1), run('other', ['d'], 1)];
  await expect(first).rejects.toThrow('first');
  await Promise.all(all);
  expect(seen.filter((each) => !each.startsWith('other'))).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
    'third begins',
    'third ends',
  ]);
  expect(seen.indexOf('other ends')).toBeLessThan(seen.indexOf('first ends'));
});
