import type { Admin } from 'kafkajs';
import { HubError } from '../../channels/protocol/hub-error.ts';

export interface LogTopicOptions {
  readonly topic: string;
  readonly partitionCount: number;
  /** Default: 3, or the number of brokers where there are fewer. */
  readonly replicationFactor?: number;
  /** How long records are kept. Default: for ever. */
  readonly retentionMs?: number;
}

/** Above what one event may have (events are bounded when they are made). */
const maxMessageBytes = 8 * 1024 * 1024;

/**
 * Makes the topic of an epoch if it is not there and checks that it fits. Never left to auto-creation: that would give
 * it the broker's partition count and so send the events of one entity to two partitions.
 * @throws log-mismatch
 */
export async function ensureLogTopic(admin: Admin, options: LogTopicOptions): Promise<void> {
  const { topic, partitionCount } = options;
  if (!(await admin.listTopics()).includes(topic)) await createLogTopic(admin, options);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  if (found === partitionCount) return;
  throw new HubError(
    'log-mismatch',
    `topic ${topic} has ${found} partitions, configured are ${partitionCount}; set the partition count to ${found}, or begin a new epoch`,
  );
}

async function createLogTopic(admin: Admin, options: LogTopicOptions): Promise<void> {
  const { topic, partitionCount, retentionMs = -1 } = options;
  const { brokers } = await admin.describeCluster();
  const replicationFactor = options.replicationFactor ?? Math.min(3, brokers.length);
  const settings = {
    'cleanup.policy': 'delete',
    // Readers ask for "since": the time at which the log took a record is the only one that ascends with offsets.
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': `${maxMessageBytes}`,
    'min.insync.replicas': replicationFactor > 2 ? '2' : '1',
    'retention.ms': `${retentionMs}`,
  };
  // Resolves with false when another node was faster.
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: partitionCount,
        replicationFactor,
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    ],
  });
}
