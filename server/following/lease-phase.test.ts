import { describe, expect, it } from 'vitest';
import { phaseAfter, waiting } from './lease-phase.ts';

const times = (askedAtMs: number, nowMs = askedAtMs) => ({ askedAtMs, nowMs, ttlMs: 100 });
const holding = (untilMs: number) => ({ kind: 'holding', untilMs }) as const;

describe('phaseAfter', () => {
  it.each([
    ['takes the lease', waiting, 'granted', times(10), holding(110)],
    ['renews it', holding(110), 'granted', times(50), holding(150)],
    ['goes by the time of the question', waiting, 'granted', times(10, 60), holding(110)],
    ['does not believe an answer that came too late', waiting, 'granted', times(10, 110), waiting],
    ['gives way to another', holding(110), 'refused', times(50), waiting],
    ['waits on', waiting, 'refused', times(50), waiting],
    ['keeps it while the store is away', holding(110), 'unknown', times(90, 109), holding(110)],
    ['loses it when the store is away for too long', holding(110), 'unknown', times(90, 110), waiting],
    ['takes nothing from a store that is away', waiting, 'unknown', times(90), waiting],
  ] as const)('%s', (_, phase, answer, when, expected) => {
    expect(phaseAfter(phase, answer, when)).toEqual(expected);
  });
});
