import { expect, it } from 'vitest';
import { type JournalContext, offsets } from './journal-context.ts';
import { batch, batchOf, sampleEpoch, sampleRecord } from './journal-samples.ts';

/** What is old goes, and the coverage says so before. */
export function registerRetainTests(context: JournalContext, manyEpochs: boolean): void {
  const old = (urn: string, version: number, offset: number) => sampleRecord({ offset, urn, version, domain: 'sales' });

  it('removes what was appended before, and raises the coverage', async () => {
    await context.journal.write([batch(0, 5)]);
    expect(await context.journal.retain(1003, 100)).toBe(3);
    expect(await context.covered()).toEqual(['0: 3-5']);
    expect(offsets(await context.read())).toEqual([3, 4]);
    expect(await context.journal.retain(1003, 100)).toBe(0);
    expect((await context.journal.status(sampleEpoch)).oldestAtMs).toBe(1003);
  });

  it('removes nothing that is young enough', async () => {
    await context.journal.write([batch(0, 5)]);
    expect(await context.journal.retain(1000, 100)).toBe(0);
    expect(await context.covered()).toEqual(['0: 0-5']);
    expect(await context.journal.retain(0, 100)).toBe(0);
  });

  it('removes everything, and goes on from there', async () => {
    await context.journal.write([batch(0, 5)]);
    expect(await context.journal.retain(9999, 100)).toBe(5);
    expect(await context.covered()).toEqual(['0: 5-5']);
    expect(await context.read()).toEqual([]);
    expect((await context.journal.status(sampleEpoch)).oldestAtMs).toBeUndefined();
    await context.journal.write([batch(5, 7)]);
    expect(await context.covered()).toEqual(['0: 5-7']);
    expect(offsets(await context.read())).toEqual([5, 6]);
  });

  it('removes at most the limit, the oldest of a partition first', async () => {
    await context.journal.write([batch(0, 6), batch(0, 6, { partition: 1 })]);
    let removed = 0;
    for (const limit of [4, 4]) {
      const count = await context.journal.retain(1005, limit);
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(limit);
      removed += count;
      for (const { partition, low, high } of await context.journal.coverage(sampleEpoch)) {
        const left = Array.from({ length: high - low }, (_, index) => low + index);
        expect(offsets(await context.read({ partition, from: low }))).toEqual(left);
      }
    }
    for (let count = 1; count > 0; removed += count) count = await context.journal.retain(1005, 4);
    expect(removed).toBe(10);
    expect(await context.covered()).toEqual(['0: 5-6', '1: 5-6']);
  });

  it('removes it from everything by which it is found', async () => {
    const { journal } = context;
    await journal.write([batchOf([old('urn:a', 1, 0), old('urn:b', 1, 1), old('urn:a', 2, 2)])]);
    await journal.retain(1002, 100);
    expect(offsets(await context.read({ terms: [{ field: 'domain', value: 'sales' }] }))).toEqual([2]);
    expect(await context.read({ terms: [{ field: 'urn', value: 'urn:b' }] })).toEqual([]);
    expect(offsets(await journal.latest(sampleEpoch, 'acme', ['urn:a', 'urn:b']))).toEqual([2]);
    await journal.retain(9999, 100);
    expect(await journal.latest(sampleEpoch, 'acme', ['urn:a', 'urn:b'])).toEqual([]);
  });

  it('removes what stands twice with its first', async () => {
    const once = old('urn:a', 1, 0);
    const twice = { ...once, offset: 1, appendedAtMs: 1001 };
    await context.journal.write([batchOf([once, twice, old('urn:b', 1, 2)])]);
    expect(await context.journal.retain(1002, 100)).toBeGreaterThan(0);
    expect(offsets(await context.read())).toEqual([2]);
    expect(await context.journal.retain(9999, 100)).toBe(1);
    expect((await context.journal.coverage(sampleEpoch))[0]).toMatchObject({ low: 3, high: 3 });
  });

  it('removes also what a hole has left below the coverage', async () => {
    await context.journal.write([batch(0, 3)]);
    await context.journal.write([batch(5, 8)]);
    expect(await context.covered()).toEqual(['0: 5-8']);
    expect(await context.journal.retain(1004, 100)).toBe(3);
    expect(await context.covered()).toEqual(['0: 5-8']);
    expect(await context.journal.retain(1006, 100)).toBe(1);
    expect(await context.covered()).toEqual(['0: 6-8']);
    expect(offsets(await context.read())).toEqual([6, 7]);
  });

  it('tells a reader by the coverage that what it reads is no longer whole', async () => {
    const { journal, second } = context;
    await journal.write([batch(0, 200)]);
    let done = false;
    const removing = (async () => {
      while ((await journal.retain(1150, 2)) > 0);
      done = true;
    })();
    const low = async (): Promise<number> => (await second.coverage(sampleEpoch))[0]?.low ?? 0;
    const query = { epoch: sampleEpoch, partition: 0, to: 200, tenant: 'acme' };
    while (!done) {
      const from = await low();
      const [first] = await second.read({ ...query, from, limit: 1 });
      if ((await low()) === from) expect(first?.offset).toBe(from);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await removing;
    expect(await context.covered()).toEqual(['0: 150-200']);
  });

  it.runIf(manyEpochs)('removes what is old of every epoch', async () => {
    const { journal } = context;
    await journal.write([{ ...batch(0, 3), epoch: 'old' }, batch(0, 3)]);
    expect(await journal.retain(1002, 100)).toBe(4);
    expect([await context.covered('old'), await context.covered()]).toEqual([['0: 2-3'], ['0: 2-3']]);
    expect(offsets(await context.read({ epoch: 'old' }))).toEqual([2]);
  });
}
