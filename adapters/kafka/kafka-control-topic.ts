import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka, Producer } from 'kafkajs';
import { asError } from '../../channels/base/thrown.ts';
import type { ControlFollower, ControlTopic, FollowOptions } from '../../channels/ports/control-topic.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type KafkaConnectionOptions, openKafka } from './kafka-connection.ts';
import { translating } from './kafka-fault.ts';
import { prepareLogTopic } from './kafka-log-topic.ts';
import { KafkaTail } from './kafka-tail.ts';
import { TopicOffsets } from './topic-offsets.ts';

export interface KafkaControlTopicOptions extends KafkaConnectionOptions {
  readonly topicPrefix: string;
  readonly replicationFactor?: number;
  /** How long the group coordinator waits for a frozen follower. Default 30 s. */
  readonly sessionTimeoutMs?: number;
}

/** What is stored is read from the store; the topic only has to outlast a node that is away for a while. */
const retentionMs = 24 * 3_600_000;
const [drainTimeoutMs, drainLookMs] = [5000, 10];
const reopenPauseMs = 1000;

/** Opens `<topicPrefix>.control`, and makes it where it is missing. @throws storage-unavailable, log-mismatch (more than one partition) */
export async function createKafkaControlTopic(options: KafkaControlTopicOptions): Promise<ControlTopic> {
  const topic = new KafkaControlTopic(options);
  await topic.prepare();
  return topic;
}

class KafkaControlTopic implements ControlTopic {
  readonly #options: KafkaControlTopicOptions;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #producer: Producer;
  readonly #followers = new Set<Follower>();
  #connected: Promise<void> | undefined;

  constructor(options: KafkaControlTopicOptions) {
    this.#options = options;
    this.#kafka = openKafka(options);
    this.#topic = `${options.topicPrefix}.control`;
    this.#producer = this.#kafka.producer({ allowAutoTopicCreation: false, idempotent: false });
  }

  prepare(): Promise<void> {
    const { replicationFactor } = this.#options;
    return translating('preparing the control topic', async () => {
      const admin = this.#kafka.admin();
      try {
        await admin.connect();
        await prepareLogTopic(admin, {
          topic: this.#topic,
          partitionCount: 1,
          retentionMs,
          ...(replicationFactor === undefined ? {} : { replicationFactor }),
        });
      } finally {
        await admin.disconnect().catch(() => {});
      }
    });
  }

  append(text: string): Promise<void> {
    return translating('appending to the control topic', async () => {
      this.#connected ??= this.#producer.connect();
      await this.#connected.catch((error: unknown) => {
        this.#connected = undefined;
        throw error;
      });
      const messages = [{ partition: 0, value: text }];
      const [answer] = await this.#producer.send({ topic: this.#topic, acks: -1, messages });
      if (answer?.baseOffset === undefined) throw new Error('the broker returned no offset for the record');
    });
  }

  async follow(options: FollowOptions): Promise<ControlFollower> {
    const { sessionTimeoutMs } = this.#options;
    const follower = new Follower({
      kafka: this.#kafka,
      topic: this.#topic,
      prepare: () => this.prepare(),
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
      ...options,
    });
    await follower.start();
    this.#followers.add(follower);
    return follower;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.close()));
    await this.#connected?.catch(() => {});
    await this.#producer.disconnect();
  }
}

interface FollowerOptions extends FollowOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly prepare: () => Promise<void>;
  readonly sessionTimeoutMs?: number;
}

class Follower implements ControlFollower {
  readonly #options: FollowerOptions;
  readonly #closing = new AbortController();
  #offsets: TopicOffsets;
  #tail: KafkaTail | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#offsets = this.#newOffsets();
  }

  async start(): Promise<void> {
    const from = await this.#offsets.ends();
    const { kafka, topic, onFault, sessionTimeoutMs } = this.#options;
    this.#tail = new KafkaTail({
      kafka,
      topic,
      partitionCount: 1,
      from,
      ends: () => this.#offsets.ends(),
      onRecords: async (_partition, records) => {
        for (const { value } of records) this.#handOver(value);
      },
      // what has passed its time is stored, if it still counts
      onGap: () => this.#options.onLost(),
      onFault,
      onLost: () => void this.#reopen(),
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    });
    this.#tail.start();
  }

  async drained(): Promise<void> {
    const [target = 0] = await this.#offsets.ends();
    const untilMs = performance.now() + drainTimeoutMs;
    while ((this.#tail?.vector[0] ?? 0) < target) {
      if (performance.now() > untilMs || this.#closing.signal.aborted)
        throw new HubError('storage-unavailable', `${this.#options.topic}: its end offset could not be read in time`);
      await pause(drainLookMs);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tail?.close();
    await this.#offsets.close();
  }

  /** One record that cannot be worked on must not keep what follows from being heard. */
  #handOver(text: string): void {
    try {
      this.#options.onRecord(text);
    } catch (error) {
      this.#options.onFault(asError(error));
    }
  }

  #newOffsets(): TopicOffsets {
    const { kafka, topic } = this.#options;
    return new TopicOffsets({ kafka, topic, partitionCount: 1 });
  }

  /** The topic was deleted: it is recreated, followed from its beginning, and what is stored is read again. */
  async #reopen(): Promise<void> {
    const { signal } = this.#closing;
    await this.#tail?.close();
    while (!signal.aborted) {
      try {
        await this.#offsets.close();
        this.#offsets = this.#newOffsets();
        await this.#options.prepare();
        await this.start();
        return this.#options.onLost();
      } catch (error) {
        this.#options.onFault(asError(error));
        await pause(reopenPauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
