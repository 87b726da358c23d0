import type { Admin, Kafka } from 'kafkajs';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EpochStore, LogEpoch } from '../../channels/ports/epoch-store.ts';
import type { AppendResult, EventLog, LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { EpochKeeper } from './epoch-keeper.ts';
import { EpochTail } from './epoch-tail.ts';
import { type KafkaConnectionOptions, openKafka } from './kafka-connection.ts';
import { toHubError, translating } from './kafka-fault.ts';
import { findLogTopic, type LogTopicOptions, prepareLogTopic } from './kafka-log-topic.ts';
import { LogTopic } from './log-topic.ts';

export interface KafkaEventLogOptions
  extends KafkaConnectionOptions, Pick<LogTopicOptions, 'replicationFactor' | 'retentionMs'> {
  readonly topicPrefix: string;
  readonly epochs: EpochStore;
  /** Of the first epoch. */
  readonly partitionCount: number;
  readonly maxRequestBytes?: number;
  /** How long the group coordinator waits for a frozen tail. Default 30 s. */
  readonly sessionTimeoutMs?: number;
  /** A tail without any response for this long is reconnected. Default 15 s. */
  readonly silenceMs?: number;
  /** How often the epoch is asked for. Default 2 s. */
  readonly epochPollMs?: number;
  /** A fault of following the epochs that the log survives by itself. */
  readonly onFault?: (error: Error) => void;
}

/**
 * Opens the log: the topic `<topicPrefix>.events.<epoch>` of the current epoch. Where there is no epoch yet, or its
 * topic is gone, one begins.
 * @throws storage-unavailable, log-mismatch (the topic has another number of partitions)
 */
export async function createKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const topics = new LogTopics(options);
  const log = new KafkaEventLog(options, topics, await topics.openEpoch());
  try {
    await log.connect();
    return log;
  } catch (error) {
    await log.close();
    throw toHubError('opening the log', error);
  }
}

/** Makes and finds the topics of epochs, each time with a client of its own (see TopicOffsets). */
class LogTopics {
  readonly kafka: Kafka;
  readonly #options: KafkaEventLogOptions;

  constructor(options: KafkaEventLogOptions) {
    this.#options = options;
    this.kafka = openKafka(options);
  }

  readonly nameOf = (epoch: string): string => `${this.#options.topicPrefix}.events.${epoch}`;

  readonly prepare = ({ epoch, partitionCount }: LogEpoch): Promise<boolean> =>
    this.#asAdmin((admin) => prepareLogTopic(admin, { ...this.#options, partitionCount, topic: this.nameOf(epoch) }));

  readonly exists = ({ epoch }: LogEpoch): Promise<boolean> =>
    this.#asAdmin(async (admin) => (await admin.listTopics()).includes(this.nameOf(epoch)));

  /** The current epoch, with a topic. */
  async openEpoch(): Promise<LogEpoch> {
    const { epochs, partitionCount } = this.#options;
    const { prepare } = this;
    const place = await this.#asAdmin((admin) => this.#placeOf(admin));
    const stored = await epochs.read();
    if (stored === undefined) return epochs.begin({ after: undefined, partitionCount, place, lost: false, prepare });
    assertPlace(stored, place);
    const topic = this.nameOf(stored.epoch);
    if (await this.#asAdmin((admin) => findLogTopic(admin, { ...stored, topic }))) return stored;
    return epochs.begin({ after: stored.epoch, partitionCount: stored.partitionCount, place, lost: true, prepare });
  }

  async #placeOf(admin: Admin): Promise<string> {
    const { clusterId } = await admin.describeCluster();
    return `topics ${this.nameOf('*')} of Kafka cluster ${clusterId}`;
  }

