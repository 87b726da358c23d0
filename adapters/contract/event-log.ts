import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EpochChange, EventLog, LogRecord, LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import { partitionOf } from '../../channels/ports/event-log.ts';
import { eventually } from './eventually.ts';
import { sampleAsset, sampleEvent, urnIn } from './samples.ts';

export interface OpenedLog {
  readonly log: EventLog;
  /** Closes the log and opens what it stored again, as a restarted process would. */
  readonly reopen: () => Promise<EventLog>;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

export interface EventLogSuite {
  readonly name: string;
  /** An empty log with at least 2 partitions. */
  readonly create: () => Promise<OpenedLog>;
  /** It never goes to another epoch. */
  readonly isOneForever?: boolean;
}

const tenant = 'acme';

function event(urn: string, version: number): HubEvent {
  return sampleEvent(sampleAsset(tenant, urn, { version }));
}

/** A tail that remembers what it was given. */
class Reader {
  readonly records: LogRecord[] = [];
  readonly calls: { readonly partition: number; readonly offsets: readonly number[] }[] = [];
  contacts = 0;
  gaps = 0;
  tail: LogTail | undefined;

  async open(log: EventLog, from: readonly number[], onRecords?: TailOptions['onRecords']): Promise<this> {
    this.tail = await log.tail({
      from,
      onRecords: async (partition, records) => {
        this.calls.push({ partition, offsets: records.map(({ offset }) => offset) });
        await onRecords?.(partition, records);
        this.records.push(...records);
      },
      onGap: () => void this.gaps++,
      onContact: () => void this.contacts++,
    });
    return this;
  }

  /** `subject version` of what came, per partition in order. */
  seen(partition?: number): string[] {
    const wanted = this.records.filter((record) => partition === undefined || record.partition === partition);
    return wanted.map(({ value }) => {
      const { subject, data } = JSON.parse(value) as HubEvent;
      return `${subject} ${data.version}`;
    });
  }
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function zeros(log: EventLog): number[] {
  return Array.from({ length: log.partitionCount }, () => 0);
}

async function appendAll(log: EventLog, events: readonly HubEvent[]): Promise<{ partition: number; offset: number }[]> {
  const results = await log.append(events);
  return results.map((result) => {
    if (!result.ok) throw result.error;
    return { partition: result.partition, offset: result.offset };
  });
}

/** What every event log must do. */
export function registerEventLogTests({ name, create, isOneForever = false }: EventLogSuite): void {
  describe(`event log: ${name}`, { timeout: 60_000 }, () => {
    let opened: OpenedLog;
    let log: EventLog;
    const tails: LogTail[] = [];

    beforeEach(async () => {
      opened = await create();
      log = opened.log;
    });
    afterEach(async () => {
      await Promise.all(tails.splice(0).map((tail) => tail.close()));
      await opened.dispose();
    });

    const read = async (
      from: readonly number[],
      onRecords?: TailOptions['onRecords'],
      source = log,
    ): Promise<Reader> => {
      const reader = await new Reader().open(source, from, onRecords);
      if (reader.tail !== undefined) tails.push(reader.tail);
      return reader;
    };
    const urn = (partition: number, serial = 0) => urnIn(partition, log.partitionCount, tenant, serial);
    const versions = (subject: string, from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => event(subject, from + index));

    it('gives contiguous offsets from 0 in each partition, one result per event in order', async () => {
      const results = await appendAll(log, [event(urn(0), 1), event(urn(1), 1), event(urn(0, 1), 1), event(urn(0), 2)]);
      expect(results).toEqual([
        { partition: 0, offset: 0 },
        { partition: 1, offset: 0 },
        { partition: 0, offset: 1 },
        { partition: 0, offset: 2 },
      ]);
      expect(await appendAll(log, [event(urn(1), 2)])).toEqual([{ partition: 1, offset: 1 }]);
    });

    it('puts every event of an entity into the partition that the partitioner names', async () => {
      const subjects = Array.from({ length: 20 }, (_, i) => `urn:gov:spread:${i}`);
      const results = await appendAll(
        log,
        subjects.flatMap((subject) => versions(subject, 1, 2)),
      );
      const expected = subjects.flatMap((subject) =>
        Array.from({ length: 2 }, () => partitionOf(tenant, subject, log.partitionCount)),
      );
      expect(results.map(({ partition }) => partition)).toEqual(expected);
    });

    it('takes an empty append', async () => {
      expect(await log.append([])).toEqual([]);
    });

    it('starts empty: heads and starts are 0', async () => {
      expect(await log.ends()).toEqual(zeros(log));
      expect(await log.starts()).toEqual(zeros(log));
    });

    it('moves the heads with every append', async () => {
      await appendAll(log, [...versions(urn(0), 1, 3), event(urn(1), 1)]);
      expect((await log.ends()).slice(0, 2)).toEqual([3, 1]);
      expect(await log.starts()).toEqual(zeros(log));
    });

    it('tails from the beginning, in order, with the text of each event', async () => {
      const events = versions(urn(0), 1, 5);
      await appendAll(log, events);
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.records).toHaveLength(5));
      expect(reader.records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
      expect(reader.records.map(({ value }) => JSON.parse(value) as HubEvent)).toEqual(events);
      expect(reader.gaps).toBe(0);
    });

    it('stamps records with the time of the append', async () => {
      const before = Date.now();
      await appendAll(log, [event(urn(0), 1)]);
      const after = Date.now();
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.records).toHaveLength(1));
      const at = reader.records[0]?.appendedAtMs ?? 0;
      expect(at).toBeGreaterThanOrEqual(before - 1000);
      expect(at).toBeLessThanOrEqual(after + 1000);
    });

