import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText } from './compare-text.ts';

it('P4: orders texts as their UTF-8 bytes', () => {
  const units = fc.oneof(
    fc.constantFrom('a', '\u{1F600}', '\uFFFD', '\uE000', '\uD7FF', 'é'),
    fc.string({ unit: 'grapheme' }),
  );
  const text = fc.array(units, { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(Math.sign(compareText(one, other))).toBe(Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other))));
    }),
  );
  expect(compareText('\u{1F600}', '\uFFFD')).toBeGreaterThan(0);
});
