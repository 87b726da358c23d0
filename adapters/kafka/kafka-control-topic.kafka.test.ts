import { expect, it } from 'vitest';
import { parseControlText } from '../../channels/control/control-record.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { registerControlTopicTests } from '../contract/control-topic.ts';
import { eventually } from '../contract/eventually.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaControlTopic } from './kafka-control-topic.ts';

describeWithServices(['kafka'], 'with Kafka', ({ kafka }) => {
  const brokers = kafka.split(',');

  registerControlTopicTests({
    name: 'kafka',
    create: (test) => createKafkaControlTopic({ brokers, clientId: 'test', topicPrefix: test }),
  });

  it('brings what follows records that only other programs write: without value, and bytes that are no text', async () => {
    const topicPrefix = `control-foreign-${process.pid}`;
    const topic = await createKafkaControlTopic({ brokers, clientId: 'test', topicPrefix });
    const producer = openKafka({ brokers, clientId: 'test' }).producer();
    const heard: string[] = [];
    try {
      const follower = await topic.follow({
        onRecord: (text) => heard.push(text),
        onLost: () => heard.push('lost'),
        onFault: () => undefined,
      });
      await producer.connect();
      const messages = [{ value: null }, { value: Buffer.from([0xff, 0xfe, 0x00]) }];
      await producer.send({ topic: `${topicPrefix}.control`, messages });
      await topic.append('{"kind":"news"}');
      await follower.drained();
      expect(heard).toEqual(['', expect.any(String), '{"kind":"news"}']);
      expect(heard.map((text) => parseControlText(text))).toMatchObject([
        { problem: 'garbage' },
        { problem: 'garbage' },
        { problem: 'unknown-kind' },
      ]);
    } finally {
      await producer.disconnect();
      await topic.close();
    }
  });

  it(
    'goes on with a topic that was deleted, and tells that something may be missing',
    { timeout: 60_000 },
    async () => {
      const topicPrefix = `control-lost-${process.pid}`;
      const topic = await createKafkaControlTopic({ brokers, clientId: 'test', topicPrefix, sessionTimeoutMs: 6000 });
      const heard: string[] = [];
      const follower = await topic.follow({
        onRecord: (text) => heard.push(text),
        onLost: () => heard.push('lost'),
        onFault: () => undefined,
      });
      // more than can be in the topic that comes after it, before the follower looks again
      for (let index = 0; index < 200; index++) await topic.append('before');
      await follower.drained();
      const admin = openKafka({ brokers, clientId: 'test' }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [`${topicPrefix}.control`] });
      await admin.disconnect();
      try {
        await eventually(async () => {
          const other = await createKafkaControlTopic({ brokers, clientId: 'test', topicPrefix });
          await other.append('after');
          await other.close();
          expect(heard).toContain('after');
          expect(heard).toContain('lost');
        }, 50_000);
      } finally {
        await topic.close();
      }
    },
  );
});
