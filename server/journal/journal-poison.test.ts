import { NewerForm } from '../../channels/forms/form-of.ts';
import { forms } from '../../channels/forms/forms.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import type { JournalBatch } from '../../channels/ports/event-journal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { JournalWriter } from './journal-writer.ts';

/** Does not take events of these versions, and says so in this way. */
class PickyJournal extends MemoryEventJournal {
  readonly refused = new Set<number>();
  fault: Error = new TypeError('cannot read properties of null');

  override async write(batches: readonly JournalBatch[]): Promise<void> {
    const isRefused = batches.some(({ records }) => records.some(({ event }) => this.refused.has(event.data.version)));
    if (isRefused) throw this.fault;
    await super.write(batches);
  }
}

let log: MemoryEventLog;
let journal: PickyJournal;
const told: Error[] = [];
let metrics: Metrics;
let writer: JournalWriter;

beforeEach(() => {
  log = new MemoryEventLog();
  journal = new PickyJournal();
  metrics = createMetrics();
  const clock = { now: () => 1_000_000, elapsedMs: () => performance.now() };
  const every = { renewEveryMs: 10, upkeepEveryMs: 10 };
  writer = new JournalWriter({
    meta: new MemoryMeta(),
    log,
    journal,
    leases: journal,
    metrics,
    node: 'one',
    clock,
    logger: silentLogger,
    retentionMs: 60_000,
    onNewer: (error) => told.push(error),
    ...every,
  });
});
afterEach(() => writer.stop());

async function append(from: number, to: number): Promise<void> {
  log.nowMs = 1_000_000;
  const versions = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  await log.append(versions.map((version) => sampleEvent(sampleAsset('acme', 'urn:a', { version }))));
}
const coverage = async (): Promise<readonly unknown[]> => journal.coverage(log.epoch);

it.each([
  ['the store refuses for good', new HubError('limit-exceeded', 'too large')],
  ['nobody foresaw', new TypeError('cannot read properties of null')],
])('D2: a record with a fault that %s is a told hole; the journal goes on behind it', async (_, fault) => {
  journal.fault = fault;
  journal.refused.add(60);
  await append(1, 100);
  writer.start();
  await eventually(async () => expect(await coverage()).toEqual([{ partition: 0, low: 60, high: 100 }]));
  expect(await metricValue(metrics, 'journalHoles')).toBe(1);
  const records = await journal.read({
    epoch: log.epoch,
    partition: 0,
    from: 60,
    to: 100,
    tenant: 'acme',
    limit: 1000,
  });
  expect(records.map(({ event }) => event.data.version)).toEqual(Array.from({ length: 40 }, (__, i) => i + 61));
  await append(101, 103);
  await eventually(async () => expect(await coverage()).toEqual([{ partition: 0, low: 60, high: 103 }]));
});

it('the last record of the log with such a fault is a told hole as well', async () => {
  journal.refused.add(3);
  await append(1, 3);
  writer.start();
  await eventually(async () => expect(await coverage()).toEqual([{ partition: 0, low: 3, high: 3 }]));
});

it('a store that is away is no fault of a record: no hole, and it is seen that something waits', async () => {
  journal.fault = new HubError('storage-unavailable', 'away');
  journal.refused.add(2);
  await append(1, 3);
  writer.start();
  await eventually(() => expect(writer.watched[0]?.waits()).toBe(true));
  const before = writer.watched[0]?.progress();
  expect(await metricValue(metrics, 'journalHoles')).toBe(0);
  journal.refused.clear();
  await eventually(async () => expect(await coverage()).toEqual([{ partition: 0, low: 0, high: 3 }]));
  expect(writer.watched[0]?.progress()).not.toBe(before);
  await eventually(() => expect(writer.watched[0]?.waits()).toBe(false));
});

it('R4: an event of a newer release is not left out: nothing from it on is copied', async () => {
  const newer = { ...sampleEvent(sampleAsset('acme', 'urn:a', { version: 3 })), v: forms.event.reads + 1 };
  await append(1, 2);
  await log.append([newer]);
  await append(4, 5);
  writer.start();
  await eventually(() => expect(told).toEqual([expect.any(NewerForm)]));
  expect(await metricValue(metrics, 'journalHoles')).toBe(0);
  for (const { high } of (await coverage()) as readonly { readonly high: number }[]) expect(high).toBeLessThan(3);
});
