import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { LogReader } from './log-reader.ts';

function readerOf(log: MemoryEventLog, readsBack: boolean, queued: () => void): LogReader {
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
  });
}

it('R12 a reader that need not read back is ready at the end of the log, and takes what comes after it', async () => {
  const log = new MemoryEventLog();
  const versions = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => sampleEvent(sampleAsset('acme', 'urn:a', { version: from + i })));
  await log.append(versions(1, 1000));
  const heads = await log.heads();
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
