import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog, LogGap, LogTail } from '../../channels/ports/event-log.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { registerEventLogTests } from '../contract/event-log.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';

describeWithServices(['kafka'], 'with Kafka', ({ kafka: url }) => {
  const brokers = url.split(',');

  registerEventLogTests({
    name: 'kafka',
    create: async () => {
      const options = { brokers, clientId: 'test', topicPrefix: `t${randomUUID()}`, epoch: 'e1', partitionCount: 3 };
      let log = await createKafkaEventLog(options);
      return {
        log,
        reopen: async () => {
          await log.close();
          log = await createKafkaEventLog(options);
          return log;
        },
        dispose: async () => {
          await log.close();
          await removeTopic(openKafka({ brokers, clientId: 'test' }), `${options.topicPrefix}.events.e1`);
        },
      };
    },
  });

  describe('kafka event log', () => {
    const kafka = openKafka({ brokers, clientId: 'test' });
    let options: KafkaEventLogOptions;
    let topic: string;
    let log: EventLog;
    let offsets: number[];
    let gaps: LogGap[];
    let faults: Error[];

    beforeEach(async () => {
      options = { brokers, clientId: 'test', topicPrefix: `t${randomUUID()}`, epoch: 'e1', partitionCount: 2 };
      topic = `${options.topicPrefix}.events.e1`;
      [offsets, gaps, faults] = [[], [], []];
      log = await createKafkaEventLog(options);
    });

    afterEach(async () => {
      await log.close();
      await removeTopic(kafka, topic);
    });

    const tailFrom = (from: number): Promise<LogTail> =>
      log.tail({
        from: [from, 0],
        onRecords: (partition, records) => {
          if (partition === 0) offsets.push(...records.map(({ offset }) => offset));
        },
        onGap: (gap) => gaps.push(gap),
        onFault: (error) => faults.push(error),
      });

    it('refuses a topic with another number of partitions', async () => {
      await expect(createKafkaEventLog({ ...options, partitionCount: 5 })).rejects.toMatchObject({
        code: 'log-mismatch',
        message: expect.stringContaining('has 2 partitions'),
      });
    });

    it('says that the storage is unavailable when no broker answers', async () => {
      const opening = createKafkaEventLog({ ...options, brokers: ['127.0.0.1:9'] });
      await expect(opening).rejects.toMatchObject({ code: 'storage-unavailable', retryable: true });
    });

    it('refuses work after it was closed', async () => {
      await log.close();
      await expect(log.append(versions(1, 1))).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    it('tells of the hole when the first records wanted are gone, before what follows it', async () => {
      await log.append(versions(1, 10));
      await deleteBefore(kafka, topic, 6);
      await tailFrom(2);
      await eventually(() => expect(offsets).toEqual([6, 7, 8, 9]));
      expect(gaps).toEqual([{ partition: 0, expected: 2, found: 6 }]);
      expect(await log.starts()).toEqual([6, 0]);
    });

    it('reads on without loss or repetition when its group is rebalanced', async () => {
      await tailFrom(0);
      await log.append(versions(1, 10));
      await eventually(() => expect(offsets).toHaveLength(10));
      const intruder = kafka.consumer({ groupId: await groupOf(kafka, topic), allowAutoTopicCreation: false });
      await intruder.connect();
      await intruder.subscribe({ topic });
      const joined = new Promise((resolve) => intruder.on(intruder.events.GROUP_JOIN, resolve));
      await intruder.run({ autoCommit: false, eachBatch: async () => {} });
      await joined;
      await log.append(versions(11, 20));
      await intruder.disconnect();
      await log.append(versions(21, 30));
      await eventually(() => expect(offsets).toHaveLength(30));
      expect(offsets).toEqual(Array.from({ length: 30 }, (_, offset) => offset));
      expect(gaps).toEqual([]);
    });

    it('delivers again what the reader could not take', async () => {
      let attempts = 0;
      await log.append(versions(1, 3));
      await log.tail({
        from: [0, 0],
        onRecords: (_, records) => {
          if (attempts++ === 0) throw new Error('not now');
          offsets.push(...records.map(({ offset }) => offset));
        },
        onGap: () => {},
        onFault: (error) => faults.push(error),
      });
      await eventually(() => expect(offsets).toEqual([0, 1, 2]));
      expect(faults.map(({ message }) => message)).toEqual(['not now']);
    });

    it('stops with log-mismatch when the topic was deleted and made anew', async () => {
      await log.append(versions(1, 5));
      await tailFrom(0);
      await eventually(() => expect(offsets).toHaveLength(5));
      await removeTopic(kafka, topic);
      const again = await eventuallyOpen(options);
      await again.append(versions(100, 110));
      await eventually(() => expect(faults).toContainEqual(expect.objectContaining({ code: 'log-mismatch' })));
      await again.close();
      expect(offsets).toEqual([0, 1, 2, 3, 4]);
    });

    it('does not bring a deleted topic back by reading or appending', async () => {
      await tailFrom(0);
      await removeTopic(kafka, topic);
      const results = await log.append(versions(1, 2));
      expect(results.map(({ ok }) => ok)).toEqual([false, false]);
      expect(await topicsOf(kafka)).not.toContain(topic);
    });
  });
});

const subject = urnIn(0, 2, 'acme');

function versions(from: number, to: number): HubEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    sampleEvent(sampleAsset('acme', subject, { version: from + i })),
  );
}

async function withAdmin<T>(kafka: Kafka, work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function removeTopic(kafka: Kafka, topic: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
    await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
  });
}

function topicsOf(kafka: Kafka): Promise<readonly string[]> {
  return withAdmin(kafka, (admin) => admin.listTopics());
}

async function deleteBefore(kafka: Kafka, topic: string, offset: number): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    // kafkajs must know the topic before it can find the leader of the partition.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${offset}` }] });
  });
}

async function groupOf(kafka: Kafka, topic: string): Promise<string> {
  const { groups } = await withAdmin(kafka, (admin) => admin.listGroups());
  const found = groups.find(({ groupId }) => groupId.startsWith(`${topic}.tail.`));
  if (found === undefined) throw new Error('the tail has no group');
  return found.groupId;
}

/** The broker goes on refusing a name for a moment after its deletion. */
async function eventuallyOpen(options: KafkaEventLogOptions): Promise<EventLog> {
  let log: EventLog | undefined;
  await eventually(async () => {
    log = await createKafkaEventLog(options);
  });
  return log!;
}
