import type { Admin, Kafka, Producer } from 'kafkajs';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { AppendResult, EventLog, LogTail, TailOptions } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { type KafkaConnectionOptions, offsetsOf, openKafka } from './kafka-connection.ts';
import { toHubError, translating } from './kafka-fault.ts';
import { ensureLogTopic, type LogTopicOptions } from './kafka-log-topic.ts';
import { KafkaTail } from './kafka-tail.ts';

export interface KafkaEventLogOptions extends KafkaConnectionOptions, Omit<LogTopicOptions, 'topic'> {
  readonly topicPrefix: string;
  readonly epoch: string;
  readonly maxRequestBytes?: number;
  /** How long the group coordinator waits for a frozen tail. Default 30 s. */
  readonly sessionTimeoutMs?: number;
  /** A tail that hears nothing for that long is connected anew. Default 15 s. */
  readonly silenceMs?: number;
}

/**
 * Opens the log of an epoch: the topic `<topicPrefix>.events.<epoch>`, made here when it is not there.
 * @throws storage-unavailable, log-mismatch (the topic has another number of partitions)
 */
export async function createKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const topic = `${options.topicPrefix}.events.${options.epoch}`;
  const kafka = openKafka(options);
  const admin = kafka.admin();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await ensureLogTopic(admin, { ...options, topic });
  } catch (error) {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
    throw toHubError(`opening ${topic}`, error);
  }
  return new KafkaEventLog({ options, topic, kafka, admin, producer });
}

interface Parts {
  readonly options: KafkaEventLogOptions;
  readonly topic: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
}

class KafkaEventLog implements EventLog {
  readonly epoch: string;
  readonly partitionCount: number;
  readonly #parts: Parts;
  readonly #appender: KafkaAppender;
  readonly #tails = new Set<KafkaTail>();
  #closed = false;

  constructor(parts: Parts) {
    const { options, producer, topic } = parts;
    this.epoch = options.epoch;
    this.partitionCount = options.partitionCount;
    this.#parts = parts;
    this.#appender = new KafkaAppender({
      producer,
      topic,
      partitionCount: options.partitionCount,
      ...(options.maxRequestBytes === undefined ? {} : { maxRequestBytes: options.maxRequestBytes }),
    });
  }

  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    if (this.#closed) throw new HubError('storage-unavailable', 'Kafka: the event log is closed');
    return events.length === 0 ? [] : this.#appender.append(events);
  }

  heads(): Promise<Vector> {
    return this.#offsets(({ high }) => high);
  }

  starts(): Promise<Vector> {
    return this.#offsets(({ low }) => low);
  }

  offsetsAt(timeMs: number): Promise<Vector> {
    const { admin, topic } = this.#parts;
    return translating('looking up offsets by time', async () => {
      const vector = this.#emptyVector();
      for (const { partition, offset } of await admin.fetchTopicOffsetsByTimestamp(topic, timeMs)) {
        if (partition < vector.length) vector[partition] = Number(offset);
      }
      return vector;
    });
  }

  async tail(options: TailOptions): Promise<LogTail> {
    if (this.#closed) throw new HubError('storage-unavailable', 'Kafka: the event log is closed');
    const { kafka, topic, options: own } = this.#parts;
    const tail = new KafkaTail({
      ...options,
      kafka,
      topic,
      partitionCount: this.partitionCount,
      heads: () => this.heads(),
      ...(own.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: own.sessionTimeoutMs }),
      ...(own.silenceMs === undefined ? {} : { silenceMs: own.silenceMs }),
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
    await Promise.all([...this.#tails].map((tail) => tail.close()));
    await this.#appender.idle();
    await Promise.allSettled([this.#parts.producer.disconnect(), this.#parts.admin.disconnect()]);
  }

  #offsets(pick: (offsets: { readonly low: number; readonly high: number }) => number): Promise<Vector> {
    return translating('reading offsets', async () => {
      const offsets = await offsetsOf(this.#parts.admin, this.#parts.topic);
      return this.#emptyVector().map((_, partition) => {
        const found = offsets[partition];
        if (found === undefined) throw new Error(`partition ${partition} has no leader`);
        return pick(found);
      });
    });
  }

  #emptyVector(): number[] {
    return Array.from({ length: this.partitionCount }, () => 0);
  }
}
