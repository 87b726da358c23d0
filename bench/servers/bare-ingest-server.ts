/**
 * The least that can be done from Kafka through MongoDB to Kafka: for each run of messages one bulkWrite of
 * ready-made documents, then one request with ready-made events. No normalising, no guards, no transaction.
 */
import { type Document, MongoClient } from 'mongodb';
import type { KafkaMessage, Message } from 'kafkajs';
import { openKafka } from '../../adapters/kafka/kafka-connection.ts';
import { partitionOf } from '../../channels/ports/event-log.ts';
import { benchTenant } from '../load/bench-events.ts';
import { readTopic } from './read-topic.ts';
import { report, untilGo } from './messages.ts';

/** From the bench, as first argument. */
export interface BareIngestOrder {
  readonly brokers: string;
  readonly mongoUrl: string;
  readonly topic: string;
  /** The hub's log: what it produced is produced again. */
  readonly eventsOf: string;
  readonly events: number;
  readonly target: string;
  readonly targetPartitions: number;
  /** Messages of a bulkWrite and a request. */
  readonly batch: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as BareIngestOrder;
const kafka = openKafka({ brokers: order.brokers.split(','), clientId: 'bench-bare' });
const producer = kafka.producer({ allowAutoTopicCreation: false });
const mongo = new MongoClient(order.mongoUrl, { maxPoolSize: 20, writeConcern: { w: 'majority' } });
const sources = new Map(
  (await mongo.db().collection('documents').find().toArray()).map((each) => [each['urn'] as string, each]),
);
const produced = new Map<string, Message>();
for (const { key, headers, value } of await readTopic(kafka, order.eventsOf, order.events)) {
  const event = JSON.parse(value) as { readonly subject: string; readonly data: { readonly version: number } };
  const partition = partitionOf(benchTenant, event.subject, order.targetPartitions);
  produced.set(`${event.subject}|${event.data.version}`, { key, headers: headers ?? {}, partition, value });
}
const written = new Map<string, number>();
const target = mongo.db().collection<{ _id: string }>('bare');

/** The key of a message is the urn, and each message of an entity makes its next version. */
async function takeSome(messages: readonly KafkaMessage[]): Promise<void> {
  const updates = new Map<string, Document>();
  const events = messages.map(({ key }) => {
    const urn = key?.toString() ?? '';
    const version = (written.get(urn) ?? 0) + 1;
    written.set(urn, version);
    updates.set(urn, { ...sources.get(urn), version });
    return produced.get(`${urn}|${version}`) ?? { key: urn, value: '' };
  });
  const operations = [...updates].map(([urn, { _id, ...replacement }]) => ({
    replaceOne: { filter: { _id: urn }, replacement, upsert: true },
  }));
  await target.bulkWrite(operations, { ordered: false });
  await producer.send({ topic: order.target, acks: -1, messages: events });
}

await producer.connect();
const consumer = kafka.consumer({ groupId: `${order.topic}.bare` });
await consumer.connect();
await consumer.subscribe({ topic: order.topic, fromBeginning: true });
report({ type: 'listening', port: 0 });
await untilGo();
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch }) => {
    for (let start = 0; start < batch.messages.length; start += order.batch)
      await takeSome(batch.messages.slice(start, start + order.batch));
  },
});
