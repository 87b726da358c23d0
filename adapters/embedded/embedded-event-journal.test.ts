import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NewerForm } from '../../channels/forms/form-of.ts';
import type { EventJournal, JournalBatch, JournalRecord } from '../../channels/ports/event-journal.ts';
import type { EventLog, LogGap, LogRecord } from '../../channels/ports/event-log.ts';
import { registerEventJournalTests } from '../contract/event-journal.ts';
import { eventually } from '../contract/eventually.ts';
import { offsets } from '../contract/journal-context.ts';
import { registerLeaseTests } from '../contract/leases.ts';
import { batch, batchOf, sampleEpoch } from '../contract/journal-samples.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from './embedded-environment.ts';
import { createEmbeddedEventJournal } from './embedded-event-journal.ts';
import { createEmbeddedLeases } from './embedded-leases.ts';
import { createEmbeddedEventLog } from './embedded-event-log.ts';
import { openLogTables, recordKey, stateOf } from './log-tables.ts';
import { encodeChunk, prepareChunk } from './record-chunk.ts';

const clock = { now: () => Date.now() };

/** The records that a log would have by the time its tail shows them. */
async function putIntoLog(environment: EmbeddedEnvironment, batches: readonly JournalBatch[]): Promise<void> {
  const log = openLogTables(environment);
  await environment.transact(() => {
    for (const { partition, to, records } of batches) {
      const state = stateOf(log, partition);
      void log.partitions.put(String(partition), { ...state, next: Math.max(state.next, to) });
      for (const { offset, appendedAtMs, text } of records)
        void log.records.put(recordKey(partition, offset), encodeChunk(prepareChunk([text]), [appendedAtMs]));
    }
  });
}

