import type { Admin, Kafka } from 'kafkajs';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { offsetsOf } from './kafka-connection.ts';
import { translating } from './kafka-fault.ts';
import { topicConfig } from './topic-config.ts';

/** The offset behind the last message of each partition. @throws storage-unavailable */
export async function endsOf(kafka: Kafka, topic: string): Promise<readonly { partition: number; next: number }[]> {
  const admin = kafka.admin();
  try {
    return await translating('reading offsets', async () => {
      await admin.connect();
      return (await offsetsOf(admin, topic)).map(({ high }, partition) => ({ partition, next: high }));
    });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** There a record may go at any time. Whoever may not see the settings of a topic cannot tell: true. */
export async function isCompacted(admin: Admin, topic: string): Promise<boolean> {
  try {
    return (await topicConfig(admin, topic)).get('cleanup.policy')?.includes('compact') ?? true;
  } catch {
    return true;
  }
}

/** Of a topic that is not there, Kafka only says that it is unknown. */
export function explained(
  error: Error,
  { topic, brokers }: { readonly topic: string; readonly brokers: readonly string[] },
): Error {
  if (!('type' in error) || error.type !== 'UNKNOWN_TOPIC_OR_PARTITION') return error;
  return new HubError(
    'storage-unavailable',
    `topic ${topic} does not exist on ${brokers.join(', ')}; create it there, or correct the connector's topic`,
  );
}
