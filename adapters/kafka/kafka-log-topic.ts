import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { offsetsOf } from './kafka-connection.ts';

export interface LogTopicOptions {
  readonly topic: string;
  readonly partitionCount: number;
  /** Default: 3, or the number of brokers where there are fewer. -1 leaves it to the cluster, and `min.insync.replicas` too. */
  readonly replicationFactor?: number;
  /** How long records are kept. Default: for ever. */
  readonly retentionMs?: number;
}

/** Above what one event may have (events are bounded when they are made). */
const maxMessageBytes = 8 * 1024 * 1024;
const [knownAttempts, knownPauseMs] = [20, 250];

/**
 * Makes the topic of a new epoch, never left to auto-creation: that would give it the broker's partition count and so send
 * the events of one entity to two partitions. A topic that is there already is taken if it is empty; false if it is not:
 * it is of another log.
 * @throws log-mismatch
 */
export async function prepareLogTopic(admin: Admin, options: LogTopicOptions): Promise<boolean> {
  return whenKnown(async () => {
    const isThere = (await admin.listTopics()).includes(options.topic);
    if (!isThere && (await createLogTopic(admin, options))) return true;
    await assertPartitions(admin, options);
    return (await offsetsOf(admin, options.topic)).every(({ high }) => high === 0);
  });
}

/** As errors of kafkajs say of themselves. */
function isRetriable(thrown: unknown): boolean {
  return thrown instanceof Error && 'retriable' in thrown && thrown.retriable === true;
}

/** Not all brokers know at once of a topic that was made a moment ago, or of its leaders. */
async function whenKnown<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === knownAttempts || !isRetriable(error)) throw error;
    }
    await pause(knownPauseMs);
  }
}

/** False when the topic of an epoch is gone. @throws log-mismatch */
export async function findLogTopic(admin: Admin, options: LogTopicOptions): Promise<boolean> {
  if (!(await admin.listTopics()).includes(options.topic)) return false;
  await assertPartitions(admin, options);
  return true;
}

async function assertPartitions(admin: Admin, { topic, partitionCount }: LogTopicOptions): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  if (found === partitionCount) return;
  throw new HubError(
    'log-mismatch',
    `topic ${topic} has ${found} partitions, but its epoch has ${partitionCount}; restore it, or delete it, which begins a new epoch and loses undelivered events`,
  );
}

/** False when another process was faster. */
async function createLogTopic(admin: Admin, options: LogTopicOptions): Promise<boolean> {
  const { topic, partitionCount, retentionMs = -1 } = options;
  const { brokers } = await admin.describeCluster();
  const replicationFactor = options.replicationFactor ?? Math.min(3, brokers.length);
  const settings = {
    'cleanup.policy': 'delete',
    // Readers ask for "since": the time at which the log took a record is the only one that ascends with offsets.
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': `${maxMessageBytes}`,
    'retention.ms': `${retentionMs}`,
    // a broker's defaults must not remove what the time allows, nor compress what is compressed
    'retention.bytes': '-1',
    'compression.type': 'producer',
    // A replica that lags would lose what was confirmed, and its offsets would name other events.
    'unclean.leader.election.enable': 'false',
    ...(replicationFactor > 0 ? { 'min.insync.replicas': replicationFactor > 2 ? '2' : '1' } : {}),
  };
  return admin.createTopics({
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
