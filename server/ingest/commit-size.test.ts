import { expect, it } from 'vitest';
import { firstCommitSize, nextCommitSize } from './commit-size.ts';

const after = (...elapsedMs: readonly number[]): number => elapsedMs.reduce(nextCommitSize, firstCommitSize);

it('grows while commits are quick, to a limit', () => {
  expect(after(10)).toBe(500);
  expect(after(10, 10, 10, 10)).toBe(2000);
});

it('shrinks when commits come near the time that a store gives them, but goes on', () => {
  expect(after(3000)).toBe(250);
  expect(after(5000, 5000)).toBe(62);
  expect(after(9000, 9000, 9000, 10)).toBe(62);
  // one document may be so large that no two get in together
  expect(after(...Array.from({ length: 20 }, () => 9000))).toBe(1);
});
