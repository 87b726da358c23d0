import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, Message, Producer } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type {
  ConnectorSource,
  ConnectorSourceOptions,
  SourceRecord,
  StoredProgress,
} from '../../channels/ports/connector-source.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaConnectorSource } from './kafka-connector-source.ts';
import { markOf } from './source-mark.ts';

describeWithServices(['kafka'], 'kafka connector source', ({ kafka: url }) => {
  const brokers = url.split(',');
  const kafka = openKafka({ brokers, clientId: 'test' });
  // Made anew for each test: a client that has ever used a topic fails for all topics once that one is deleted.
  let producer: Producer;
  let admin: Admin;
  const open: ConnectorSource[] = [];
  /** What the store would know: the next offset by partition. */
  let stored: Map<number, StoredProgress>;
  let taken: { readonly partition: number; readonly record: SourceRecord }[];
  let faults: Error[];
  let gaps: unknown[];
  let refusals: string[];
  let topic: string;

  beforeEach(async () => {
    [stored, taken, faults, gaps, refusals] = [new Map(), [], [], [], []];
    topic = `source-${randomUUID()}`;
    producer = kafka.producer({
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    admin = kafka.admin();
    await Promise.all([producer.connect(), admin.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.stop()));
    await admin.deleteTopics({ topics: [topic] });
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  const begin = async (overrides: Partial<ConnectorSourceOptions> = {}): Promise<ConnectorSource> => {
    const source = createKafkaConnectorSource({
      brokers,
      clientId: 'test',
      topic,
      groupId: `g-${topic}`,
      retryPauseMs: 50,
    });
    open.push(source);
    await source.start({
      position: async (partition) => stored.get(partition),
      onRefused: async (partition, reason) => {
        refusals.push(reason);
        stored.set(partition, { next: 0, ...stored.get(partition), refused: reason });
      },
      onRecords: async (partition, records) => take(partition, records),
      onGap: (gap) => gaps.push(gap),
      onFault: (error) => faults.push(error),
      ...overrides,
    });
    return source;
  };

  const take = (partition: number, records: readonly SourceRecord[]): void => {
    taken.push(...records.map((record) => ({ partition, record })));
    const last = records.at(-1);
    if (last !== undefined) stored.set(partition, { next: last.offset + 1, mark: markOf(last) });
  };

  const send = async (partition: number, ...values: (string | null)[]): Promise<void> => {
    await producer.send({ topic, messages: values.map((value): Message => ({ partition, key: 'k', value })) });
  };
  const offsetsIn = (wanted: number): number[] =>
    taken.filter(({ partition }) => partition === wanted).map(({ record }) => record.offset);

  it('reads from the beginning when nothing is stored, with key, headers, tombstones and time', async () => {
    await producer.send({
      topic,
      messages: [
        { partition: 0, key: 'k', value: 'v', headers: { 'Content-Type': 'text/plain', twice: ['a', 'b'] } },
        { partition: 0, key: null, value: null },
      ],
    });
    await begin();
    await eventually(() => expect(taken).toHaveLength(2));
    const [first, second] = taken.map(({ record }) => record);
    expect(first).toMatchObject({ offset: 0, key: 'k', headers: { 'content-type': 'text/plain', twice: 'b' } });
    expect(Buffer.from(first?.value ?? []).toString()).toBe('v');
    expect(Math.abs(Date.now() - (first?.timestampMs ?? 0))).toBeLessThan(60_000);
    expect(second).toMatchObject({ offset: 1, key: null, value: null, headers: {} });
  });

  it('reads from the stored position, whatever the group has committed', async () => {
    await send(0, 'a', 'b', 'c', 'd');
    const first = await begin();
    await eventually(() => expect(offsetsIn(0)).toEqual([0, 1, 2, 3]));
    await first.stop();
    stored.set(0, { next: 2 });
    taken = [];
    await begin();
    await eventually(() => expect(offsetsIn(0)).toEqual([2, 3]));
  });

  it('repeats a batch that failed, keeps the order, and does not hold the other partition up', async () => {
    let refuse = true;
    const attempts: number[][] = [];
    await begin({
      onRecords: async (partition, records) => {
        if (partition === 0) attempts.push(records.map(({ offset }) => offset));
        if (partition === 0 && refuse) throw new Error('store away');
        take(partition, records);
      },
    });
    await send(0, 'a', 'b');
    await eventually(() => expect(attempts.length).toBeGreaterThanOrEqual(2));
    await send(1, 'x');
    await eventually(() => expect(offsetsIn(1)).toEqual([0]));
    await send(0, 'c');
    refuse = false;
    await eventually(() => expect(offsetsIn(0)).toEqual([0, 1, 2]));
    expect(attempts.every(([first]) => first === 0 || first === 2)).toBe(true);
    expect(faults[0]?.message).toBe('store away');
  });

  it('shares the partitions with a second process and hands over without loss or repetition', async () => {
    const busy = new Map<number, number>();
    const overlaps: number[] = [];
    const onRecords: ConnectorSourceOptions['onRecords'] = async (partition, records) => {
      busy.set(partition, (busy.get(partition) ?? 0) + 1);
      if ((busy.get(partition) ?? 0) > 1) overlaps.push(partition);
      await new Promise((resolve) => setImmediate(resolve));
      take(partition, records);
      busy.set(partition, (busy.get(partition) ?? 0) - 1);
    };
    const first = await begin({ onRecords });
    await send(0, 'a');
    await send(1, 'a');
    await eventually(() => expect(taken).toHaveLength(2));
    const second = await begin({ onRecords });
    await eventually(async () => {
      const assigned = [...(await first.lag()), ...(await second.lag())].map(({ partition }) => partition);
      expect(new Set(assigned)).toEqual(new Set([0, 1]));
      expect(await second.lag()).toHaveLength(1);
    });
    for (let i = 0; i < 10; i++) await Promise.all([send(0, `${i}`), send(1, `${i}`)]);
    await eventually(() => expect(taken).toHaveLength(22));
    await first.stop();
    await Promise.all([send(0, 'z'), send(1, 'z')]);
    await eventually(() => expect(taken).toHaveLength(24));
    const all = Array.from({ length: 12 }, (_, offset) => offset);
    expect([offsetsIn(0), offsetsIn(1)]).toEqual([all, all]);
    expect(overlaps).toEqual([]);
  });

  it('I2: tells of records that the source has deleted before they were read', async () => {
    await send(0, 'a', 'b', 'c', 'd');
    await deleteBefore(kafka, topic, 3);
    stored.set(0, { next: 1 });
    await begin();
    await eventually(() => expect(offsetsIn(0)).toEqual([3]));
    expect(gaps).toEqual([{ partition: 0, expected: 1, found: 3 }]);
  });

  it('I2: refuses a topic that is shorter than what was read of it, instead of passing records over', async () => {
    await send(0, 'a');
    stored.set(0, { next: 5 });
    await begin();
    await eventually(() => expect(faults).toContainEqual(expect.objectContaining({ code: 'log-mismatch' })));
    expect(taken).toEqual([]);
  });

  /** Deletes the topic and creates it again under its name. */
  const recreate = async (...values: readonly string[]): Promise<void> => {
    await admin.deleteTopics({ topics: [topic] });
    await Promise.all([producer.disconnect(), admin.disconnect()]);
    admin = kafka.admin();
    producer = kafka.producer({ createPartitioner: () => () => 0 });
    await Promise.all([producer.connect(), admin.connect()]);
    await eventually(async () => {
      expect(await admin.listTopics()).not.toContain(topic);
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
    });
    await eventually(() => send(0, ...values));
  };
  const valuesIn = (): readonly string[] => taken.map(({ record }) => Buffer.from(record.value ?? []).toString());

  it.each([
    ['is longer', ['x', 'y', 'z', 'v', 'w']],
    ['is as long', ['x', 'y', 'z']],
    ['is shorter', ['x']],
  ])('I2: refuses a topic that was created again and %s, until an operator decides', async (_, values) => {
    await send(0, 'a', 'b', 'c');
    const first = await begin();
    await eventually(() => expect(valuesIn()).toEqual(['a', 'b', 'c']));
    await first.stop();
    await recreate(...values);
    const second = await begin();
    await eventually(() => expect(refusals).toHaveLength(1));
    expect(refusals[0]).toMatch(/pursight connectors reset/u);
    await send(0, 'more', 'and more', 'and even more', 'and more than ever');
    await second.stop();
    await begin();
    await eventually(() => expect(faults.filter(({ message }) => message === refusals[0]).length).toBeGreaterThan(2));
    expect(valuesIn()).toEqual(['a', 'b', 'c']);
    stored.delete(0);
    await eventually(() => expect(valuesIn().slice(3, 3 + values.length)).toEqual(values));
  });

  it('I2: notices while it reads that the topic is created again', async () => {
    await send(0, 'a', 'b', 'c');
    await begin();
    await eventually(() => expect(valuesIn()).toEqual(['a', 'b', 'c']));
    await recreate('x', 'y', 'z', 'v', 'w');
    await eventually(() => expect(refusals).toHaveLength(1), 60_000);
    expect(valuesIn()).toEqual(['a', 'b', 'c']);
  });

  it('I2: notices that the topic is created again while it takes a batch in', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const begun = new Promise<void>((resolve) => {
      void begin({
        onRecords: async (partition, records) => {
          resolve();
          await held;
          take(partition, records);
        },
      });
    });
    await send(0, 'a', 'b', 'c');
    await begun;
    await recreate('x', 'y', 'z', 'v', 'w');
    letGo();
    await eventually(() => expect(refusals).toHaveLength(1), 60_000);
    expect(valuesIn()).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['compact', 0],
    ['delete', 1],
  ])(
    'I2: the record before a position may be gone where the topic is for %s: refused %i times',
    async (policy, times) => {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries: [{ name: 'cleanup.policy', value: policy }] }],
      });
      // the controller has it before the broker does, which may still say what it was
      await eventually(async () => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: topic, configNames: ['cleanup.policy'] }],
        });
        expect(resources[0]?.configEntries).toContainEqual(expect.objectContaining({ configValue: policy }));
      });
      const writer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
      await writer.connect();
      const transaction = await writer.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, key: 'k', value: 'a' }] });
      await transaction.commit();
      await writer.disconnect();
      // at 1 is the end of the transaction, which nobody is shown; the broker writes it after it has answered the commit
      await eventually(async () =>
        expect(await admin.fetchTopicOffsets(topic)).toContainEqual(
          expect.objectContaining({ partition: 0, high: '2' }),
        ),
      );
      await send(0, 'b');
      stored.set(0, { next: 2, mark: 'of a record that is gone' });
      await begin();
      await eventually(() => expect([offsetsIn(0), refusals.length]).toEqual([times === 0 ? [2] : [], times]));
    },
  );

  it('tells its lag, and shows its progress to tools', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const source = await begin({
      onRecords: async (partition, records) => {
        await held;
        take(partition, records);
      },
    });
    await send(0, 'a', 'b', 'c');
    await eventually(async () => expect(await source.lag()).toContainEqual({ partition: 0, lag: 3 }));
    letGo();
    await eventually(async () => expect(await source.lag()).toContainEqual({ partition: 0, lag: 0 }));
    await eventually(async () => {
      const [committed] = await admin.fetchOffsets({ groupId: `g-${topic}`, topics: [topic] });
      expect(committed?.partitions).toContainEqual(expect.objectContaining({ partition: 0, offset: '3' }));
    });
  });

  it('waits for the running callback when it stops, and calls none afterwards', async () => {
    let letGo = () => {};
    let calls = 0;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const source = await begin({
      onRecords: async (partition, records) => {
        calls++;
        await held;
        take(partition, records);
      },
    });
    await send(0, 'a');
    await eventually(() => expect(calls).toBe(1));
    let stopped = false;
    const stopping = source.stop().then(() => (stopped = true));
    await send(0, 'b');
    expect(stopped).toBe(false);
    letGo();
    await stopping;
    expect(offsetsIn(0)).toEqual([0]);
    expect(calls).toBe(1);
  });

  it('waits for a topic that does not exist yet', async () => {
    const wanted = topic;
    topic = `later-${randomUUID()}`;
    await begin();
    await eventually(() => expect(faults.length).toBeGreaterThan(0));
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await send(0, 'a');
    await eventually(() => expect(offsetsIn(0)).toEqual([0]));
    await admin.deleteTopics({ topics: [wanted] });
  });
});

async function deleteBefore(kafka: Kafka, topic: string, offset: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  // kafkajs must know the topic before it can find the leader of the partition.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${offset}` }] });
  await admin.disconnect();
}
