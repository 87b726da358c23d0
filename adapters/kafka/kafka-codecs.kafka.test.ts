import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';
import type { LogGap, LogRecord } from '../../channels/ports/event-log.ts';
import { kcat } from '../../test/harness/kafka-topics.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { maxInflatedBytes } from './codecs.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaConnectorSource } from './kafka-connector-source.ts';
import { KafkaTail } from './kafka-tail.ts';

describeWithServices(['kafka'], 'kafka codecs', ({ kafka: brokers }) => {
  const kafka = openKafka({ brokers: brokers.split(','), clientId: 'codecs' });
  const closing: (() => Promise<unknown>)[] = [];
  let admin: Admin;
  let topic: string;

  beforeEach(async () => {
    topic = `codecs-${randomUUID()}`;
    admin = kafka.admin();
    await admin.connect();
  });
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  const createTopic = (settings: Readonly<Record<string, string>> = {}): Promise<boolean> => {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    return admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
  };

  /** More than the hub inflates, in a batch that the broker takes. */
  const produceBomb = async (): Promise<void> => {
    const producer = kafka.producer();
    await producer.connect();
    closing.push(() => producer.disconnect());
    const value = Buffer.alloc(maxInflatedBytes + 1);
    await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages: [{ value }] });
  };

  const readAsConnector = async (): Promise<readonly SourceRecord[]> => {
    const taken: SourceRecord[] = [];
    const source = createKafkaConnectorSource({
      brokers: brokers.split(','),
      clientId: 'codecs',
      topic,
      groupId: `g-${topic}`,
    });
    closing.push(() => source.stop());
    await source.start({
      position: async () => (taken.length === 0 ? undefined : { next: taken.length }),
      onRefused: async () => expect.unreachable('refused'),
      onRecords: async (_, records) => void taken.push(...records),
      onGap: () => {},
      onFault: () => {},
    });
    return taken;
  };

  const valuesOf = (records: readonly { readonly value: Uint8Array | null | string }[]): readonly string[] =>
    records.map(({ value }) => Buffer.from(value ?? []).toString());

  it('a connector takes in what any client compresses in any way', async () => {
    await createTopic();
    const sent: string[] = [];
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'none']) {
      sent.push(`${codec} ${'text '.repeat(2000)}`);
      await kcat(brokers, topic, sent.at(-1) as string, { codec });
    }
    const taken = await readAsConnector();
    await eventually(() => expect(valuesOf(taken)).toEqual(sent));
  });

  it('I3: a connector hands on that a batch cannot be inflated, and what stands before and behind it', async () => {
    await createTopic();
    await kcat(brokers, topic, 'before');
    await produceBomb();
    await kcat(brokers, topic, 'behind');
    const taken = await readAsConnector();
    await eventually(() => expect(taken.map(({ offset }) => offset)).toEqual([0, 1, 2]));
    expect(valuesOf([taken[0] as SourceRecord, taken[2] as SourceRecord])).toEqual(['before', 'behind']);
    expect(taken[1]?.unreadable).toMatch(/^records 1 to 1, one batch with compression gzip, cannot be read/u);
    expect(taken[1]?.value?.length).toBeLessThan(1024 * 1024);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('a log that the broker compresses by %s is read', async (codec) => {
    await createTopic({ 'compression.type': codec });
    await kcat(brokers, topic, 'an event');
    const records: LogRecord[] = [];
    const tail = openTail(records, []);
    await eventually(() => expect(valuesOf(records)).toEqual(['an event']));
    expect(tail.vector).toEqual([1]);
  });

  it('D2: a batch of the log that cannot be inflated is a told hole, and the log goes on behind it', async () => {
    await createTopic();
    await kcat(brokers, topic, 'before');
    await produceBomb();
    await kcat(brokers, topic, 'behind');
    const [records, gaps] = [[] as LogRecord[], [] as LogGap[]];
    openTail(records, gaps);
    await eventually(() => expect(valuesOf(records)).toEqual(['before', 'behind']));
    expect(gaps).toEqual([{ partition: 0, expected: 1, found: 2 }]);
  });

  function openTail(records: LogRecord[], gaps: LogGap[]): KafkaTail {
    const tail = new KafkaTail({
      kafka,
      topic,
      partitionCount: 1,
      from: [0],
      ends: async () => (await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high)),
      onRecords: (_, some) => void records.push(...some),
      onGap: (gap) => void gaps.push(gap),
    });
    closing.push(() => tail.close());
    tail.start();
    return tail;
  }
});
