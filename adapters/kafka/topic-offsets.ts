import type { Admin, Kafka } from 'kafkajs';
import type { Vector } from '../../channels/position/vector.ts';
import { offsetsOf } from './kafka-connection.ts';
import { translating } from './kafka-fault.ts';

export interface TopicOffsetsOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly partitionCount: number;
}

interface Range {
  /** First offset still kept. */
  readonly low: number;
  /** Offset that the next record will get. */
  readonly high: number;
}

/**
 * Asks about one topic, by a client of its own: one that has ever used a topic fails for all topics once that one is
 * deleted. Connects when it is first asked. Everything rejects with `storage-unavailable`.
 */
export class TopicOffsets {
  readonly #options: TopicOffsetsOptions;
  readonly #admin: Admin;
  #connected: Promise<void> | undefined;

  constructor(options: TopicOffsetsOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
  }

  connect(): Promise<void> {
    this.#connected ??= this.#admin.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  /** One range for each partition. */
  ranges(): Promise<readonly Range[]> {
    const { topic, partitionCount } = this.#options;
    return translating('reading offsets', async () => {
      await this.connect();
      const found = await offsetsOf(this.#admin, topic);
      return Array.from({ length: partitionCount }, (_, partition) => {
        const range = found[partition];
        if (range === undefined) throw new Error(`partition ${partition} has no leader`);
        return range;
      });
    });
  }

  async ends(): Promise<Vector> {
    return (await this.ranges()).map(({ high }) => high);
  }

  at(timeMs: number): Promise<Vector> {
    const { topic, partitionCount } = this.#options;
    return translating('looking up offsets by time', async () => {
      await this.connect();
      const vector = Array.from({ length: partitionCount }, () => 0);
      for (const { partition, offset } of await this.#admin.fetchTopicOffsetsByTimestamp(topic, timeMs)) {
        if (partition < partitionCount) vector[partition] = Number(offset);
      }
      return vector;
    });
  }

  /** Asked by list: a request for the metadata of one topic may create it. */
  exists(): Promise<boolean> {
    return translating('listing topics', async () => {
      await this.connect();
      return (await this.#admin.listTopics()).includes(this.#options.topic);
    });
  }

  async close(): Promise<void> {
    await this.#connected?.catch(() => {});
    await this.#admin.disconnect().catch(() => {});
  }
}
