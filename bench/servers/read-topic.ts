import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';

export interface TopicRecord {
  readonly value: string;
  /** When the broker appended it. */
  readonly appendedAtMs: number;
}

/** The records of a topic from its beginning; resolves when `count` of them are there and have been read. */
export async function readTopic(kafka: Kafka, topic: string, count: number): Promise<readonly TopicRecord[]> {
  const records: TopicRecord[] = [];
  const consumer = kafka.consumer({ groupId: `${topic}.read.${randomUUID()}` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachBatch = async ({
        batch,
      }: {
        readonly batch: { readonly messages: readonly { readonly value: Buffer | null; readonly timestamp: string }[] };
      }): Promise<void> => {
        for (const { value, timestamp } of batch.messages)
          records.push({ value: value?.toString() ?? '', appendedAtMs: Number(timestamp) });
        if (records.length >= count) resolve();
      };
      consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 8, eachBatch }).catch(reject);
    });
    return records;
  } finally {
    await consumer.disconnect();
  }
}
