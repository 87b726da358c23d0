import { expect, it } from 'vitest';
import { SearchBudgets } from './search-budgets.ts';

let nowMs = 0;
const budgets = new SearchBudgets({ elapsedMs: () => nowMs });
const searching = async (owner: string, tookMs: number, waitedMs = 0): Promise<string> => {
  const { members } = await budgets.run(owner, async () => {
    nowMs += waitedMs + tookMs;
    return { members: 'found', tookMs };
  });
  return members;
};

it('L12 whose searches take too much time waits until that is paid for; others do not', async () => {
  expect(await searching('acme|ada', 4000)).toBe('found');
  expect(await searching('acme|ada', 4000)).toBe('found');
  await expect(searching('acme|ada', 1)).rejects.toMatchObject({
    code: 'rate-limited',
    retryAfterMs: expect.any(Number),
  });
  expect(await searching('acme|eva', 1)).toBe('found');
  nowMs += 10_000;
  expect(await searching('acme|ada', 1)).toBe('found');
});

it('L12 whose searches wait for those of others does not pay for these', async () => {
  for (let i = 0; i < 10; i++) expect(await searching('acme|ann', 1, 4000)).toBe('found');
  expect(await searching('acme|ann', 1)).toBe('found');
});

it('L12 a search that fails has its price, too', async () => {
  const failing = budgets.run('acme|bob', async () => {
    nowMs += 60_000;
    throw new Error('away');
  });
  await expect(failing).rejects.toThrow('away');
  expect(() => budgets.assertCapacity('acme|bob')).toThrow(expect.objectContaining({ code: 'rate-limited' }));
});
