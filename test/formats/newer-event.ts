import kafkajs from 'kafkajs';
import { forms } from '../../channels/forms/forms.ts';
import { asKafkaAdmin } from '../harness/kafka-topics.ts';

const { Kafka, logLevel } = kafkajs;

/** Appends to the log of a deployment what a release after this one may write. */
export async function newerEventInto(brokers: string, prefix: string): Promise<void> {
  const topics = await asKafkaAdmin(brokers, (admin) => admin.listTopics());
  const topic = topics.find((each) => each.startsWith(`${prefix}.events.`)) ?? '';
  const subject = 'urn:gov:bank:a';
  const named = { tenant: 'acme', subject, id: 'later', recordedtime: new Date().toISOString() };
  const event = { v: forms.event.reads + 1, ...named, data: 'of another shape' };
  const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: subject, value: JSON.stringify(event) }] });
  await producer.disconnect();
}
