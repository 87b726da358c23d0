import { NewerForm } from '../../../channels/forms/form-of.ts';
import { forms } from '../../../channels/forms/forms.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { noneIsNewer } from '../../../test/harness/silence.ts';
import { describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { LogReader } from './log-reader.ts';

function readerOf(
  log: MemoryEventLog,
  readsBack: boolean,
  queued: () => void,
  onNewer: (error: Error) => void = noneIsNewer,
): LogReader {
  const nothing = (): void => undefined;
  return new LogReader({
    log,
    readsBack,
    ringLimits: { maxBytes: 1e7, maxAgeMs: 300_000 },
    now: () => Date.now(),
    elapsedMs: () => performance.now(),
    onQueued: queued,
    onGap: () => expect.unreachable('gap'),
    onEpoch: nothing,
    onContact: nothing,
    onFault: nothing,
    onNewer,
  });
}

it('R12 a reader that need not read back is ready at the end of the log, and takes what comes after it', async () => {
  const log = new MemoryEventLog();
  const versions = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => sampleEvent(sampleAsset('acme', 'urn:a', { version: from + i })));
  await log.append(versions(1, 1000));
  const heads = await log.ends();
  let isQueued: () => void = () => undefined;
  const queued = new Promise<void>((resolve) => (isQueued = resolve));
  const reader = readerOf(log, false, () => isQueued());
  // nobody takes what is queued: it would not be ready if it waited for the past
  await reader.start();
  expect(reader.vector).toEqual(heads);
  expect(reader.ring.floors).toEqual(heads);
  expect(reader.queued).toBe(0);
  await log.append(versions(1000, 1001));
  await queued;
  const { entries, done } = reader.next(10, 1e6);
  expect(entries.map(({ event }) => event.data.version)).toEqual([1000]);
  done();
  await reader.stop();
});

describe('an event of a newer release', () => {
  const ours = (version: number) => sampleEvent(sampleAsset('acme', 'urn:a', { version }));
  const newer = { ...ours(2), v: forms.event.reads + 1 };

  it('R4 is not read, nor what follows: what stands before it is handed over, and the position stays there', async () => {
    const log = new MemoryEventLog(1);
    const told: Error[] = [];
    const reader = readerOf(
      log,
      false,
      () => undefined,
      (error) => told.push(error),
    );
    await reader.start();
    await log.append([ours(1), newer, ours(3)]);
    await eventually(() => expect(reader.queued).toBe(3));
    const portion = reader.next(10, 1e6);
    expect(portion.entries.map(({ event }) => event.data.version)).toEqual([1]);
    portion.done();
    expect(told).toEqual([expect.any(NewerForm)]);
    expect(reader.vector).toEqual([1]);
    await log.append([ours(4)]);
    expect([reader.queued, reader.next(10, 1e6).entries]).toEqual([0, []]);
    expect(reader.vector).toEqual([1]);
    await reader.stop();
  });

  it('R4 keeps a node from starting', async () => {
    const log = new MemoryEventLog(1);
    log.nowMs = Date.now();
    await log.append([newer]);
    const reader = readerOf(
      log,
      true,
      () => reader.next(10, 1e6).done(),
      () => undefined,
    );
    await expect(reader.start()).rejects.toThrow(NewerForm);
    await reader.stop();
  });
});
