import { expect, it } from 'vitest';
import { type JournalContext, offsets } from './journal-context.ts';
import { batchOf, sampleEpoch, sampleRecord } from './journal-samples.ts';

/** The content of an entity goes; its places, and everything else, stay. */
export function registerEraseTests(context: JournalContext, manyEpochs: boolean): void {
  const secret = (version: number, offset: number, tenant = 'acme') =>
    sampleRecord({ offset, tenant, urn: 'urn:a', version, domain: 'sales' });
  const erasure = { tenant: 'acme', urn: 'urn:a', beforeVersion: 3 };
  const all = [
    secret(1, 0),
    sampleRecord({ offset: 1, urn: 'urn:b', domain: 'sales' }),
    secret(2, 2),
    secret(1, 3, 'globex'),
    secret(3, 4),
  ];

  it('R14 erases the earlier events of one entity, and the coverage stays whole', async () => {
    await context.journal.write([batchOf(all)]);
    await context.journal.erase([erasure]);
    expect(await context.covered()).toEqual(['0: 0-5']);
    expect(offsets(await context.read())).toEqual([1, 4]);
    expect(offsets(await context.read({ terms: [{ field: 'urn', value: 'urn:a' }] }))).toEqual([4]);
    expect(offsets(await context.read({ tenant: 'globex' }))).toEqual([3]);
    const latest = await context.journal.latest(sampleEpoch, 'acme', ['urn:a', 'urn:b']);
    expect(offsets(latest).toSorted((one, other) => one - other)).toEqual([1, 4]);
  });

  it('R14 does so again without effect, and before the event that asks for it is written', async () => {
    await context.journal.write([batchOf(all.slice(0, 4))]);
    await context.journal.erase([erasure]);
    await context.journal.erase([erasure]);
    expect(offsets(await context.read())).toEqual([1]);
    expect(offsets(await context.journal.latest(sampleEpoch, 'acme', ['urn:a']))).toEqual([]);
    await context.journal.write([batchOf(all.slice(4))]);
    expect(offsets(await context.read())).toEqual([1, 4]);
    expect(await context.covered()).toEqual(['0: 0-5']);
  });

  it('takes erasures of what it does not have', async () => {
    const unknown = { ...erasure, urn: 'urn:unknown' };
    await context.journal.erase([unknown]);
    await context.journal.write([batchOf(all)]);
    await context.journal.erase([unknown]);
    expect(offsets(await context.read())).toEqual([0, 1, 2, 4]);
  });

  it('removes erased places when they are old, and goes on counting them', async () => {
    await context.journal.write([batchOf(all)]);
    await context.journal.erase([erasure]);
    expect(await context.journal.retain(1003, 100)).toBe(3);
    expect(await context.covered()).toEqual(['0: 3-5']);
    expect(offsets(await context.read())).toEqual([4]);
  });

  it.runIf(manyEpochs)('R14 erases in every epoch, and nobody writes it again', async () => {
    await context.journal.write([{ ...batchOf(all), epoch: 'old' }, batchOf(all)]);
    await context.journal.erase([erasure]);
    await context.journal.write([{ ...batchOf(all), epoch: 'old' }]);
    expect(offsets(await context.read({ epoch: 'old' }))).toEqual([1, 4]);
    expect(offsets(await context.read())).toEqual([1, 4]);
  });
}
