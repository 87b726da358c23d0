import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog } from './kafka-event-log.ts';
import { KafkaTail } from './kafka-tail.ts';

describeWithServices(['kafka'], 'a reader that hears nothing and gets no error', ({ kafka: url }) => {
  const brokers = url.split(',');
  const sockets = new Set<Socket>();
  let topic: string;
  let log: EventLog;

  beforeEach(async () => {
    const topicPrefix = `t${randomUUID()}`;
    topic = `${topicPrefix}.events.1`;
    log = await createKafkaEventLog({
      brokers,
      clientId: 'test',
      topicPrefix,
      epochs: memoryEpochs(),
      partitionCount: 1,
    });
  });
  afterEach(async () => {
    await log.close();
    const admin = openKafka({ brokers, clientId: 'test' }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  /** A client that would wait ten minutes for an answer, and whose connections the test may make deaf. */
  const kafka = new kafkajs.Kafka({
    brokers,
    logLevel: kafkajs.logLevel.NOTHING,
    requestTimeout: 600_000,
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      return socket;
    },
  });

  const append = async (from: number, to: number): Promise<void> => {
    const urn = urnIn(0, 1, 'acme');
    const versions = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    await log.append(versions.map((version) => sampleEvent(sampleAsset('acme', urn, { version }))));
  };

  it('is replaced, and goes on where the one before was', async () => {
    const [offsets, faults]: [number[], string[]] = [[], []];
    const tail = new KafkaTail({
      kafka,
      topic,
      partitionCount: 1,
      ends: () => log.ends(),
      silenceMs: 2000,
      from: [0],
      onRecords: (_, records) => void offsets.push(...records.map(({ offset }) => offset)),
      onGap: () => expect.unreachable('gap'),
      onFault: ({ message }) => faults.push(message),
    });
    tail.start();
    await append(1, 3);
    await eventually(() => expect(offsets).toEqual([0, 1, 2]));
    for (const socket of sockets) socket.pause();
    await append(4, 6);
    await eventually(() => expect(offsets).toEqual([0, 1, 2, 3, 4, 5]), 30_000);
    expect(faults).toContainEqual(expect.stringContaining('made no progress'));
    await tail.close();
    for (const socket of sockets) socket.destroy();
  });
});
