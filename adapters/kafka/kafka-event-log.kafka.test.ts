import { randomUUID } from 'node:crypto';
import kafkajs, { type Kafka } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog, LogGap, LogTail } from '../../channels/ports/event-log.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { registerEventLogTests } from '../contract/event-log.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';

describeWithServices(['kafka'], 'with Kafka', ({ kafka: url }) => {
  const brokers = url.split(',');

  registerEventLogTests({
    name: 'kafka',
    create: async () => {
      const options = {
        brokers,
        clientId: 'test',
        topicPrefix: `t${randomUUID()}`,
        epochs: memoryEpochs(),
        partitionCount: 3,
      };
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
          for (const epoch of ['1', '2'])
            await removeTopic(openKafka({ brokers, clientId: 'test' }), `${options.topicPrefix}.events.${epoch}`);
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
      options = {
        brokers,
        clientId: 'test',
        topicPrefix: `t${randomUUID()}`,
        epochs: memoryEpochs(),
        partitionCount: 2,
      };
      topic = `${options.topicPrefix}.events.1`;
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
      await log.close();
      await withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] }));
      await expect(createKafkaEventLog(options)).rejects.toMatchObject({
        code: 'log-mismatch',
        message: expect.stringContaining('has 5 partitions'),
      });
    });

    it('takes a log that it cannot find for misplaced, not for lost, when the settings lead elsewhere', async () => {
      await log.close();
      await expect(createKafkaEventLog({ ...options, topicPrefix: 'elsewhere' })).rejects.toMatchObject({
        code: 'log-mismatch',
        message: expect.stringContaining('PURSIGHT_TOPIC_PREFIX'),
      });
      expect(await options.epochs.read()).toMatchObject({ epoch: '1' });
    });

    /** What a new log topic sets itself, whatever the cluster's defaults are. */
    const ownSettings = async (
      replicationFactor: number,
      fields: Partial<KafkaEventLogOptions> = {},
    ): Promise<Readonly<Record<string, string>>> => {
      const topicPrefix = `t${randomUUID()}`;
      const created = await createKafkaEventLog({
        ...options,
        epochs: memoryEpochs(),
        topicPrefix,
        replicationFactor,
        ...fields,
      });
      await created.close();
      const { resources } = await withAdmin(kafka, (admin) =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: `${topicPrefix}.events.1` }],
        }),
      );
      await removeTopic(kafka, `${topicPrefix}.events.1`);
      const entries = resources[0]?.configEntries ?? [];
      const own = entries.filter(({ isDefault, configSource }) => isDefault === false && String(configSource) === '1');
      return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
    };

    it('sets no min.insync.replicas of its own where the cluster chooses the replicas', async () => {
      expect(await ownSettings(-1)).not.toHaveProperty(['min.insync.replicas']);
      expect(await ownSettings(1)).toHaveProperty(['min.insync.replicas'], '1');
    });

    it('keeps records for the time that is wanted, whatever the broker has as its default', async () => {
      expect(await ownSettings(1, { retentionMs: 86_400_000 })).toMatchObject({
        'retention.ms': '86400000',
        'retention.bytes': '-1',
        'compression.type': 'producer',
        'cleanup.policy': 'delete',
      });
      expect(await ownSettings(1)).toMatchObject({ 'retention.ms': '-1' });
    });

    it('never lets a replica lead that lacks what was confirmed', async () => {
      expect(await ownSettings(1)).toHaveProperty(['unclean.leader.election.enable'], 'false');
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
