import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordHash } from './cursor.ts';
import { Ring, type RingEntry } from './ring.ts';
import { covers } from './vector.ts';

function entry(
  offset: number,
  fields: { urn?: string; version?: number; partition?: number; bytes?: number; atMs?: number; tenant?: string } = {},
): RingEntry {
  const { urn = `urn:${offset}`, version = 1, partition = 0, bytes = 10, atMs = 0, tenant = 'acme' } = fields;
  return { partition, offset, appendedAtMs: atMs, entity: `${tenant}|${urn}`, version, text: 'x'.repeat(bytes) };
}

/** Offsets from one on, or undefined where the ring does not reach back that far. */
function since(ring: Ring, partition: number, offset: number): readonly number[] | undefined {
  if (offset < (ring.floors[partition] ?? Number.POSITIVE_INFINITY)) return undefined;
  return ring.between(partition, offset, Number.MAX_SAFE_INTEGER).map((each) => each.offset);
}

describe('Ring', () => {
  it('drops the oldest beyond its bytes, per partition', () => {
    const ring = new Ring([0, 0], { maxBytes: 30, maxAgeMs: 1000 });
    ring.push(entry(0, { partition: 1 }));
    for (let offset = 0; offset < 5; offset++) ring.push(entry(offset, { urn: `u${offset}` }));
    expect([ring.size, ring.bytes]).toEqual([4, 40]);
    expect(since(ring, 0, 2)).toEqual([2, 3, 4]);
    expect(since(ring, 0, 1)).toBeUndefined();
    expect(since(ring, 1, 0)).toEqual([0]);
  });

  it('keeps the newest however large it is', () => {
    const ring = new Ring([0], { maxBytes: 30, maxAgeMs: 1000 });
    ring.push(entry(0));
    ring.push(entry(1, { bytes: 500 }));
    expect(since(ring, 0, 1)).toEqual([1]);
    expect(ring.bytes).toBe(500);
  });

  it('drops what is older than its age when something newer comes', () => {
    const ring = new Ring([0], { maxBytes: 1000, maxAgeMs: 100 });
    ring.push(entry(0, { atMs: 0 }));
    ring.push(entry(1, { atMs: 50 }));
    ring.push(entry(2, { atMs: 101 }));
    expect(since(ring, 0, 0)).toBeUndefined();
    expect(since(ring, 0, 1)).toEqual([1, 2]);
  });

  it('D3: recognises a version that it holds, and any lower one', () => {
    const ring = new Ring([0], { maxBytes: 1000, maxAgeMs: 1000 });
    expect(ring.push(entry(0, { urn: 'a', version: 1 }))).toBe(true);
    expect(ring.push(entry(1, { urn: 'a', version: 2 }))).toBe(true);
    expect(ring.push(entry(2, { urn: 'a', version: 2 }))).toBe(false);
    expect(ring.push(entry(3, { urn: 'a', version: 1 }))).toBe(false);
    expect(ring.push(entry(4, { urn: 'a', version: 1, tenant: 'globex' }))).toBe(true);
    expect(ring.push(entry(5, { urn: 'a', version: 3 }))).toBe(true);
    expect(since(ring, 0, 0)).toEqual([0, 1, 4, 5]);
  });

  it('forgets an entity only with its last version', () => {
    const ring = new Ring([0], { maxBytes: 20, maxAgeMs: 1000 });
    ring.push(entry(0, { urn: 'a', version: 1 }));
    ring.push(entry(1, { urn: 'a', version: 2 }));
    ring.push(entry(2, { urn: 'b' }));
    expect(ring.push(entry(3, { urn: 'a', version: 2 }))).toBe(false);
    ring.push(entry(4, { urn: 'c' }));
    expect(ring.push(entry(5, { urn: 'a', version: 2 }))).toBe(true);
  });

  it('reaches back to where reading began while it is empty, and knows no foreign partition', () => {
    const ring = new Ring([5], { maxBytes: 20, maxAgeMs: 1000 });
    expect([since(ring, 0, 4), since(ring, 0, 5), since(ring, 7, 0)]).toEqual([undefined, [], undefined]);
  });

  it('does not reach back behind a hole', () => {
    const ring = new Ring([0], { maxBytes: 1000, maxAgeMs: 1000 });
    for (const offset of [0, 1, 2]) ring.push(entry(offset));
    ring.cut(0, 7);
    ring.push(entry(7));
    expect([since(ring, 0, 2), since(ring, 0, 7), ring.size]).toEqual([undefined, [7], 1]);
  });

  it('gives the record before a position, to recognise the log by', () => {
    const ring = new Ring([0], { maxBytes: 1000, maxAgeMs: 1000 });
    ring.push(entry(0, { urn: 'a' }));
    ring.push(entry(3, { urn: 'b' }));
    expect(ring.markBefore(0, 0)).toBeUndefined();
    expect(ring.markBefore(0, 3)).toEqual({ offset: 0, hash: recordHash('acme|a', 1) });
    expect(ring.markBefore(0, 9)).toEqual({ offset: 3, hash: recordHash('acme|b', 1) });
  });

  it('holds for any sequence exactly the newest entries that fit, with their bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const ring = new Ring([0], { maxBytes: 100, maxAgeMs: 1e9 });
        sizes.forEach((bytes, offset) => ring.push(entry(offset, { bytes })));
        let first = sizes.length - 1;
        for (let sum = sizes[first]!; first > 0 && sum + sizes[first - 1]! <= 100;) sum += sizes[--first]!;
        expect(since(ring, 0, first)).toEqual(Array.from({ length: sizes.length - first }, (_, i) => first + i));
        if (first > 0) expect(since(ring, 0, first - 1)).toBeUndefined();
        expect(ring.bytes).toBe(sizes.slice(first).reduce((sum, size) => sum + size, 0));
      }),
    );
  });

  it('stays right when it gives memory back', () => {
    const ring = new Ring([0], { maxBytes: 50, maxAgeMs: 1e9 });
    for (let offset = 0; offset < 5000; offset++) ring.push(entry(offset));
    expect(since(ring, 0, 4996)).toEqual([4996, 4997, 4998, 4999]);
    expect([ring.size, ring.bytes]).toEqual([5, 50]);
  });
});

describe('covers', () => {
  it('compares every partition', () => {
    expect([
      covers([3, 4], [3, 4]),
      covers([3, 3], [3, 4]),
      covers([5], [5, 0]),
      covers([5], [5, 1]),
      covers([], []),
    ]).toEqual([true, false, true, false, true]);
  });
});
