import { expect, it } from 'vitest';
import type { JournalRecord } from '../../channels/ports/event-journal.ts';
import { type JournalContext, offsets } from './journal-context.ts';
import { batchOf, sampleEpoch, sampleRecord, sampleRecords } from './journal-samples.ts';

const sales = [{ field: 'domain', value: 'sales' }];

function versions(records: readonly JournalRecord[]): readonly string[] {
  return records.map(({ event }) => `${event.subject} ${event.data.version}`).toSorted();
}

/** By position, by tenant, by terms; the newest of an entity. */
export function registerReadTests(context: JournalContext, manyEpochs: boolean): void {
  it('finds events by a term of the head after, and of the head before', async () => {
    const records = [
      sampleRecord({ offset: 0, domain: 'sales' }),
      sampleRecord({ offset: 1, domain: 'risk', before: { domain: 'sales' } }),
      sampleRecord({ offset: 2, domain: 'risk' }),
      sampleRecord({ offset: 3, before: { domain: 'sales' } }),
      sampleRecord({ offset: 4, domain: 'sales', before: {} }),
    ];
    await context.journal.write([batchOf(records)]);
    const found = offsets(await context.read({ terms: sales }));
    expect(found.filter((offset) => offset !== 2)).toEqual([0, 1, 3, 4]);
  });

  it('finds an event whose entity is gone', async () => {
    const record = sampleRecord({ offset: 0, domain: 'sales', before: {} });
    const { event } = record;
    const heads = { before: event.data.heads.before, after: null };
    const gone = { ...event, data: { ...event.data, heads } };
    await context.journal.write([batchOf([{ ...record, event: gone, text: JSON.stringify(gone) }])]);
    expect(offsets(await context.read({ terms: sales }))).toEqual([0]);
  });

  it.each([
    ['urn', 'urn:p0:1'],
    ['owners', 'ann'],
    ['tags', 'pii/email'],
    ['scheme', 'pii'],
    ['refs', 'urn:other'],
    ['name', 'orders-1'],
    ['fqn', 'db.orders'],
    ['domain', 'sales'],
  ])('finds by %s, also a value that is long or odd', async (field, value) => {
    const odd = `${value}|=%${'ü'.repeat(300)}`;
    const headFields = (text: string): object => {
      if (field === 'scheme') return { tags: [`${text}/x`] };
      return { [field]: ['owners', 'tags', 'refs'].includes(field) ? [text] : text };
    };
    await context.journal.write([
      batchOf([
        sampleRecord({ offset: 0 }),
        sampleRecord({ offset: 1, before: headFields(value) }),
        sampleRecord({ offset: 2, before: headFields(odd) }),
      ]),
    ]);
    expect(offsets(await context.read({ terms: [{ field, value }] }))).toContain(1);
    expect(offsets(await context.read({ terms: [{ field, value: odd }] }))).toContain(2);
  });

  it('gives an event once that has several of the terms', async () => {
    const owners = ['ann', 'bob'];
    await context.journal.write([
      batchOf([sampleRecord({ offset: 0, domain: 'sales', owners }), sampleRecord({ offset: 1, owners: ['bob'] })]),
    ]);
    const terms = [...sales, ...owners.map((value) => ({ field: 'owners', value }))];
    expect(offsets(await context.read({ terms }))).toEqual([0, 1]);
  });

  it('gives nothing for no terms at all, and refuses one that is not selective', async () => {
    await context.journal.write([batchOf(sampleRecords(0, 2))]);
    expect(await context.read({ terms: [] })).toEqual([]);
    await expect(context.read({ terms: [{ field: 'kind', value: 'asset' }] })).rejects.toThrow(/kind=asset/u);
  });

  it('reads from the first offset wanted to the one before the last, of one partition', async () => {
    await context.journal.write([
      batchOf(sampleRecords(0, 6, { domain: 'sales' })),
      batchOf(sampleRecords(0, 6, { domain: 'sales', partition: 1 })),
    ]);
    for (const terms of [undefined, sales]) {
      const read = (from: number, to: number, partition = 0) =>
        context.read({ from, to, partition, ...(terms === undefined ? {} : { terms }) });
      expect(offsets(await read(2, 4))).toEqual([2, 3]);
      expect(offsets(await read(4, 4))).toEqual([]);
      expect(offsets(await read(5, 3))).toEqual([]);
      expect(offsets(await read(5, 99))).toEqual([5]);
      expect((await read(0, 1, 1)).map(({ partition }) => partition)).toEqual([1]);
      expect(await read(0, 9, 2)).toEqual([]);
    }
  });

  it('gives at most the limit, the lowest offsets first, in ascending order', async () => {
    const owners = (offset: number) => (offset % 2 === 0 ? ['even'] : ['odd', 'rare'].slice(0, offset % 3));
    const records = Array.from({ length: 50 }, (_, offset) => sampleRecord({ offset, owners: owners(offset) }));
    await context.journal.write([batchOf(records.slice(0, 20)), batchOf(records.slice(20))]);
    const terms = ['rare', 'odd', 'even'].map((value) => ({ field: 'owners', value }));
    const matching = records.filter(({ event }) => event.data.heads.after?.owners.length !== 0);
    expect(offsets(await context.read({ limit: 7 }))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(offsets(await context.read({ terms, limit: 7, from: 3 }))).toEqual(
      offsets(matching.filter(({ offset }) => offset >= 3).slice(0, 7)),
    );
    expect(offsets(await context.read({ terms }))).toEqual(offsets(matching));
    expect(await context.read({ limit: 0 })).toEqual([]);
    expect(await context.read({ terms, limit: 0 })).toEqual([]);
  });

  it('reads many events, whether they were written together or one by one', async () => {
    const { journal } = context;
    const all = sampleRecords(0, 900, { domain: 'sales' });
    for (let offset = 0; offset < 450; offset++) await journal.write([batchOf(all.slice(offset, offset + 1))]);
    await journal.write([batchOf(all.slice(450))]);
    const expected = Array.from({ length: 896 }, (_, index) => index + 3);
    expect(offsets(await context.read({ from: 3, to: 899 }))).toEqual(expected);
    expect(offsets(await context.read({ from: 3, to: 899, terms: sales }))).toEqual(expected);
    expect(offsets(await context.read({ from: 420, limit: 100, terms: sales }))).toEqual(expected.slice(417, 517));
    expect(offsets(await context.read({ terms: [{ field: 'urn', value: 'urn:p0:801' }] }))).toEqual([801]);
  });

  it('gives what is rare once, wherever a reader pauses', async () => {
    const owners = (offset: number): readonly string[] => (offset % 7 === 0 ? ['rare'] : ['often']);
    const all = Array.from({ length: 600 }, (_, offset) => sampleRecord({ offset, owners: owners(offset) }));
    for (let offset = 0; offset < 600; offset += 2)
      await context.journal.write([batchOf(all.slice(offset, offset + 2))]);
    const expected = offsets(all).filter((offset) => offset % 7 === 0);
    expect(offsets(await context.read({ terms: [{ field: 'owners', value: 'rare' }] }))).toEqual(expected);
  });

  it('reads across a hundred thousand offsets, wherever they begin', async () => {
    const steps = [0, 4095, 4096, 8191, 65_535, 65_536, 131_072, 5_000_000_000, 5_000_065_536];
    const records = steps.map((offset) => sampleRecord({ offset, domain: offset === 4096 ? 'risk' : 'sales' }));
    for (const [index, record] of records.entries())
      await context.journal.write([batchOf([record], { from: index === 0 ? 0 : steps[index - 1]! + 1 })]);
    const read = (from: number, to: number, limit = 100) =>
      context.read({ from, to, terms: sales, limit }).then(offsets);
    expect(await read(0, 200_000)).toEqual([0, 4095, 8191, 65_535, 65_536, 131_072]);
    expect(await read(1, 131_072, 3)).toEqual([4095, 8191, 65_535]);
    expect(await read(5_000_000_000, 5_000_100_000)).toEqual([5_000_000_000, 5_000_065_536]);
    expect(offsets(await context.read({ from: 4096, to: 65_536 }))).toEqual([4096, 8191, 65_535]);
  });

  it('keeps tenants apart, with terms and without', async () => {
    const records = ['acme', 'globex', 'acme', 'acm'].map((tenant, offset) =>
      sampleRecord({ offset, tenant, urn: 'urn:a', version: offset + 1, domain: 'sales' }),
    );
    await context.journal.write([batchOf(records)]);
    expect(offsets(await context.read())).toEqual([0, 2]);
    expect(offsets(await context.read({ tenant: 'globex', terms: sales }))).toEqual([1]);
    expect(offsets(await context.read({ tenant: 'acm', terms: sales }))).toEqual([3]);
    expect(await context.read({ tenant: 'nobody' })).toEqual([]);
    expect(versions(await context.journal.latest(sampleEpoch, 'globex', ['urn:a']))).toEqual(['urn:a 2']);
  });

  it('gives the newest event of each entity, wherever it stands', async () => {
    const of = (partition: number, offset: number, urn: string, version: number): JournalRecord =>
      sampleRecord({ partition, offset, urn, version });
    await context.journal.write([
      batchOf([of(0, 0, 'urn:a', 1), of(0, 1, 'urn:b', 1), of(0, 2, 'urn:a', 9), of(0, 3, 'urn:a', 10)]),
      batchOf([of(1, 0, 'urn:c', 4)]),
    ]);
    await context.journal.write([batchOf([of(0, 4, 'urn:b', 2)]), batchOf([of(1, 1, 'urn:c', 5)])]);
    const { journal } = context;
    expect(versions(await journal.latest(sampleEpoch, 'acme', ['urn:c', 'urn:none', 'urn:a', 'urn:b']))).toEqual([
      'urn:a 10',
      'urn:b 2',
      'urn:c 5',
    ]);
    expect(versions(await journal.latest(sampleEpoch, 'acme', ['urn:a', 'urn:a']))).toEqual(['urn:a 10']);
    expect(await journal.latest(sampleEpoch, 'acme', ['urn:', 'urn'])).toEqual([]);
    expect(await journal.latest(sampleEpoch, 'acme', [])).toEqual([]);
  });

  it('gives the newest events of many entities', async () => {
    await context.journal.write([batchOf(sampleRecords(0, 700))]);
    const urns = Array.from({ length: 700 }, (_, offset) => `urn:p0:${offset}`);
    const found = await context.journal.latest(sampleEpoch, 'acme', urns);
    expect(offsets(found).toSorted((a, b) => a - b)).toEqual(urns.map((_, offset) => offset));
  });

  it.runIf(manyEpochs)('gives the newest event of one epoch', async () => {
    const { journal } = context;
    const of = (offset: number, version: number): JournalRecord => sampleRecord({ offset, urn: 'urn:a', version });
    await journal.write([{ ...batchOf([of(0, 7)]), epoch: 'old' }, batchOf([of(0, 2)])]);
    expect(versions(await journal.latest(sampleEpoch, 'acme', ['urn:a']))).toEqual(['urn:a 2']);
    expect(versions(await journal.latest('old', 'acme', ['urn:a']))).toEqual(['urn:a 7']);
    expect(await journal.latest('new', 'acme', ['urn:a'])).toEqual([]);
  });
}
