import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import { eventually } from '../contract/eventually.ts';
import { registerEventLogTests } from '../contract/event-log.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from './embedded-environment.ts';
import { createEmbeddedEventLog } from './embedded-event-log.ts';

const clock = { now: () => Date.now() };

registerEventLogTests({
  name: 'embedded',
  isOneForever: true,
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-log-'));
    let environment = await createEmbeddedEnvironment({ folder });
    let log = await createEmbeddedEventLog({ environment, clock });
    const close = async () => {
      await log.close();
      await environment.close();
    };
    return {
      log,
      reopen: async () => {
        await close();
        environment = await createEmbeddedEnvironment({ folder });
        log = await createEmbeddedEventLog({ environment, clock });
        return log;
      },
      dispose: async () => {
        await close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

describe('embedded event log', () => {
  let folder: string;
  let environment: EmbeddedEnvironment;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-log-'));
    environment = await createEmbeddedEnvironment({ folder });
  });
  afterEach(async () => {
    await environment.close();
    await rm(folder, { recursive: true });
  });

  const events = (partition: number, count: number, name = 'orders') =>
    Array.from({ length: count }, (_, i) =>
      sampleEvent(sampleAsset('acme', urnIn(partition, 4, 'acme'), { version: i + 1, name })),
    );

  it('has 4 partitions unless told otherwise, and refuses another count or epoch later', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    expect(log.partitionCount).toBe(4);
    await expect(createEmbeddedEventLog({ environment, clock, partitionCount: 8 })).rejects.toMatchObject({
      code: 'log-mismatch',
    });
    await expect(createEmbeddedEventLog({ environment, clock, epoch: 'other' })).rejects.toMatchObject({
      code: 'log-mismatch',
    });
    const same = await createEmbeddedEventLog({ environment, clock, partitionCount: 4, epoch: log.epoch });
    expect(same.epoch).toBe(log.epoch);
  });

  it('reads at most 512 records and about 1 MiB at a time', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    await log.append(events(0, 1100));
    await log.append(events(1, 30, 'x'.repeat(100_000)));
    const batches: (readonly LogRecord[])[] = [];
    const tail = await log.tail({
      from: [0, 0, 0, 0],
      onRecords: (_, records) => void batches.push(records),
      onGap: () => undefined,
    });
    await eventually(() => expect(batches.flat()).toHaveLength(1130));
    const [small, large] = [0, 1].map((partition) => batches.filter((batch) => batch[0]?.partition === partition));
    expect(small?.map((batch) => batch.length)).toEqual([512, 512, 76]);
    const sizes = large?.map((batch) => batch.reduce((sum, { value }) => sum + value.length, 0)) ?? [];
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    await tail.close();
  });

  it('delivers a record larger than a batch alone', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    await log.append(events(0, 2, 'x'.repeat(1_500_000)));
    const sizes: number[] = [];
    const tail = await log.tail({
      from: [0],
      onRecords: (_, records) => void sizes.push(records.length),
      onGap: () => undefined,
    });
    await eventually(() => expect(sizes).toEqual([1, 1]));
    await tail.close();
  });

  it('gives the same records again after a consumer failed', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    const offsets: number[][] = [];
    const faults: Error[] = [];
    const tail = await log.tail({
      from: [0],
      onRecords: (_, records) => {
        offsets.push(records.map(({ offset }) => offset));
        if (offsets.length === 1) throw new Error('consumer broke');
      },
      onGap: () => undefined,
      onFault: (error) => faults.push(error),
    });
    await log.append(events(0, 2));
    await eventually(() =>
      expect(offsets).toEqual([
        [0, 1],
        [0, 1],
      ]),
    );
    expect(faults.map(({ message }) => message)).toEqual(['consumer broke']);
    await tail.close();
  });

  it('never goes back in append time, so that offsetsAt holds when the clock is set back', async () => {
    const times = [5000, 3000, 6000];
    const log = await createEmbeddedEventLog({ environment, clock: { now: () => times.shift() ?? 0 } });
    for (const event of events(0, 3)) await log.append([event]);
    const records: LogRecord[] = [];
    const tail = await log.tail({
      from: [0],
      onRecords: (_, batch) => void records.push(...batch),
      onGap: () => undefined,
    });
    await eventually(() => expect(records.map(({ appendedAtMs }) => appendedAtMs)).toEqual([5000, 5000, 6000]));
    expect((await log.offsetsAt(5001))[0]).toBe(2);
    await tail.close();
  });

  it('refuses a position that the log has not reached', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    await log.append(events(0, 1));
    const options = { onRecords: () => undefined, onGap: () => undefined };
    await expect(log.tail({ from: [2], ...options })).rejects.toMatchObject({ code: 'log-mismatch' });
  });

  it('shows a record only when it is flushed', async () => {
    let pending = Promise.resolve();
    const slowDisk: EmbeddedEnvironment = {
      folder,
      maxKeyBytes: environment.maxKeyBytes,
      turns: environment.turns,
      table: (name, options) => environment.table(name, options),
      read: (work) => environment.read(work),
      flushed: () => pending,
      close: () => environment.close(),
      transact: async (work) => {
        const result = await environment.transact(work);
        await pending;
        return result;
      },
    };
    const log = await createEmbeddedEventLog({ environment: slowDisk, clock });
    const [flushedEvent, committedEvent] = events(0, 2);
    await log.append(flushedEvent === undefined ? [] : [flushedEvent]);
    let flush: () => void = () => undefined;
    pending = new Promise((resolve) => {
      flush = resolve;
    });
    const appended = log.append(committedEvent === undefined ? [] : [committedEvent]);
    await eventually(async () =>
      expect((await (await createEmbeddedEventLog({ environment, clock })).ends())[0]).toBe(2),
    );
    const seen: number[] = [];
    let contacts = 0;
    const onRecords = (_: number, records: readonly LogRecord[]) =>
      void seen.push(...records.map(({ offset }) => offset));
    const tail = await log.tail({ from: [0], onRecords, onGap: () => undefined, onContact: () => void contacts++ });
    await eventually(() => expect(contacts).toBeGreaterThan(2));
    expect([(await log.ends())[0], seen]).toEqual([1, [0]]);
    flush();
    await appended;
    await eventually(() => expect(seen).toEqual([0, 1]));
    expect((await log.ends())[0]).toBe(2);
    await tail.close();
  });

  it('rejects with storage-unavailable when the environment is closed', async () => {
    const log = await createEmbeddedEventLog({ environment, clock });
    await environment.close();
    await expect(log.append(events(0, 1))).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(log.ends()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});
