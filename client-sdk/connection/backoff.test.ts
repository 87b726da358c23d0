import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, defaultBackoff } from './backoff.ts';

test('waits between nothing and a bound that doubles up to the maximum', () => {
  const ceilings = [1, 2, 3, 6, 7, 50].map((failures) => backoffMs(failures, 0.999_999, defaultBackoff));
  expect(ceilings).toEqual([499, 999, 1999, 15_999, 19_999, 19_999]);
  expect(backoffMs(3, 0, defaultBackoff)).toBe(0);
});

test('never leaves its bounds', () => {
  const cases = { failures: fc.integer({ min: 1, max: 5000 }), random: fc.double({ min: 0, max: 0.999, noNaN: true }) };
  fc.assert(
    fc.property(fc.record(cases), ({ failures, random }) => {
      const delayMs = backoffMs(failures, random, defaultBackoff);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(defaultBackoff.maxMs);
    }),
  );
});
