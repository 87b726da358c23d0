import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { type JournalRecord, journalLease } from '../../channels/ports/event-journal.ts';
import type { NewerForm } from '../../channels/forms/form-of.ts';
import { forms } from '../../channels/forms/forms.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger, noneIsNewer } from '../../test/harness/silence.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { JournalWriter, type JournalWriterOptions } from './journal-writer.ts';

const retentionMs = 60_000;

let nowMs: number;
let log: MemoryEventLog;
let journal: MemoryEventJournal;
let metrics: Metrics;
const writers: JournalWriter[] = [];

function writer(fields: Partial<JournalWriterOptions> = {}): JournalWriter {
  const made = new JournalWriter({
    meta: new MemoryMeta(),
    log,
    journal,
    leases: journal,
    metrics,
    node: 'one',
    clock: { now: () => nowMs, elapsedMs: () => nowMs },
    logger: silentLogger,
    retentionMs,
    onNewer: noneIsNewer,
    renewEveryMs: 10,
    upkeepEveryMs: 10,
    retainEveryMs: 0,
    ...fields,
  });
  writers.push(made);
  return made;
}

function started(fields: Partial<JournalWriterOptions> = {}): JournalWriter {
  const made = writer(fields);
  made.start();
  return made;
}

/** So many new versions of one entity. */
let version = 0;
async function append(count: number, urn = 'urn:a'): Promise<void> {
  log.nowMs = nowMs;
  await log.append(Array.from({ length: count }, () => sampleEvent(sampleAsset('acme', urn, { version: ++version }))));
}

function readAll(partition = 0): Promise<readonly JournalRecord[]> {
  return journal.read({ epoch: log.epoch, partition, from: 0, to: 1e6, tenant: 'acme', limit: 1e6 });
}
const covered = async (): Promise<readonly string[]> =>
  (await journal.coverage(log.epoch)).map(({ low, high }) => `${low}-${high}`);
const isCovered = (...expected: readonly string[]): Promise<void> =>
  eventually(async () => expect(await covered()).toEqual(expected));

beforeEach(() => {
  nowMs = 1_000_000;
  version = 0;
  log = new MemoryEventLog();
  journal = new MemoryEventJournal(() => nowMs);
  metrics = createMetrics();
});
afterEach(async () => {
  journal.failing = false;
  await Promise.all(writers.splice(0).map((each) => each.stop()));
});

