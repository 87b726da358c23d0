import { describe, expect, it } from 'vitest';
import { ProgressWatch } from './progress-watch.ts';

function world(): {
  watch: ProgressWatch;
  loop: { waiting: boolean; done: number };
  told: string[];
  after(ms: number): void;
} {
  let nowMs = 0;
  const loop = { waiting: false, done: 0 };
  const told: string[] = [];
  const watch = new ProgressWatch({
    stopwatch: { elapsedMs: () => nowMs },
    stalledAfterMs: 10_000,
    onStalled: (name) => told.push(`${name} stands`),
    onResumed: (name) => told.push(`${name} goes`),
  });
  watch.add({ name: 'tick', waits: () => loop.waiting, progress: () => loop.done });
  watch.look();
  return {
    watch,
    loop,
    told,
    after: (ms) => {
      const end = nowMs + ms;
      while (nowMs < end) {
        nowMs += 1000;
        watch.look();
      }
    },
  };
}

describe('a watched loop', () => {
  it('that has nothing to do never stands still', () => {
    const { watch, told, after } = world();
    after(3_600_000);
    expect(watch.stalled).toEqual([]);
    expect(told).toEqual([]);
  });

  it('R2: stands still when something waits and nothing moves for the time, and is told once', () => {
    const { watch, loop, told, after } = world();
    loop.waiting = true;
    after(9000);
    expect(watch.stalled).toEqual([]);
    after(5000);
    expect(watch.stalled).toEqual(['tick']);
    expect(told).toEqual(['tick stands']);
  });

  it('that is slow but moves does not stand still', () => {
    const { watch, loop, after } = world();
    loop.waiting = true;
    for (let step = 0; step < 10; step++) {
      after(9000);
      loop.done += 1;
    }
    expect(watch.stalled).toEqual([]);
  });

  it('goes again with its first step', () => {
    const { watch, loop, told, after } = world();
    loop.waiting = true;
    after(20_000);
    loop.done += 1;
    after(1000);
    expect(watch.stalled).toEqual([]);
    expect(told).toEqual(['tick stands', 'tick goes']);
  });
});
