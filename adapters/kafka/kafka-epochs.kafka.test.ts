import { randomUUID } from 'node:crypto';
import type { Admin } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EpochChange, EventLog, LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { appendUntilOk } from '../contract/append-until-ok.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';

/** What a reader got: `urn version` once each, in the order of the first time, and the changes of epoch between. */
class Reader {
  readonly seen = new Set<string>();
  readonly changes: EpochChange[] = [];
  readonly gaps: unknown[] = [];
  readonly faults: string[] = [];
  tail: LogTail | undefined;

  async open(log: EventLog, options: Partial<TailOptions> = {}): Promise<this> {
    this.tail = await log.tail({
      from: Array.from({ length: log.partitionCount }, () => 0),
      onRecords: (_, records) => {
        for (const { value } of records) {
          const { subject, data } = JSON.parse(value) as HubEvent;
          this.seen.add(`${subject} ${data.version}`);
        }
      },
      onGap: (gap) => this.gaps.push(gap),
      onEpoch: (change) => void this.changes.push(change),
      onFault: ({ message }) => this.faults.push(message),
      ...options,
    });
    return this;
  }

  versionsOf(urn: string): readonly number[] {
    return [...this.seen].filter((each) => each.startsWith(`${urn} `)).map((each) => Number(each.split(' ')[1]));
  }
}

