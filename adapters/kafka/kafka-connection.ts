import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type Admin, type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import { patchConnection } from './connection-patch.ts';
import { patchFetch } from './fetch-patch.ts';
import { patchRequestQueue } from './request-queue-patch.ts';

export interface KafkaConnectionOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
  /** Hears what kafkajs has to say, from warnings up. Most of it is about retries that then succeed. */
  readonly onLog?: (level: 'warn' | 'error', message: string) => void;
}

/** Short retries: the caller decides how long to continue, and must be able to stop. */
const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 };

/** A client that is quiet, does not spin when idle, and gives a request up after seconds instead of minutes. */
export function openKafka({ brokers, clientId, ssl, sasl, onLog }: KafkaConnectionOptions): Kafka {
  patchRequestQueue();
  patchConnection();
  patchFetch();
  const { logLevel } = kafkajs;
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry,
    logLevel: onLog === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: () => (entry) => onLog?.(entry.level === logLevel.WARN ? 'warn' : 'error', entry.log.message),
  };
  if (ssl !== undefined) config.ssl = ssl;
  if (sasl !== undefined) config.sasl = sasl;
  return new kafkajs.Kafka(config);
}

/** First and next offset of each partition, by partition number. */
export async function offsetsOf(admin: Admin, topic: string): Promise<readonly { low: number; high: number }[]> {
  const offsets: { low: number; high: number }[] = [];
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    offsets[partition] = { low: Number(low), high: Number(high) };
  }
  return offsets;
}