  async #asAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    try {
      return await translating('looking at the topics', async () => {
        await admin.connect();
        return work(admin);
      });
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

/** A process with a wrong address finds no topic there, and must not take the log for lost. */
function assertPlace({ place: stored }: LogEpoch, found: string): void {
  if (stored === found) return;
  throw new HubError(
    'log-mismatch',
    `the log of this catalog is in ${stored}, but the settings point to ${found}; correct PURSIGHT_KAFKA_BROKERS and PURSIGHT_TOPIC_PREFIX (to move the log see docs/operating.md)`,
  );
}

class KafkaEventLog implements EventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #topics: LogTopics;
  readonly #keeper: EpochKeeper;
  readonly #tails = new Set<EpochTail>();
  #current: LogTopic;
  #retired: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: KafkaEventLogOptions, topics: LogTopics, epoch: LogEpoch) {
    this.#options = options;
    this.#topics = topics;
    this.#current = this.#open(epoch);
    this.#keeper = new EpochKeeper({
      epochs: options.epochs,
      current: epoch,
      exists: topics.exists,
      prepare: topics.prepare,
      onChange: (next) => this.#goTo(next),
      onFault: (error) => options.onFault?.(error),
      ...(options.epochPollMs === undefined ? {} : { pollMs: options.epochPollMs }),
    });
    this.#keeper.start();
  }

  get epoch(): string {
    return this.#current.epoch.epoch;
  }

  get partitionCount(): number {
    return this.#current.epoch.partitionCount;
  }

  get topic(): string {
    return this.#current.name;
  }

  async connect(): Promise<void> {
    await Promise.all([this.#current.connect(), this.#current.offsets.connect()]);
  }

  /**
   * Appended is only what was complete while its epoch was current: readers take no more of an epoch than what it held
   * when they learnt that it had ended. What came too late is appended again to the epoch after it.
   */
  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    this.#assertOpen();
    for (;;) {
      if (events.length === 0) return [];
      const at = this.#current;
      const results = await at.append(events);
      if (results.some(({ ok }) => !ok)) this.#keeper.doubt(at.epoch.epoch);
      if (!results.some(({ ok }) => ok)) return results;
      if ((await this.#keeper.refresh()).epoch === at.epoch.epoch) return results;
    }
  }

  ends(): Promise<Vector> {
    return this.#current.offsets.ends();
  }

  async starts(): Promise<Vector> {
    return (await this.#current.offsets.ranges()).map(({ low }) => low);
  }

  offsetsAt(timeMs: number): Promise<Vector> {
    return this.#current.offsets.at(timeMs);
  }

  async beginEpoch({ partitionCount = this.partitionCount } = {}): Promise<LogEpoch> {
    this.#assertOpen();
    return translating('beginning an epoch', () => this.#keeper.begin({ partitionCount, lost: false }));
  }

  async tail(options: TailOptions): Promise<LogTail> {
    this.#assertOpen();
    const { sessionTimeoutMs, silenceMs, epochs } = this.#options;
    const tail = new EpochTail({
      ...options,
      epochs,
      epoch: options.epoch ?? this.epoch,
      kafka: this.#topics.kafka,
      topicOf: this.#topics.nameOf,
      onDoubt: (epoch) => this.#keeper.doubt(epoch),
      onLost: (epoch) => this.#keeper.lost(epoch),
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
      ...(silenceMs === undefined ? {} : { silenceMs }),
    });
    this.#tails.add(tail);
    tail.start();
    return {
      close: async () => {
        await tail.close();
        this.#tails.delete(tail);
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#keeper.stop();
    await Promise.all([...this.#tails].map((tail) => tail.close()));
    await Promise.all([this.#current.close(), this.#retired]);
  }

  #assertOpen(): void {
    if (this.#closed) throw new HubError('storage-unavailable', 'Kafka: the event log is closed');
  }

  #open(epoch: LogEpoch): LogTopic {
    const { maxRequestBytes } = this.#options;
    return new LogTopic({
      kafka: this.#topics.kafka,
      name: this.#topics.nameOf(epoch.epoch),
      epoch,
      onLost: () => this.#keeper.lost(epoch.epoch),
      ...(maxRequestBytes === undefined ? {} : { maxRequestBytes }),
    });
  }

  #goTo(epoch: LogEpoch): void {
    const before = this.#current;
    this.#current = this.#open(epoch);
    this.#retired = Promise.all([this.#retired, before.close()]).then(() => {});
    for (const tail of this.#tails) tail.changed();
  }
}