describeWithServices(['kafka'], 'epochs of a log in Kafka', ({ kafka: url }) => {
  const client = { brokers: url.split(','), clientId: 'test' };
  let options: KafkaEventLogOptions;
  let admin: Admin;
  const logs: EventLog[] = [];

  beforeEach(async () => {
    const topicPrefix = `t${randomUUID()}`;
    options = { ...client, topicPrefix, epochs: memoryEpochs(), partitionCount: 2, epochPollMs: 300 };
    admin = openKafka(client).admin();
    await admin.connect();
  });
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(options.topicPrefix));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
  });

  const open = async (overrides: Partial<KafkaEventLogOptions> = {}): Promise<EventLog> => {
    const log = await createKafkaEventLog({ ...options, ...overrides });
    logs.push(log);
    return log;
  };
  const topic = (epoch: number): string => `${options.topicPrefix}.events.${epoch}`;
  const remove = async (epoch: number): Promise<void> => {
    await admin.deleteTopics({ topics: [topic(epoch)] });
    await eventually(async () => expect(await admin.listTopics()).not.toContain(topic(epoch)));
  };

  describe('that an operator begins', () => {
    it('loses nothing and keeps the order, with two processes that read and write all the time', async () => {
      const [one, two] = [await open(), await open()];
      const readers = [await new Reader().open(one), await new Reader().open(two)];
      let isOver = false;
      const write = async (log: EventLog, urn: string): Promise<number> => {
        let version = 0;
        while (!isOver) await appendUntilOk(log, [event(urn, ++version)]);
        return version;
      };
      const writing = Promise.all([write(one, 'urn:a'), write(two, 'urn:b'), write(two, 'urn:c')]);
      for (const [log, partitionCount] of [
        [one, 5],
        [two, 1],
        [one, 3],
      ] as const) {
        const reached = readers[0]!.seen.size + 20;
        await eventually(() => expect(readers[0]!.seen.size).toBeGreaterThan(reached));
        await log.beginEpoch({ partitionCount });
      }
      await eventually(() => expect(readers[1]!.changes).toHaveLength(3));
      isOver = true;
      const last = await writing;
      for (const reader of readers) {
        for (const [index, urn] of ['urn:a', 'urn:b', 'urn:c'].entries()) {
          const all = Array.from({ length: last[index] ?? 0 }, (_, version) => version + 1);
          await eventually(() => expect(reader.versionsOf(urn)).toEqual(all), 30_000);
        }
        expect(reader.changes).toEqual([
          { epoch: '2', partitionCount: 5, complete: true },
          { epoch: '3', partitionCount: 1, complete: true },
          { epoch: '4', partitionCount: 3, complete: true },
        ]);
        expect(reader.gaps).toEqual([]);
      }
      expect([one.epoch, one.partitionCount, one.topic]).toEqual(['4', 3, topic(4)]);
    }, 120_000);

    it('appends again what went into the old topic when readers had already left it', async () => {
      const [knowing, unknowing] = [await open(), await open({ epochPollMs: 600_000 })];
      const reader = await new Reader().open(knowing);
      await appendUntilOk(unknowing, [event('urn:a', 1)]);
      await knowing.beginEpoch();
      await eventually(() => expect(reader.changes).toHaveLength(1));
      expect(unknowing.epoch).toBe('1');
      const results = await unknowing.append([event('urn:a', 2)]);
      expect(results).toMatchObject([{ ok: true, offset: 0 }]);
      expect(unknowing.epoch).toBe('2');
      await eventually(() => expect(reader.versionsOf('urn:a')).toEqual([1, 2]));
    });

    it('reads the old topic to its end first, however slow the reader is', async () => {
      const log = await open();
      let letGo = () => {};
      const held = new Promise<void>((resolve) => (letGo = resolve));
      const reader = new Reader();
      const order: string[] = [];
      await reader.open(log, {
        onRecords: async (_, records) => {
          await held;
          order.push(...records.map(({ value }) => String((JSON.parse(value) as HubEvent).data.version)));
        },
        onEpoch: ({ epoch, complete }) => void order.push(`epoch ${epoch} ${complete}`),
      });
      await appendUntilOk(log, [event('urn:a', 1)]);
      await appendUntilOk(log, [event('urn:a', 2), event('urn:a', 3)]);
      await log.beginEpoch();
      await appendUntilOk(log, [event('urn:a', 4)]);
      expect(order).toEqual([]);
      letGo();
      await eventually(() => expect(order).toEqual(['1', '2', '3', 'epoch 2 true', '4']));
    });

    it('is read from a position of an epoch that is over: the rest of that one first', async () => {
      const log = await open();
      await appendUntilOk(log, [event('urn:a', 1), event('urn:a', 2)]);
      await log.beginEpoch({ partitionCount: 3 });
      await appendUntilOk(log, [event('urn:a', 3)]);
      await log.beginEpoch({ partitionCount: 1 });
      await appendUntilOk(log, [event('urn:a', 4)]);
      const partition = (await admin.fetchTopicOffsets(topic(1))).find(({ high }) => high === '2')?.partition;
      const reader = await new Reader().open(log, {
        epoch: '1',
        from: [0, 1].map((each) => (each === partition ? 1 : 0)),
      });
      await eventually(() => expect(reader.versionsOf('urn:a')).toEqual([2, 3, 4]));
      expect(reader.changes.map(({ epoch, complete }) => [epoch, complete])).toEqual([
        ['2', true],
        ['3', true],
      ]);
    });
  });

  describe('that begins by itself', () => {
    /** Two processes that have read and written something. */
    const start = async (): Promise<{ logs: readonly EventLog[]; readers: readonly Reader[] }> => {
      const both = [await open(), await open()];
      const readers = [await new Reader().open(both[0]!), await new Reader().open(both[1]!)];
      for (const [index, log] of both.entries())
        await appendUntilOk(log, everyPartition(1 + index * 10, 5 + index * 10));
      for (const reader of readers) await eventually(() => expect(reader.seen.size).toBe(20));
      return { logs: both, readers };
    };
    const goesOn = async (both: readonly EventLog[], readers: readonly Reader[]): Promise<void> => {
      for (const [index, log] of both.entries())
        await appendUntilOk(log, everyPartition(100 + index * 10, 105 + index * 10));
      for (const reader of readers) {
        await eventually(() => expect(reader.changes).toEqual([{ epoch: '2', partitionCount: 2, complete: false }]));
        const wanted = everyPartition(100, 105).concat(everyPartition(110, 115));
        for (const { subject, data } of wanted)
          await eventually(() => expect(reader.seen).toContain(`${subject} ${data.version}`));
      }
      expect(both.map(({ epoch }) => epoch)).toEqual(['2', '2']);
    };

    it('when the topic was deleted', async () => {
      const { logs: both, readers } = await start();
      await remove(1);
      await goesOn(both, readers);
      expect(await admin.listTopics()).not.toContain(topic(1));
    }, 90_000);

    it('when the topic was deleted and nobody appends', async () => {
      const { logs: both, readers } = await start();
      await remove(1);
      for (const reader of readers) await eventually(() => expect(reader.changes).toHaveLength(1), 40_000);
      await goesOn(both, readers);
    }, 90_000);

    it('when the topic was deleted and made anew by somebody else', async () => {
      const { logs: both, readers } = await start();
      await remove(1);
      await eventually(async () => {
        await admin.createTopics({ topics: [{ topic: topic(1), numPartitions: 2 }], waitForLeaders: true });
      });
      await goesOn(both, readers);
    }, 90_000);

    it('for a process that only appends, when its offsets go back', async () => {
      const log = await open({ epochPollMs: 600_000 });
      const topic1 = topic(1);
      await appendUntilOk(log, everyPartition(1, 5));
      await remove(1);
      await eventually(async () => {
        await admin.createTopics({ topics: [{ topic: topic1, numPartitions: 2 }], waitForLeaders: true });
      });
      await appendUntilOk(log, everyPartition(6, 7));
      expect(log.epoch).toBe('2');
      expect((await log.ends()).reduce((sum, head) => sum + head, 0)).toBeGreaterThanOrEqual(4);
    }, 90_000);

    it('when the topic of the stored epoch is gone at the start', async () => {
      const before = await open();
      await appendUntilOk(before, everyPartition(1, 2));
      await before.close();
      await remove(1);
      const log = await open();
      expect([log.epoch, await options.epochs.read()]).toMatchObject(['2', { epoch: '2', after: '1', lost: true }]);
      expect(await admin.listTopics()).not.toContain(topic(1));
    });

    it('beside the topic of an older deployment, which is left alone', async () => {
      await appendUntilOk(await open(), everyPartition(1, 2));
      const fresh = await open({ epochs: memoryEpochs() });
      expect(fresh.epoch).toBe('2');
      expect(await fresh.ends()).toEqual([0, 0]);
    });
  });
});

function event(urn: string, version: number): HubEvent {
  return sampleEvent(sampleAsset('acme', urn, { version }));
}

function everyPartition(from: number, to: number): HubEvent[] {
  const versions = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return [0, 1].flatMap((partition) => versions.map((version) => event(urnIn(partition, 2, 'acme'), version)));
}
