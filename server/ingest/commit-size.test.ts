import { expect, it } from 'vitest';
import { endOfCommit, firstCommitSize, nextCommitSize } from './commit-size.ts';

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

it('a commit ends with its number of records, or where they are large, and has at least one', () => {
  const record = { offset: 0, key: null, headers: {}, timestampMs: 1 };
  const records = [3, 3, 3, 9, 1].map((mib) => ({ ...record, value: Buffer.alloc(mib * 1024 * 1024) }));
  expect(endOfCommit(records, 0, 2)).toBe(2);
  expect(endOfCommit(records, 0, 100)).toBe(2);
  expect(endOfCommit(records, 3, 100)).toBe(4);
  expect(endOfCommit(records, 4, 100)).toBe(5);
});
