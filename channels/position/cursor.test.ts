import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cursor, decodeCursor, encodeCursor, recordHash } from './cursor.ts';

const partition = fc.record({
  next: fc.maxSafeNat(),
  mark: fc.option(fc.record({ back: fc.integer({ min: 1, max: 1000 }), hash: fc.nat(0xffffffff) }), { nil: undefined }),
});
const cursor = fc
  .record({ epoch: fc.stringMatching(/^[a-z0-9-]{1,12}$/), partitions: fc.array(partition, { maxLength: 20 }) })
  .map(({ epoch, partitions }): Cursor => ({
    epoch,
    vector: partitions.map(({ next }) => next),
    marks: partitions.map(({ next, mark }) =>
      mark === undefined || next < mark.back ? undefined : { offset: next - mark.back, hash: mark.hash },
    ),
  }));

describe('cursor', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(cursor, (held) => {
        expect(decodeCursor(encodeCursor(held))).toEqual(held);
      }),
    );
  });

  it('is undefined, never an error, for any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const found = decodeCursor(bytes);
        expect(found === undefined || found.vector.length === found.marks.length).toBe(true);
      }),
    );
    fc.assert(
      fc.property(cursor, fc.nat(), (held, at) => {
        const bytes = encodeCursor(held);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(decodeCursor(cut)).toBeUndefined();
      }),
    );
  });

  it('stays short: eight partitions with a million records each', () => {
    const vector = Array.from({ length: 8 }, () => 1_000_000);
    const marks = vector.map((next) => ({ offset: next - 1, hash: 0xffffffff }));
    expect(encodeCursor({ epoch: '1', vector, marks }).length).toBeLessThan(90);
  });
});

it('a record has the hash of its entity and version', () => {
  expect(recordHash('acme|a', 1)).toBe(recordHash('acme|a', 1));
  expect(new Set([recordHash('acme|a', 1), recordHash('acme|a', 2), recordHash('acme|b', 1)]).size).toBe(3);
});