registerEventJournalTests({
  name: 'embedded',
  skip: ['epochs'],
  runs: 40,
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-journal-'));
    const environment = await createEmbeddedEnvironment({ folder });
    const stored = createEmbeddedEventJournal({ environment, epoch: sampleEpoch });
    const journal: EventJournal = {
      isLog: stored.isLog,
      write: async (batches) => {
        await putIntoLog(environment, batches);
        await stored.write(batches);
      },
      coverage: (epoch) => stored.coverage(epoch),
      read: (query) => stored.read(query),
      latest: (epoch, tenant, urns) => stored.latest(epoch, tenant, urns),
      retain: (beforeMs, limit) => stored.retain(beforeMs, limit),
      erase: (erasures) => stored.erase(erasures),
      status: (epoch) => stored.status(epoch),
      close: () => stored.close(),
    };
    return {
      journal,
      second: journal,
      cut: () => environment.close(),
      dispose: async () => {
        await environment.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

registerLeaseTests('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-leases-'));
  const environment = await createEmbeddedEnvironment({ folder });
  const leases = createEmbeddedLeases({ environment, clock });
  const dispose = async (): Promise<void> => {
    await environment.close();
    await rm(folder, { recursive: true });
  };
  return { leases, second: leases, cut: () => environment.close(), dispose };
});

describe('embedded event journal', () => {
  let folder: string;
  let environment: EmbeddedEnvironment;
  let nowMs = 1000;
  beforeEach(async () => {
    nowMs = 1000;
    folder = await mkdtemp(join(tmpdir(), 'hub-journal-'));
    environment = await createEmbeddedEnvironment({ folder });
  });
  afterEach(async () => {
    await environment.close();
    await rm(folder, { recursive: true });
  });

  const ticking = { now: () => nowMs++ };
  const urn = urnIn(0, 4, 'acme');
  const openLog = () => createEmbeddedEventLog({ environment, clock: ticking });
  const openJournal = (log: EventLog) => createEmbeddedEventJournal({ environment, epoch: log.epoch });

  /** Appends so many versions of one entity, each a millisecond after the other. */
  async function append(log: EventLog, from: number, to: number): Promise<void> {
    for (let version = from; version < to; version++)
      await log.append([sampleEvent(sampleAsset('acme', urn, { version }))]);
  }

  async function follow(
    log: EventLog,
    journal: EventJournal,
    from: number,
  ): Promise<{ readonly gaps: readonly LogGap[]; readonly records: readonly LogRecord[]; close(): Promise<void> }> {
    const gaps: LogGap[] = [];
    const seen: LogRecord[] = [];
    const tail = await log.tail({
      from: [from],
      onGap: (gap) => gaps.push(gap),
      onRecords: async (partition, records) => {
        seen.push(...records);
        const parsed = records
          .filter(({ value }) => value !== '')
          .map((each) => ({
            ...each,
            text: each.value,
            event: JSON.parse(each.value) as JournalRecord['event'],
          }));
        const [from, to] = [records[0]?.offset ?? 0, (records.at(-1)?.offset ?? -1) + 1];
        await journal.write([batchOf(parsed, { epoch: log.epoch, partition, from, to })]);
      },
    });
    return { gaps, records: seen, close: () => tail.close() };
  }

  const readAll = (journal: EventJournal, log: EventLog) =>
    journal.read({ epoch: log.epoch, partition: 0, from: 0, to: 1e6, tenant: 'acme', limit: 1e6 });

  it('stores no text of its own: it reads what the log has, also after a restart', async () => {
    const log = await openLog();
    const reader = await follow(log, openJournal(log), 0);
    await append(log, 1, 6);
    await eventually(() => expect(reader.records).toHaveLength(5));
    await reader.close();
    await environment.close();
    environment = await createEmbeddedEnvironment({ folder });
    const again = await openLog();
    const journal = openJournal(again);
    expect(offsets(await readAll(journal, again))).toEqual([0, 1, 2, 3, 4]);
    expect((await journal.coverage(again.epoch))[0]).toEqual({ partition: 0, low: 0, high: 5 });
  });

  it('trims the log with the journal; a tail that stands before is told of the gap', async () => {
    const log = await openLog();
    const journal = openJournal(log);
    const reader = await follow(log, journal, 0);
    await append(log, 1, 11);
    await eventually(async () => expect((await journal.coverage(log.epoch))[0]?.high).toBe(10));
    expect(await journal.retain(1004, 100)).toBe(4);
    expect(await log.starts()).toEqual([4, 0, 0, 0]);
    expect((await log.ends())[0]).toBe(10);
    expect((await log.offsetsAt(0))[0]).toBe(4);
    expect((await log.offsetsAt(1007))[0]).toBe(7);
    const late = await follow(log, journal, 2);
    await eventually(() => expect(late.records.map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8, 9]));
    expect(late.gaps).toEqual([{ partition: 0, expected: 2, found: 4 }]);
    expect(reader.gaps).toEqual([]);
    await append(log, 11, 12);
    await eventually(() => expect(reader.records).toHaveLength(11));
    await Promise.all([reader.close(), late.close()]);
  });

  it('has what is appended at once, and covers also the partitions in which nothing happened', async () => {
    const log = await openLog();
    const journal = openJournal(log);
    await append(log, 1, 4);
    expect(offsets(await readAll(journal, log))).toEqual([0, 1, 2]);
    expect((await journal.coverage(log.epoch)).map(({ low, high }) => [low, high])).toEqual([
      [0, 3],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('shows a tail no wrong record while it is trimmed', async () => {
    const log = await openLog();
    const journal = openJournal(log);
    const versions = Array.from({ length: 3000 }, (_, i) => sampleEvent(sampleAsset('acme', urn, { version: i + 1 })));
    await log.append(versions.slice(0, 1500));
    nowMs = 10_000;
    await log.append(versions.slice(1500));
    const writer = await follow(log, journal, 0);
    await eventually(async () => expect((await journal.coverage(log.epoch))[0]?.high).toBe(3000));
    const reader = await follow(log, journal, 0);
    while ((await journal.retain(10_000, 100)) > 0) await reader.close();
    const late = await follow(log, journal, 0);
    await eventually(() => expect(late.records.at(-1)?.offset).toBe(2999));
    for (const { offset, value } of [...reader.records, ...late.records])
      expect((JSON.parse(value) as JournalRecord['event']).data.version).toBe(offset + 1);
    expect(late.gaps).toEqual([{ partition: 0, expected: 0, found: 1500 }]);
    await Promise.all([writer.close(), late.close()]);
  });

  it('leaves nothing of a removed event in its tables', async () => {
    const log = await openLog();
    const journal = openJournal(log);
    const reader = await follow(log, journal, 0);
    await append(log, 1, 4);
    await eventually(async () => expect((await journal.coverage(log.epoch))[0]?.high).toBe(3));
    await reader.close();
    await journal.retain(9e15, 100);
    for (const name of ['journal-blocks', 'journal-entities', 'log-records']) {
      const table = environment.table<string>(name, { encoding: 'binary' });
      expect([name, await environment.read(() => table.getKeysCount())]).toEqual([name, 0]);
    }
  });

  it('R14 a purge erases the events before it in the log too, in the commit that has it, also one of the same commit', async () => {
    const log = await openLog();
    const journal = openJournal(log);
    const secret = (version: number) => sampleEvent(sampleAsset('acme', urn, { version, description: 'SECRET' }));
    const purge = sampleEvent(sampleAsset('acme', urn, { version: 4, status: 'purged' }), {
      type: 'gov.asset.purged.v1',
    });
    await log.append([secret(1), secret(2)]);
    await log.append([secret(3), purge]);
    const reader = await follow(log, journal, 0);
    await eventually(() => expect(reader.records).toHaveLength(4));
    await reader.close();
    expect(offsets(await readAll(journal, log))).toEqual([3]);
    await environment.close();
    environment = await createEmbeddedEnvironment({ folder });
    const again = await openLog();
    const values: string[] = [];
    const tail = await again.tail({
      from: [0],
      onRecords: (_, records) => void values.push(...records.map(({ value }) => value)),
      onGap: () => expect.unreachable('gap'),
    });
    await eventually(() => expect(values).toEqual(['', '', '', JSON.stringify(purge)]));
    await tail.close();
    expect((await openJournal(again).coverage(again.epoch))[0]).toEqual({ partition: 0, low: 0, high: 4 });
  });

  describe('a record that cannot be read', () => {
    async function withDamaged(text: string): Promise<{ readonly journal: EventJournal; readonly log: EventLog }> {
      const log = await openLog();
      const journal = openJournal(log);
      const reader = await follow(log, journal, 0);
      await append(log, 1, 4);
      await eventually(async () => expect((await journal.coverage(log.epoch))[0]?.high).toBe(3));
      await reader.close();
      const { records } = openLogTables(environment);
      const chunk = encodeChunk(prepareChunk([text]), [0]);
      await environment.transact(() => void records.put(recordKey(0, 1), chunk));
      return { journal, log };
    }

    it('is removed with the others when it is damaged, and so is what points to it', async () => {
      const { journal } = await withDamaged('{"cut');
      expect(await journal.retain(9e15, 100)).toBe(3);
      const table = environment.table<string>('log-records', { encoding: 'binary' });
      expect(await environment.read(() => table.getKeysCount())).toBe(0);
    });

    it('R14 is erased with the others of its entity when it is damaged', async () => {
      const { journal, log } = await withDamaged('{"cut');
      await journal.erase([{ tenant: 'acme', urn, beforeVersion: 4 }]);
      expect(await readAll(journal, log)).toEqual([]);
    });

    it('R4 is not removed, nor are those before it, when a newer release has written it', async () => {
      const newer = { ...sampleEvent(sampleAsset('acme', urn, { version: 2 })), v: 99 };
      const { journal, log } = await withDamaged(JSON.stringify(newer));
      await expect(journal.retain(9e15, 100)).rejects.toThrow(NewerForm);
      expect((await journal.coverage(log.epoch))[0]).toMatchObject({ low: 0, high: 3 });
    });

    it('is not left out of what is read: without it the past would have a gap that nobody is told of', async () => {
      const { journal, log } = await withDamaged('{"cut');
      await expect(readAll(journal, log)).rejects.toThrow(SyntaxError);
    });
  });

  it('takes no other epoch than the one of its log', async () => {
    const journal = createEmbeddedEventJournal({ environment, epoch: 'two' });
    await expect(journal.write([batch(0, 1)])).rejects.toMatchObject({ code: 'log-mismatch' });
    expect(await journal.coverage(sampleEpoch)).toEqual([]);
  });
});