describe('journal writer', () => {
  it('goes on in a new epoch of the log, which it covers from its beginning', async () => {
    const before = log.epoch;
    await append(3);
    started();
    await isCovered('0-3');
    await append(2);
    await log.beginEpoch({ partitionCount: 2 });
    await isCovered('0-0', '0-0');
    expect((await journal.coverage(before)).map(({ low, high }) => `${low}-${high}`)).toEqual(['0-5']);
    await append(2);
    await eventually(async () => expect((await readAll(0)).length + (await readAll(1)).length).toBe(2));
  });

  it('R14 erases what a purge asks to forget, from the journal and from what is written with the purge', async () => {
    started();
    await append(2);
    await isCovered('0-2');
    await append(1);
    await log.append([
      sampleEvent(sampleAsset('acme', 'urn:a', { version: ++version, status: 'purged' }), {
        type: 'gov.asset.purged.v1',
      }),
    ]);
    await isCovered('0-4');
    expect((await readAll()).map(({ offset }) => offset)).toEqual([3]);
    expect(journal.writes.flat().flatMap(({ records }) => records.map(({ offset }) => offset))).toContain(3);
  });

  it('covers what the log has, and what comes', async () => {
    await append(3);
    started();
    await isCovered('0-3');
    await append(2);
    await isCovered('0-5');
    const records = await readAll();
    expect(records.map(({ offset, event }) => [offset, event.data.version])).toEqual(
      Array.from({ length: 5 }, (_, offset) => [offset, offset + 1]),
    );
    expect(records.map(({ text }) => JSON.parse(text) as unknown)).toEqual(records.map(({ event }) => event));
    expect(await metricValue(metrics, 'journalRows')).toBe(5);
  });

  it('covers every partition, also one in which nothing happens', async () => {
    log = new MemoryEventLog(3);
    started();
    await isCovered('0-0', '0-0', '0-0');
  });

  it('writes much in bounded writes', async () => {
    log = new MemoryEventLog(4);
    started();
    await isCovered('0-0', '0-0', '0-0', '0-0');
    for (let i = 0; i < 20; i++) await append(60, `urn:${i}`);
    await eventually(async () => {
      const covers = (await journal.coverage(log.epoch)).map(({ high }) => high);
      expect(covers).toEqual(await log.ends());
    });
    const sizes = journal.writes.map((batches) => batches.reduce((sum, { records }) => sum + records.length, 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(250);
    expect(sizes.length).toBeLessThan(40);
  });

  it('goes on where the journal ends', async () => {
    await append(4);
    const first = started();
    await isCovered('0-4');
    await first.stop();
    await append(3);
    journal.writes.length = 0;
    started();
    await isCovered('0-7');
    expect(journal.writes.flat().map(({ from, to }) => [from, to])).toEqual([[4, 7]]);
  });

  it('begins where the log begins, or later with what is young enough to stay', async () => {
    await append(3);
    nowMs += retentionMs + 1;
    await append(2);
    started();
    await isCovered('3-5');
  });

  it('takes nothing more from the log before a write is durable, and keeps at it while the store is away', async () => {
    const taken: number[] = [];
    const tail = log.tail.bind(log);
    log.tail = (options) =>
      tail({
        ...options,
        onRecords: (partition, records) => {
          taken.push(records.length);
          return options.onRecords(partition, records);
        },
      });
    started();
    await isCovered('0-0');
    let release: () => void = () => undefined;
    journal.held = new Promise((resolve) => (release = resolve));
    await append(1);
    await eventually(() => expect(journal.writes.flat().some(({ to }) => to === 1)).toBe(true));
    await append(5);
    expect(taken).toEqual([1]);
    journal.failing = true;
    release();
    await eventually(() => expect(journal.writes.filter(([batch]) => batch?.to === 1).length).toBeGreaterThan(2));
    expect(taken).toEqual([1]);
    journal.failing = false;
    await isCovered('0-6');
  });

  it('begins when the store comes back', async () => {
    journal.failing = true;
    await append(2);
    started();
    await eventually(async () => expect(await metricValue(metrics, 'journalWriting')).toBe(0));
    journal.failing = false;
    await isCovered('0-2');
  });

  it('covers anew behind a hole that the log has before its events were written', async () => {
    started();
    await append(2);
    await isCovered('0-2');
    log.paused = true;
    await append(4);
    log.lose(0, 5);
    log.paused = false;
    log.wake();
    await isCovered('5-6');
    expect(await metricValue(metrics, 'journalHoles')).toBe(1);
  });

  it('covers anew behind a hole that it finds at the start', async () => {
    await append(2);
    const first = started();
    await isCovered('0-2');
    await first.stop();
    await append(3);
    log.lose(0, 4);
    started();
    await isCovered('4-5');
    expect(await metricValue(metrics, 'journalHoles')).toBe(1);
  });

  it('leaves writing to the one that holds the claim, and takes over when that one is gone', async () => {
    expect(await journal.lease(journalLease).take('other', 10_000)).toBe(true);
    started();
    await append(2);
    await eventually(async () => expect(await metricValue(metrics, 'journalLag')).toBe(2));
    expect([journal.writes, await metricValue(metrics, 'journalWriting')]).toEqual([[], 0]);
    nowMs += 10_001;
    await isCovered('0-2');
    expect(await metricValue(metrics, 'journalWriting')).toBe(1);
  });

  it('hands over at once when it stops', async () => {
    const first = started();
    await isCovered('0-0');
    started({ node: 'two' });
    await append(1);
    await isCovered('0-1');
    await first.stop();
    expect(await journal.lease(journalLease).holder()).not.toBe('one');
    await append(1);
    await isCovered('0-2');
    expect(await journal.lease(journalLease).holder()).toBe('two');
  });

  it('stops writing when another has taken the claim', async () => {
    started({ claimMs: 1000 });
    await isCovered('0-0');
    journal.failing = true;
    nowMs += 2000;
    await eventually(async () => expect(await metricValue(metrics, 'journalWriting')).toBe(0));
    journal.failing = false;
    await journal.lease(journalLease).take('other', 1e9);
    await eventually(async () => expect(await metricValue(metrics, 'journalWriting')).toBe(0));
    journal.writes.length = 0;
    await append(1);
    await eventually(async () => expect(await metricValue(metrics, 'journalLag')).toBe(1));
    expect(journal.writes).toEqual([]);
  });

  it('stops within a write that the store does not take', async () => {
    const made = started();
    await isCovered('0-0');
    journal.failing = true;
    await append(1);
    await eventually(() => expect(journal.writes.flat().some(({ to }) => to === 1)).toBe(true));
    await made.stop();
    journal.failing = false;
    expect(await covered()).toEqual(['0-0']);
  });

  it('removes what is older than the retention, all of it, and tells the age of the rest', async () => {
    for (let i = 0; i < 3; i++) await append(900);
    started({ retainEveryMs: 60_000 });
    await isCovered('0-2700');
    nowMs += 30_000;
    await append(2);
    await isCovered('0-2702');
    nowMs += 30_001;
    await isCovered('2700-2702');
    expect(await readAll()).toHaveLength(2);
    await eventually(async () => expect(await metricValue(metrics, 'journalOldestAge')).toBe(30.001));
  });

  it('removes nothing without the claim', async () => {
    await append(1);
    const first = started();
    await isCovered('0-1');
    await first.stop();
    await journal.lease(journalLease).take('other', 1e9);
    nowMs += retentionMs * 2;
    started();
    await append(1);
    await eventually(async () => expect(await metricValue(metrics, 'journalLag')).toBe(1));
    expect(await covered()).toEqual(['0-1']);
  });
});

describe('removal of what is old', () => {
  it('R4: does not begin where a newer release has declared what this one does not read', async () => {
    const meta = new MemoryMeta();
    const newer: NewerForm[] = [];
    await append(3);
    started({ meta, onNewer: (error) => newer.push(error) });
    await isCovered('0-3');
    await meta.putMetaIfAbsent('forms', JSON.stringify({ event: forms.event.reads + 1 }));
    nowMs += 2 * retentionMs;
    await eventually(() => expect(newer.length).toBeGreaterThan(0));
    expect([await covered(), (await readAll()).length]).toEqual([['0-3'], 3]);
  });
});
