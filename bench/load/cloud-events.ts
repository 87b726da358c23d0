import type { Kafka } from 'kafkajs';

const baseTimeMs = Date.UTC(2026, 0, 1);
/** What the entities of the ingest bench are under. */
export const benchNamespace = 'urn:gov:bench';

export function benchUrn(entity: number): string {
  return `${benchNamespace}:table-${entity}`;
}

/** A table as a catalog tells it: everything the first time, afterwards always with something new. */
export function cloudEvent(index: number, entities: number): object {
  const entity = index % entities;
  const round = Math.floor(index / entities);
  return {
    specversion: '1.0',
    id: `m-${index}`,
    source: '/bench',
    type: round === 0 ? 'gov.asset.created.v1' : 'gov.asset.updated.v1',
    subject: benchUrn(entity),
    time: new Date(baseTimeMs + index).toISOString(),
    datacontenttype: 'application/json',
    data: {
      asset: {
        type: 'table',
        name: `table_${entity}`,
        fqn: `warehouse.sales.table_${entity}`,
        platform: 'hive',
        domain: `domain-${entity % 20}`,
        description: `Orders of the branch offices, revision ${round}`,
        owners: [{ id: 'ada', type: 'user' }],
        classifications: round % 2 === 0 ? [] : [{ scheme: 'pii', name: 'email' }],
      },
    },
  };
}

/** Fills a new topic; all events of an entity are in one partition. */
export async function produceCloudEvents(
  kafka: Kafka,
  options: { readonly topic: string; readonly partitions: number; readonly events: number; readonly entities: number },
): Promise<void> {
  const { topic, partitions, events, entities } = options;
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
      waitForLeaders: true,
    });
    for (let start = 0; start < events; start += 500) {
      const indexes = Array.from({ length: Math.min(500, events - start) }, (_, offset) => start + offset);
      const messages = indexes.map((index) => ({
        key: benchUrn(index % entities),
        partition: (index % entities) % partitions,
        value: JSON.stringify(cloudEvent(index, entities)),
        headers: { 'content-type': 'application/cloudevents+json' },
      }));
      await producer.send({ topic, acks: -1, messages });
    }
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}
