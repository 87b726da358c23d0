import { expect, it } from 'vitest';
import { type JournalContext, offsets } from './journal-context.ts';
import { batch, batchOf, sampleEpoch, sampleRecord, sampleRecords } from './journal-samples.ts';

/** Durable, idempotent, one of each event, one interval of coverage. */
export function registerWriteTests(context: JournalContext, manyEpochs: boolean): void {
  it('has nothing at first', async () => {
    expect(await context.covered()).toEqual([]);
    expect(await context.read()).toEqual([]);
    expect(await context.journal.status(sampleEpoch)).toEqual({ oldestAtMs: undefined });
  });

  it('takes an empty write', async () => {
    await context.journal.write([]);
    expect(await context.covered()).toEqual([]);
  });

  it('gives back what was written, whole', async () => {
    const record = sampleRecord({ offset: 3, domain: 'sales', owners: ['ann', 'bob'], before: { domain: 'risk' } });
    await context.journal.write([batchOf([record])]);
    expect(await context.read()).toEqual([record]);
    expect(await context.covered()).toEqual(['0: 3-4']);
  });

  it('gives back any text of an event exactly', async () => {
    const plain = sampleRecord({ offset: 0, urn: 'urn:ü|🙂:"quoted"', domain: 'a=b|c' });
    const event = { ...plain.event, correlationid: 'ts-\u2028-\\-\u0000' };
    const record = { ...plain, event, text: JSON.stringify(event) };
    await context.journal.write([batchOf([record])]);
    expect(await context.read()).toEqual([record]);
    expect(await context.journal.latest(sampleEpoch, 'acme', [record.event.subject])).toEqual([record]);
  });

  it('is idempotent', async () => {
    const batches = [batch(0, 3), batch(3, 5)];
    await context.journal.write(batches);
    await context.journal.write(batches);
    await context.journal.write([batch(1, 4)]);
    expect(offsets(await context.read())).toEqual([0, 1, 2, 3, 4]);
    expect(await context.covered()).toEqual(['0: 0-5']);
  });

  it('keeps the first of an event that stands twice, in one batch or in two', async () => {
    const once = sampleRecord({ offset: 0, urn: 'urn:a' });
    const again = { ...once, offset: 1 };
    const later = { ...once, offset: 2 };
    await context.journal.write([batchOf([once, again])]);
    await context.journal.write([batchOf([later, sampleRecord({ offset: 3, urn: 'urn:b' })])]);
    expect(offsets(await context.read())).toEqual([0, 3]);
    expect(await context.covered()).toEqual(['0: 0-4']);
  });

  it('takes a run of versions that stands twice for one', async () => {
    const run = [1, 2].map((version) => sampleRecord({ offset: version - 1, urn: 'urn:a', version }));
    await context.journal.write([
      batchOf([...run, ...run.map((record) => ({ ...record, offset: record.offset + 2 }))]),
    ]);
    await context.journal.write([batchOf([sampleRecord({ offset: 4, urn: 'urn:a', version: 3 })])]);
    expect(offsets(await context.read())).toEqual([0, 1, 4]);
  });

  it('tells events apart by tenant, entity and version', async () => {
    const records = [
      sampleRecord({ offset: 0, urn: 'urn:a', version: 1 }),
      sampleRecord({ offset: 1, urn: 'urn:a', version: 2 }),
      sampleRecord({ offset: 2, urn: 'urn:b', version: 1 }),
      sampleRecord({ offset: 3, urn: 'urn:a', version: 1, tenant: 'globex' }),
    ];
    await context.journal.write([batchOf(records)]);
    expect(offsets(await context.read())).toEqual([0, 1, 2]);
    expect(offsets(await context.read({ tenant: 'globex' }))).toEqual([3]);
  });

  it.each([
    ['at its end', [3, 5], '0: 0-5'],
    ['before its end', [1, 6], '0: 0-6'],
    ['and ends within it', [1, 2], '0: 0-3'],
    ['after a hole: only the new one can be proven', [4, 6], '0: 4-6'],
  ])('extends the coverage by a batch that begins %s', async (_, [from = 0, to = 0], covered) => {
    await context.journal.write([batch(0, 3)]);
    await context.journal.write([batch(from, to)]);
    expect(await context.covered()).toEqual([covered]);
  });

  it('never lowers the coverage, whatever a late writer brings', async () => {
    await context.journal.write([batch(5, 8)]);
    await context.journal.write([batch(0, 3)]);
    expect(await context.covered()).toEqual(['0: 5-8']);
    await context.journal.write([batch(3, 9)]);
    expect(await context.covered()).toEqual(['0: 5-9']);
    expect(offsets(await context.read({ from: 5 }))).toEqual([5, 6, 7, 8]);
  });

  it('covers stretches without records, and the place where nothing is yet', async () => {
    await context.journal.write([batchOf([], { from: 7, to: 7 })]);
    expect(await context.covered()).toEqual(['0: 7-7']);
    await context.journal.write([batchOf([], { from: 7, to: 9 })]);
    await context.journal.write([batchOf(sampleRecords(9, 10), { to: 12 })]);
    expect(await context.covered()).toEqual(['0: 7-12']);
    await context.journal.write([batchOf([], { from: 20, to: 20 })]);
    expect(await context.covered()).toEqual(['0: 20-20']);
  });

  it('takes batches of several partitions at once, and of one in their order', async () => {
    await context.journal.write([
      batch(0, 2, { partition: 1 }),
      batch(0, 2),
      batch(4, 6),
      batch(2, 3, { partition: 1 }),
      batch(6, 7),
    ]);
    expect(await context.covered()).toEqual(['0: 4-7', '1: 0-3']);
    expect(offsets(await context.read({ partition: 1 }))).toEqual([0, 1, 2]);
  });

  it('is right when two write the same at once', async () => {
    const { journal, second } = context;
    const slices = Array.from({ length: 20 }, (_, i) => batch(i * 5, i * 5 + 5));
    const writeAll = async (writer: typeof journal): Promise<void> => {
      for (const slice of slices) await writer.write([slice]);
    };
    await Promise.all([writeAll(journal), writeAll(second)]);
    expect(offsets(await context.read())).toEqual(Array.from({ length: 100 }, (_, offset) => offset));
    expect(await context.covered()).toEqual(['0: 0-100']);
  });

  it('begins the coverage once when two begin it', async () => {
    const { journal, second } = context;
    await Promise.all([journal, second, journal, second].map((each) => each.write([batch(3, 6)])));
    expect(await context.covered()).toEqual(['0: 3-6']);
  });

  it.runIf(manyEpochs)('keeps epochs apart', async () => {
    const { journal } = context;
    const old = { ...batch(0, 3), epoch: 'old' };
    await journal.write([old, batch(8, 9)]);
    await journal.write([{ ...batchOf([sampleRecord({ offset: 0, urn: 'urn:p0:0' })]), epoch: 'new' }]);
    expect([await context.covered('old'), await context.covered(), await context.covered('new')]).toEqual([
      ['0: 0-3'],
      ['0: 8-9'],
      ['0: 0-1'],
    ]);
    expect(offsets(await context.read({ epoch: 'old' }))).toEqual([0, 1, 2]);
    expect(offsets(await context.read())).toEqual([8]);
    expect(offsets(await context.read({ epoch: 'new' }))).toEqual([0]);
    expect(await context.covered('ol')).toEqual([]);
  });

  it('says of every method that the store cannot be reached', async () => {
    const { journal } = context;
    await journal.write([batch(0, 1)]);
    await context.cut();
    const away = { code: 'storage-unavailable' };
    await expect(journal.write([batch(1, 2)])).rejects.toMatchObject(away);
    await expect(journal.coverage(sampleEpoch)).rejects.toMatchObject(away);
    await expect(context.read()).rejects.toMatchObject(away);
    await expect(journal.latest(sampleEpoch, 'acme', ['urn:a'])).rejects.toMatchObject(away);
    await expect(journal.retain(2000, 10)).rejects.toMatchObject(away);
    await expect(journal.status(sampleEpoch)).rejects.toMatchObject(away);
  });
}
