import type { Message, Producer, RecordMetadata } from 'kafkajs';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { type AppendResult, partitionOf } from '../../channels/ports/event-log.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { toHubError } from './kafka-fault.ts';

export interface KafkaAppenderOptions {
  readonly producer: Producer;
  readonly topic: string;
  readonly partitionCount: number;
  /** Size of one request. Default 900 KB: below what brokers take when nobody configured them. */
  readonly maxRequestBytes?: number;
}

interface Entry {
  readonly index: number;
  readonly partition: number;
  readonly message: Message;
  readonly bytes: number;
}

interface Job {
  readonly events: readonly HubEvent[];
  readonly resolve: (results: readonly AppendResult[]) => void;
}

/**
 * Appends without ever believing too much. A send of kafkajs may resolve although one of several brokers refused its
 * part, and its idempotent producer may then take a later event for a repetition of the refused one. So the producer is
 * not idempotent, an event counts as appended only when the answer names its partition and an offset, and after a
 * refusal nothing more goes to that partition in this round: a later event of an entity must not overtake.
 *
 * One request is under way at a time, for the same reason. Calls that come meanwhile go together in the next.
 */
export class KafkaAppender {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #partitionCount: number;
  readonly #maxRequestBytes: number;
  #waiting: Job[] = [];
  #draining: Promise<void> | undefined;

  constructor({ producer, topic, partitionCount, maxRequestBytes = 900_000 }: KafkaAppenderOptions) {
    this.#producer = producer;
    this.#topic = topic;
    this.#partitionCount = partitionCount;
    this.#maxRequestBytes = maxRequestBytes;
  }

  /** One result per event, in order. Never rejects. */
  append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ events, resolve });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // Lets the calls of this turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0);
      const results = await this.#sendAll(jobs.flatMap(({ events }) => events));
      let taken = 0;
      for (const { events, resolve } of jobs) resolve(results.slice(taken, (taken += events.length)));
    }
    this.#draining = undefined;
  }

  async #sendAll(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = [];
    const refused = new Map<number, Error>();
    for (const chunk of chunksOf(
      events.map((event, index) => this.#entryOf(event, index)),
      this.#maxRequestBytes,
    )) {
      const wanted = chunk.filter(({ partition }) => !refused.has(partition));
      const next = confirmedOffsets(wanted, await this.#send(wanted), refused);
      for (const { index, partition } of chunk) {
        const offset = next.get(partition);
        const error = refused.get(partition) ?? unconfirmed(partition);
        results[index] = offset === undefined ? { ok: false, error } : { ok: true, partition, offset };
        if (offset !== undefined) next.set(partition, offset + 1);
      }
    }
    return results;
  }

  #entryOf(event: HubEvent, index: number): Entry {
    const value = Buffer.from(JSON.stringify(event));
    const partition = partitionOf(event.tenant, event.subject, this.#partitionCount);
    const key = `${event.tenant}|${event.subject}`;
    const headers = { 'content-type': 'application/cloudevents+json' };
    return { index, partition, message: { key, value, partition, headers }, bytes: value.length + key.length + 100 };
  }

  async #send(entries: readonly Entry[]): Promise<readonly RecordMetadata[] | Error> {
    if (entries.length === 0) return [];
    try {
      return await this.#producer.send({
        topic: this.#topic,
        acks: -1,
        timeout: 10_000,
        messages: entries.map(({ message }) => message),
      });
    } catch (error) {
      return toHubError(`append to ${this.#topic}`, error);
    }
  }
}

/** First offset of each partition that the answer confirms; the others are added to `refused`. */
function confirmedOffsets(
  sent: readonly Entry[],
  answers: readonly RecordMetadata[] | Error,
  refused: Map<number, Error>,
): Map<number, number> {
  const confirmed = new Map<number, number>();
  for (const partition of new Set(sent.map((entry) => entry.partition))) {
    const offset = answers instanceof Error ? undefined : baseOffset(answers, partition);
    if (offset !== undefined) confirmed.set(partition, offset);
    else refused.set(partition, answers instanceof Error ? answers : unconfirmed(partition));
  }
  return confirmed;
}

function baseOffset(answers: readonly RecordMetadata[], wanted: number): number | undefined {
  const answer = answers.find(({ partition, errorCode }) => partition === wanted && errorCode === 0);
  const offset = Number(answer?.baseOffset ?? -1);
  return offset >= 0 ? offset : undefined;
}

function unconfirmed(partition: number): HubError {
  return new HubError('storage-unavailable', `Kafka: the answer does not confirm partition ${partition}; append again`);
}

/** Runs of entries that fit into one request; an entry that is larger goes alone. */
function* chunksOf(entries: readonly Entry[], maxBytes: number): Generator<readonly Entry[]> {
  let chunk: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (chunk.length > 0 && bytes + entry.bytes > maxBytes) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(entry);
    bytes += entry.bytes;
  }
  if (chunk.length > 0) yield chunk;
}
