import type { Kafka, Producer } from 'kafkajs';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { LogEpoch } from '../../channels/ports/epoch-store.ts';
import type { AppendResult } from '../../channels/ports/event-log.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { toHubError } from './kafka-fault.ts';
import { TopicOffsets } from './topic-offsets.ts';

export interface LogTopicOptions {
  readonly kafka: Kafka;
  readonly name: string;
  readonly epoch: LogEpoch;
  readonly maxRequestBytes?: number;
  /** The topic is not the one that was appended to before. */
  readonly onLost: () => void;
}

/** The topic of one epoch, to append to and to ask. Connects when it is first used. */
export class LogTopic {
  readonly name: string;
  readonly epoch: LogEpoch;
  readonly offsets: TopicOffsets;
  readonly #producer: Producer;
  readonly #appender: KafkaAppender;
  readonly #onLost: () => void;
  /** Last offset of each partition that the log has confirmed. */
  readonly #confirmed: number[] = [];
  #connected: Promise<void> | undefined;
  #isLost = false;

  constructor({ kafka, name, epoch, maxRequestBytes, onLost }: LogTopicOptions) {
    const { partitionCount } = epoch;
    this.name = name;
    this.epoch = epoch;
    this.#onLost = onLost;
    this.offsets = new TopicOffsets({ kafka, topic: name, partitionCount });
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    this.#appender = new KafkaAppender({
      producer: this.#producer,
      topic: name,
      partitionCount,
      ...(maxRequestBytes === undefined ? {} : { maxRequestBytes }),
    });
  }

  connect(): Promise<void> {
    this.#connected ??= this.#producer.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  /** One result per event, in order. Never rejects. */
  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    try {
      await this.connect();
    } catch (error) {
      const refused = { ok: false, error: toHubError(`append to ${this.name}`, error) } as const;
      return events.map(() => refused);
    }
    const results = await this.#appender.append(events);
    if (!this.#isLost && results.every((result) => this.#isForward(result))) return results;
    this.#isLost = true;
    this.#onLost();
    const error = new HubError(
      'log-mismatch',
      `topic ${this.name} was recreated or truncated; it is not the log that was appended to`,
    );
    return events.map(() => ({ ok: false, error }));
  }

  async close(): Promise<void> {
    await this.#appender.idle();
    await this.#connected?.catch(() => {});
    await Promise.allSettled([this.#producer.disconnect(), this.offsets.close()]);
  }

  /** Offsets that go back are those of another log: the topic was recreated or truncated. */
  #isForward(result: AppendResult): boolean {
    if (!result.ok) return true;
    if (result.offset <= (this.#confirmed[result.partition] ?? -1)) return false;
    this.#confirmed[result.partition] = result.offset;
    return true;
  }
}
