import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClaimSignal } from './claim-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is aborted when the lease is not renewed in time, and not before', () => {
  const claim = new ClaimSignal();
  expect(claim.signal).toBeUndefined();
  claim.runFor(100);
  const { signal } = claim;
  vi.advanceTimersByTime(90);
  claim.runFor(100);
  vi.advanceTimersByTime(90);
  expect([signal?.aborted, claim.signal === signal]).toEqual([false, true]);
  vi.advanceTimersByTime(10);
  expect([signal?.aborted, claim.signal]).toEqual([true, undefined]);
});

it.each([undefined, 0, -5])('is aborted at once by an answer that leaves no time: %s', (ms) => {
  const claim = new ClaimSignal();
  claim.runFor(100);
  const { signal } = claim;
  claim.runFor(ms);
  expect([signal?.aborted, claim.signal]).toEqual([true, undefined]);
  claim.runFor(100);
  expect(claim.signal?.aborted).toBe(false);
  claim.runFor(undefined);
});
