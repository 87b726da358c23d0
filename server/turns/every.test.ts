import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { every } from './every.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('every', () => {
  it('begins after the first interval, or at once', async () => {
    const [later, now] = [vi.fn(), vi.fn()];
    const loops = [every(1000, later), every(1000, now, { atOnce: true })];
    expect([later.mock.calls.length, now.mock.calls.length]).toEqual([0, 1]);
    vi.advanceTimersByTime(2000);
    expect([later.mock.calls.length, now.mock.calls.length]).toEqual([2, 3]);
    await Promise.all(loops.map((loop) => loop.stop()));
  });

  it('goes on after a round that throws or rejects, and says what it threw', async () => {
    const faults: unknown[] = [];
    let rounds = 0;
    const loop = every(
      1000,
      () => {
        rounds += 1;
        if (rounds === 1) throw new Error('thrown');
        return rounds === 2 ? Promise.reject(new Error('rejected')) : undefined;
      },
      { onFault: (error) => faults.push((error as Error).message) },
    );
    for (let passed = 0; passed < 3; passed++) await vi.advanceTimersByTimeAsync(1000);
    expect([rounds, faults]).toEqual([3, ['thrown', 'rejected']]);
    await loop.stop();
  });

  it('never overlaps with itself, and stops when the round under way has ended', async () => {
    let end: (() => void) | undefined;
    let rounds = 0;
    const loop = every(1000, () => {
      rounds += 1;
      return new Promise<void>((resolve) => (end = resolve));
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(rounds).toBe(1);
    end?.();
    await vi.advanceTimersByTimeAsync(1000);
    expect(rounds).toBe(2);
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(5000);
    expect([rounds, stopped]).toEqual([2, false]);
    end?.();
    await stopping;
    await vi.advanceTimersByTimeAsync(5000);
    expect(rounds).toBe(2);
  });
});
