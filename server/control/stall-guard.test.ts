import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StallGuard } from './stall-guard.ts';

let drains: (() => void)[];
let faults: unknown[];
let guard: StallGuard;

beforeEach(() => {
  vi.useFakeTimers();
  [drains, faults] = [[], []];
  guard = new StallGuard({
    clock: { now: () => Date.now(), elapsedMs: () => performance.now() },
    drain: () => new Promise((resolve) => drains.push(resolve)),
    onFault: (error) => faults.push(error),
  });
  guard.start();
});
afterEach(() => {
  guard.stop();
  vi.useRealTimers();
});

it('asks for nothing while the process runs, however long nothing happens', async () => {
  await vi.advanceTimersByTimeAsync(60_000);
  expect([guard.pending(), drains.length]).toEqual([undefined, 0]);
});

it('holds everything back after a stall until the drain is done, also where its own timer runs first', async () => {
  for (const looksFirst of [true, false]) {
    vi.setSystemTime(Date.now() + 10_000);
    if (!looksFirst) await vi.advanceTimersByTimeAsync(500);
    const pending = guard.pending();
    expect(pending).toBeInstanceOf(Promise);
    expect(guard.pending()).toBe(pending);
    drains.pop()?.();
    await pending;
    expect(guard.pending()).toBeUndefined();
  }
});

it('does not give up when what was revoked cannot be found out yet', async () => {
  vi.useRealTimers();
  let attempts = 0;
  let nowMs = 0;
  const stubborn = new StallGuard({
    clock: { now: () => nowMs, elapsedMs: () => nowMs },
    drain: async () => {
      attempts += 1;
      if (attempts < 3) throw new Error('away');
    },
    onFault: (error) => faults.push(error),
  });
  stubborn.start();
  nowMs += 10_000;
  await stubborn.pending();
  expect([attempts, faults.length, stubborn.pending()]).toEqual([3, 2, undefined]);
  stubborn.stop();
});