    it('tails from a vector: nothing before it, everything after it', async () => {
      await appendAll(log, [...versions(urn(0), 1, 4), ...versions(urn(1), 1, 2)]);
      const reader = await read(zeros(log).map((_, partition) => [3, 1][partition] ?? 0));
      await eventually(() => expect(reader.records).toHaveLength(2));
      expect(reader.seen().toSorted()).toEqual([`${urn(0)} 4`, `${urn(1)} 2`].toSorted());
    });

    it('tails from the heads: only what is appended afterwards', async () => {
      await appendAll(log, versions(urn(0), 1, 3));
      const reader = await read(await log.ends());
      await appendAll(log, [event(urn(0), 4)]);
      await eventually(() => expect(reader.seen()).toEqual([`${urn(0)} 4`]));
    });

    it('loses and repeats nothing when appends go on while it reads', async () => {
      const reader = await read(zeros(log));
      for (let round = 0; round < 10; round++)
        await appendAll(log, versions(urn(round % 2), round * 20 + 1, round * 20 + 20));
      await eventually(() => expect(reader.records).toHaveLength(200));
      for (const partition of [0, 1]) {
        const offsets = reader.records.filter((record) => record.partition === partition).map(({ offset }) => offset);
        expect(offsets).toEqual(Array.from({ length: 100 }, (_, offset) => offset));
      }
    });

