import { randomUUID } from 'node:crypto';
import type { EachBatchPayload, IHeaders, Kafka } from 'kafkajs';

export interface TopicRecord {
  readonly key: Buffer | null;
  readonly headers: IHeaders | undefined;
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
      const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
        for (const { key, headers, value, timestamp } of batch.messages)
          records.push({ key, headers, value: value?.toString() ?? '', appendedAtMs: Number(timestamp) });
        if (records.length >= count) resolve();
      };
      consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 8, eachBatch }).catch(reject);
    });
    return records;
  } finally {
    await consumer.disconnect();
  }
}
