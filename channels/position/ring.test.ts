import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring, type RingEntry } from './ring.ts';
import { covers } from './vector.ts';

function entry(
  offset: number,
  fields: { urn?: string; version?: number; partition?: number; bytes?: number; atMs?: number; tenant?: string } = {},
): RingEntry {
  const { urn = `urn:${offset}`, version = 1, partition = 0, bytes = 10, atMs = 0, tenant = 'acme' } = fields;
  return { partition, offset, appendedAtMs: atMs, entity: `${tenant}|${urn}`, version, text: 'x'.repeat(bytes) };
}

const offsets = (entries: readonly RingEntry[] | undefined): readonly number[] | undefined =>
  entries?.map((each) => each.offset);

describe('Ring', () => {
  it('drops the oldest beyond its bytes, per partition', () => {
    const ring = new Ring(2, { maxBytes: 30, maxAgeMs: 1000 });
    ring.push(entry(0, { partition: 1 }));
    for (let offset = 0; offset < 5; offset++) ring.push(entry(offset, { urn: `u${offset}` }));
    expect([ring.size, ring.bytes]).toEqual([4, 40]);
    expect(offsets(ring.since(0, 2))).toEqual([2, 3, 4]);
    expect(ring.since(0, 1)).toBeUndefined();
    expect(offsets(ring.since(1, 0))).toEqual([0]);
  });

  it('keeps the newest however large it is', () => {
    const ring = new Ring(1, { maxBytes: 30, maxAgeMs: 1000 });
    ring.push(entry(0));
    ring.push(entry(1, { bytes: 500 }));
    expect(offsets(ring.since(0, 1))).toEqual([1]);
    expect(ring.bytes).toBe(500);
  });

  it('drops what is older than its age when something newer comes', () => {
    const ring = new Ring(1, { maxBytes: 1000, maxAgeMs: 100 });
    ring.push(entry(0, { atMs: 0 }));
    ring.push(entry(1, { atMs: 50 }));
    ring.push(entry(2, { atMs: 101 }));
    expect(ring.since(0, 0)).toBeUndefined();
    expect(offsets(ring.since(0, 1))).toEqual([1, 2]);
  });

  it('D3: recognises a version that it holds, and any lower one', () => {
    const ring = new Ring(1, { maxBytes: 1000, maxAgeMs: 1000 });
    expect(ring.push(entry(0, { urn: 'a', version: 1 }))).toBe(true);
    expect(ring.push(entry(1, { urn: 'a', version: 2 }))).toBe(true);
    expect(ring.push(entry(2, { urn: 'a', version: 2 }))).toBe(false);
    expect(ring.push(entry(3, { urn: 'a', version: 1 }))).toBe(false);
    expect(ring.push(entry(4, { urn: 'a', version: 1, tenant: 'globex' }))).toBe(true);
    expect(ring.push(entry(5, { urn: 'a', version: 3 }))).toBe(true);
    expect(offsets(ring.since(0, 0))).toEqual([0, 1, 4, 5]);
  });

  it('forgets an entity only with its last version', () => {
    const ring = new Ring(1, { maxBytes: 20, maxAgeMs: 1000 });
    ring.push(entry(0, { urn: 'a', version: 1 }));
    ring.push(entry(1, { urn: 'a', version: 2 }));
    ring.push(entry(2, { urn: 'b' }));
    expect(ring.push(entry(3, { urn: 'a', version: 2 }))).toBe(false);
    ring.push(entry(4, { urn: 'c' }));
    expect(ring.push(entry(5, { urn: 'a', version: 2 }))).toBe(true);
  });

  it('knows no empty or foreign partition', () => {
    const ring = new Ring(1, { maxBytes: 20, maxAgeMs: 1000 });
    expect([ring.since(0, 0), ring.since(7, 0)]).toEqual([undefined, undefined]);
  });

  it('holds for any sequence exactly the newest entries that fit, with their bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const ring = new Ring(1, { maxBytes: 100, maxAgeMs: 1e9 });
        sizes.forEach((bytes, offset) => ring.push(entry(offset, { bytes })));
        let first = sizes.length - 1;
        for (let sum = sizes[first]!; first > 0 && sum + sizes[first - 1]! <= 100;) sum += sizes[--first]!;
        expect(offsets(ring.since(0, first))).toEqual(
          Array.from({ length: sizes.length - first }, (_, i) => first + i),
        );
        if (first > 0) expect(ring.since(0, first - 1)).toBeUndefined();
        expect(ring.bytes).toBe(sizes.slice(first).reduce((sum, size) => sum + size, 0));
      }),
    );
  });

  it('stays right when it gives memory back', () => {
    const ring = new Ring(1, { maxBytes: 50, maxAgeMs: 1e9 });
    for (let offset = 0; offset < 5000; offset++) ring.push(entry(offset));
    expect(offsets(ring.since(0, 4996))).toEqual([4996, 4997, 4998, 4999]);
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