    it('keeps the order of concurrent appends within each of them', async () => {
      await Promise.all(Array.from({ length: 10 }, (_, i) => appendAll(log, versions(urn(0, i), 1, 20))));
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.records).toHaveLength(200));
      for (let i = 0; i < 10; i++) {
        const own = reader.seen().filter((text) => text.startsWith(`${urn(0, i)} `));
        expect(own).toEqual(Array.from({ length: 20 }, (_, version) => `${urn(0, i)} ${version + 1}`));
      }
    });

    it('delivers a long backlog in bounded batches', async () => {
      for (let round = 0; round < 3; round++)
        await appendAll(log, versions(urn(0), round * 400 + 1, round * 400 + 400));
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.records).toHaveLength(1200));
      expect(reader.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 1200 }, (_, offset) => offset));
    });

    it('delivers no more of a partition until the consumer is done (back-pressure)', async () => {
      const held = gate();
      const slow = await read(zeros(log), () => held.opened);
      await appendAll(log, [event(urn(0), 1)]);
      await eventually(() => expect(slow.calls).toHaveLength(1));
      await appendAll(log, versions(urn(0), 2, 10));
      const quick = await read(zeros(log));
      await eventually(() => expect(quick.records).toHaveLength(10));
      expect(slow.calls).toEqual([{ partition: 0, offsets: [0] }]);
      held.open();
      await eventually(() => expect(slow.records).toHaveLength(10));
      expect(slow.seen()).toEqual(quick.seen());
    });

    it('serves several tails independently', async () => {
      await appendAll(log, versions(urn(0), 1, 3));
      const [one, two] = [
        await read(zeros(log)),
        await read(zeros(log).map((_, partition) => (partition === 0 ? 2 : 0))),
      ];
      await eventually(() => expect(one.records).toHaveLength(3));
      await eventually(() => expect(two.records).toHaveLength(1));
      await one.tail?.close();
      await appendAll(log, [event(urn(0), 4)]);
      await eventually(() => expect(two.seen()).toEqual([`${urn(0)} 3`, `${urn(0)} 4`]));
      expect(one.records).toHaveLength(3);
    });

    it('waits for the running callback when a tail is closed, and calls none afterwards', async () => {
      const held = gate();
      const reader = await read(zeros(log), () => held.opened);
      await appendAll(log, [event(urn(0), 1)]);
      await eventually(() => expect(reader.calls).toHaveLength(1));
      let closed = false;
      const closing = reader.tail?.close().then(() => {
        closed = true;
      });
      await appendAll(log, versions(urn(0), 2, 3));
      const other = await read(zeros(log));
      await eventually(() => expect(other.records).toHaveLength(3));
      expect(closed).toBe(false);
      held.open();
      await closing;
      expect(reader.calls).toHaveLength(1);
    });

    it('keeps in contact while idle', async () => {
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.contacts).toBeGreaterThanOrEqual(3));
      expect(reader.calls).toEqual([]);
    });

    it('finds offsets by append time', async () => {
      await appendAll(log, versions(urn(0), 1, 2));
      const first = Date.now();
      await eventually(() => expect(Date.now()).toBeGreaterThan(first + 20));
      await appendAll(log, versions(urn(0), 3, 4));
      const reader = await read(zeros(log));
      await eventually(() => expect(reader.records).toHaveLength(4));
      const times = reader.records.map(({ appendedAtMs }) => appendedAtMs);
      expect((await log.offsetsAt(times[2] ?? 0))[0]).toBe(2);
      expect((await log.offsetsAt((times[1] ?? 0) + 1))[0]).toBe(2);
      expect((await log.offsetsAt(times[0] ?? 0))[0]).toBe(0);
      expect(await log.offsetsAt(0)).toEqual(await log.starts());
      expect(await log.offsetsAt(Date.now() + 86_400_000)).toEqual(await log.ends());
    });

    it('closes its tails when it is closed', async () => {
      const reader = await read(zeros(log));
      await appendAll(log, [event(urn(0), 1)]);
      await eventually(() => expect(reader.records).toHaveLength(1));
      const again = await opened.reopen();
      await appendAll(again, [event(urn(0), 2)]);
      const other = await read(zeros(again), undefined, again);
      await eventually(() => expect(other.records).toHaveLength(2));
      expect(reader.records).toHaveLength(1);
    });

    it('begins a new epoch that tails are told of, or says that it has only one', async () => {
      await appendAll(log, versions(urn(0), 1, 2));
      const { epoch } = log;
      const changes: EpochChange[] = [];
      const offsets: number[] = [];
      tails.push(
        await log.tail({
          from: zeros(log),
          onRecords: (_, records) => void offsets.push(...records.map(({ offset }) => offset)),
          onGap: () => expect.unreachable('gap'),
          onEpoch: (change) => void changes.push(change),
        }),
      );
      const begun = await log.beginEpoch().catch((error: unknown) => error);
      if (!isOneForever) expect(begun).toMatchObject({ after: epoch, lost: false });
      else expect(begun).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('one epoch') });
      expect(log.epoch === epoch).toBe(isOneForever);
      await appendAll(log, versions(urn(0), 3, 3));
      await eventually(() => expect(offsets).toEqual(isOneForever ? [0, 1, 2] : [0, 1, 0]));
      const { partitionCount } = log;
      expect(changes).toEqual(isOneForever ? [] : [{ epoch: log.epoch, partitionCount, complete: true }]);
    });

    it('keeps everything when it is opened again', async () => {
      await appendAll(log, [...versions(urn(0), 1, 30), ...versions(urn(1), 1, 3)]);
      const heads = await log.ends();
      const again = await opened.reopen();
      expect(again.epoch).toBe(log.epoch);
      expect(again.partitionCount).toBe(log.partitionCount);
      expect(await again.ends()).toEqual(heads);
      const reader = await read(zeros(again), undefined, again);
      await eventually(() => expect(reader.records).toHaveLength(33));
      expect(await appendAll(again, [event(urn(0), 31)])).toEqual([{ partition: 0, offset: 30 }]);
      await eventually(() =>
        expect(reader.seen(0)).toEqual(Array.from({ length: 31 }, (_, i) => `${urn(0)} ${i + 1}`)),
      );
    });
  });
}
