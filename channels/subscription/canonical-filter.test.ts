import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFilter, anyHead } from '../../test/harness/heads.ts';
import { canonicalFilter, filterKey } from './canonical-filter.ts';
import { compileFilter } from './compile-filter.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './parse-filter.ts';

const keyOf = (filter: Filter): string => filterKey(canonicalFilter(filter));
const parsed = anyFilter.map(parseFilter);

/** The same parts written another way: shuffled, repeated, wrapped, doubly negated. */
function rewritten(filter: Filter, random: () => number): Filter {
  if (filter.op === 'and' || filter.op === 'or') {
    const args = filter.args.map((arg) => rewritten(arg, random)).toSorted(() => random() - 0.5);
    const [first, ...rest] = args;
    if (first === undefined) return { op: filter.op, args: [{ op: filter.op, args: [] }] };
    return { op: filter.op, args: [{ op: filter.op, args: rest }, first, first] };
  }
  if (filter.op === 'in' || filter.op === 'nin')
    return { ...filter, values: [...filter.values, ...filter.values].toReversed() };
  if (filter.op === 'eq') return { op: 'in', field: filter.field, values: [filter.value] };
  if (filter.op === 'elemMatch') return { ...filter, arg: rewritten(filter.arg, random) };
  return { op: 'not', arg: { op: 'not', arg: { op: 'and', args: [filter] } } };
}

describe('canonicalFilter', () => {
  it('gives one key to whatever way the same parts are written', () => {
    fc.assert(
      fc.property(parsed, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (filter, numbers) => {
        expect(keyOf(rewritten(filter, () => numbers.next().value as number))).toBe(keyOf(filter));
      }),
      { numRuns: 500 },
    );
  });

  it('is a fixed point and matches the same heads as what was written', () => {
    fc.assert(
      fc.property(
        parsed,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.array(anyHead, { minLength: 5, maxLength: 5 }),
        (filter, numbers, heads) => {
          const loose = rewritten(filter, () => numbers.next().value as number);
          const canonical = canonicalFilter(loose);
          expect(canonicalFilter(canonical)).toEqual(canonical);
          for (const head of heads) expect(compileFilter(canonical)(head)).toBe(compileFilter(loose)(head));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps apart what differs', () => {
    const keys = [
      { name: 'a' },
      { name: 'b' },
      { type: 'a' },
      { name: { $ne: 'a' } },
      { name: { $in: ['a', 'b'] } },
      { name: { $nin: ['a', 'b'] } },
      { $or: [{ name: 'a' }, { type: 'b' }] },
      { name: 'a', type: 'b' },
      { severity: 1 },
      { domain: null },
      { domain: 'null' },
      { domain: { $exists: true } },
      { domain: { $exists: false } },
      {},
    ].map((raw) => filterKey(parseFilter(raw)));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
