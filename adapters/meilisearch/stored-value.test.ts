import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStandInFilter } from '../../test/harness/meili-stand-in/stand-in-filter.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import {
  beginsWith,
  compares,
  type Condition,
  equalValue,
  maxStoredBytes,
  storedValues,
  valueOf,
} from './stored-value.ts';

/** Near one another, in other cases, with spaces around them, as long as what is cut and longer. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', ' ', '"', '\\', 'é', '😀', '\uffff', '5'), maxLength: 3 }),
  fc
    .tuple(fc.constantFrom(-1, 0, 1, 40), fc.constantFrom('', 'x', 'y'))
    .map(([more, end]) => `${'k'.repeat(maxStoredBytes + more)}${end}`),
);
const isMet = ({ text }: Condition, values: readonly string[]): boolean =>
  parseStandInFilter(text, () => true)({ f: values });

describe('stored values', () => {
  it('are equal for equal texts and for no others, whatever the server does with case, spaces and length', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const condition = { text: `f = "${equalValue(other)}"`, isExact: true };
        expect(isMet(condition, storedValues(one))).toBe(one === other);
      }),
    );
  });

  it('fit in what the server stores', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const stored of storedValues(text)) expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(468);
      }),
    );
  });

  it.each(['gt', 'gte', 'lt', 'lte'] as const)('compare as the hub does: %s', (op) => {
    const holds = (order: number): boolean =>
      op === 'gt' ? order > 0 : op === 'gte' ? order >= 0 : op === 'lt' ? order < 0 : order <= 0;
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const condition = compares('f', op, other);
        const expected = holds(compareText(one, other));
        // where it is not exact it lets through more, never less
        if (condition.isExact) expect(isMet(condition, storedValues(one))).toBe(expected);
        else if (expected) expect(isMet(condition, storedValues(one))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('begin as the texts do', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const condition = beginsWith('f', other);
        const expected = one.startsWith(other);
        if (condition.isExact) expect(isMet(condition, storedValues(one))).toBe(expected);
        else if (expected) expect(isMet(condition, storedValues(one))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keep numbers and their order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (one, other) => {
        expect(isMet(compares('f', 'lt', other), storedValues(one))).toBe(one < other);
        const [stored = ''] = storedValues(one);
        expect(valueOf(stored, 'number')).toBe(one === 0 ? 0 : one);
      }),
    );
  });

  it('are read back, but not what is cut or stands for none', () => {
    expect(valueOf(storedValues('Straße 5').join(), 'string')).toBe('Straße 5');
    const [cut = '', hash = ''] = storedValues('x'.repeat(1000));
    expect([cut, hash, 'n', ''].map((stored) => valueOf(stored, 'string'))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
