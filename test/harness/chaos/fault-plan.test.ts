import { describe, expect, it } from 'vitest';
import { planFaults } from './fault-plan.ts';

const minuteMs = 60_000;

describe('faults of a seed', () => {
  it('are the same each time, and others for another seed', () => {
    expect(planFaults(7, minuteMs)).toEqual(planFaults(7, minuteMs));
    expect(planFaults(8, minuteMs)).not.toEqual(planFaults(7, minuteMs));
  });

  it('come in the order of time, and none outlasts the run', () => {
    const faults = planFaults(3, 5 * minuteMs);
    const times = faults.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(Math.max(...faults.map(({ atMs, durationMs }) => atMs + durationMs))).toBeLessThanOrEqual(5 * minuteMs);
  });

  it('are of every kind in a long run', () => {
    expect(new Set(planFaults(1, 20 * minuteMs).map(({ kind }) => kind)).size).toBe(23);
  });
});
