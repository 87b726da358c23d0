import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scrollTo, windowOf } from './window.ts';

const sizes = fc.record({
  count: fc.nat(20_000),
  rowPx: fc.integer({ min: 1, max: 60 }),
  scrollPx: fc.nat(1_000_000),
  heightPx: fc.nat(3000),
});

it('every row that is on the screen is in the window, which is never larger than the screen and some rows', () => {
  fc.assert(
    fc.property(sizes, ({ count, rowPx, scrollPx, heightPx }) => {
      const { first, end, topPx, totalPx } = windowOf(count, rowPx, scrollPx, heightPx);
      expect([topPx, totalPx]).toEqual([first * rowPx, count * rowPx]);
      expect(first >= 0 && end <= count && end - first <= heightPx / rowPx + 18).toBe(true);
      const firstSeen = Math.floor(scrollPx / rowPx);
      const lastSeen = Math.ceil((scrollPx + heightPx) / rowPx) - 1;
      if (firstSeen < count && lastSeen >= firstSeen) {
        expect(first <= firstSeen).toBe(true);
        expect(end > Math.min(lastSeen, count - 1)).toBe(true);
      }
    }),
  );
});

it('scrolls a row onto the screen by the shortest way, and not at all if it is there', () => {
  fc.assert(
    fc.property(sizes, fc.nat(20_000), ({ rowPx, scrollPx, heightPx }, row) => {
      fc.pre(heightPx >= rowPx);
      const to = scrollTo(row, rowPx, scrollPx, heightPx) ?? scrollPx;
      expect(row * rowPx >= to && (row + 1) * rowPx <= to + heightPx).toBe(true);
      if (row * rowPx >= scrollPx && (row + 1) * rowPx <= scrollPx + heightPx) expect(to).toBe(scrollPx);
    }),
  );
});
