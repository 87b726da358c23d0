import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBatch, splitBatches } from './record-batch.ts';

/** A batch with a header that says where its end is, and anything behind it. */
const batches = fc
  .record({
    attributes: fc.integer({ min: 0, max: 63 }),
    last: fc.integer({ min: -1, max: 10 }),
    count: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    head: fc.uint8Array({ minLength: 61, maxLength: 61 }),
    packed: fc.uint8Array({ maxLength: 200 }),
  })
  .map(({ attributes, last, count, head, packed }) => {
    const batch = Buffer.concat([head, packed]);
    batch.writeBigInt64BE(7n, 0);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt16BE(attributes, 21);
    batch.writeInt32BE(last, 23);
    batch.writeInt32BE(count, 57);
    return { batch, last };
  });

it('I3: whatever a batch holds, it is read or got past: never a fault, never a record behind its end', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async ({ batch, last }) => {
      const records = await readBatch(batch);
      expect(records.length).toBeGreaterThan(0);
      for (const { offset } of records) expect(Number(offset)).toBeLessThanOrEqual(7 + Math.max(last, 0));
    }),
    { numRuns: 2000 },
  );
});

it('whatever an answer holds, its batches are told apart and it ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const found = [...splitBatches(Buffer.from(bytes))];
      expect(Buffer.concat(found).length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
