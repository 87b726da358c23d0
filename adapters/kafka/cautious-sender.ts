import type { Message, Producer, RecordMetadata } from 'kafkajs';
import type { AppendResult } from '../../channels/ports/event-log.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { isTooLarge, toHubError } from './kafka-fault.ts';

/** One event on its way into the log. */
export interface Entry {
  /** Its place in the results. */
  readonly index: number;
  readonly partition: number;
  /** The order of one entity is kept; others may pass it. */
  readonly entity: string;
  readonly message: Message;
  readonly bytes: number;
}

export interface CautiousSenderOptions {
  readonly producer: Producer;
  readonly topic: string;
  /** Maximum size of one request per partition. Default 900 KB: below the default limit of brokers. */
  readonly maxRequestBytes?: number;
}

const leastRequestBytes = 16_384;
/**
 * Of all partitions together. kafkajs copies a request from buffer to buffer, each the next power of two in size and filled
 * with zeros first: with eight times as much, taking events in is a fifth slower.
 */
const maxTotalBytes = 1_000_000;

/**
 * Sends without ever believing too much. A send of kafkajs may resolve although one of several brokers refused its
 * part; it rejects as a whole when one of them is away; and its idempotent producer may take a later event for a
 * repetition of a refused one. So the producer is not idempotent, an event counts as appended only when the answer names
 * its partition and an offset, and after a refusal nothing that must come later in order goes in this round.
 *
 * What one refusal does to others is kept small. A partition in doubt goes in requests of its own until it works again,
 * so that the others neither wait for it nor are repeated with it. In a request that is too large each event goes alone,
 * and only one that is too large by itself is refused, with the later ones of its entity.
 */
export class CautiousSender {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #doubtful = new Set<number>();
  #maxRequestBytes: number;
  /** Events of this size have been refused: they go alone, so that nothing is repeated for them. */
  #suspectBytes = Number.POSITIVE_INFINITY;

  constructor({ producer, topic, maxRequestBytes = 900_000 }: CautiousSenderOptions) {
    this.#producer = producer;
    this.#topic = topic;
    this.#maxRequestBytes = maxRequestBytes;
  }

  /** One result per entry, at its index. Never rejects. */
  async send(entries: readonly Entry[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = [];
    await this.#sendLanes(entries, results);
    return results;
  }

  async #sendLanes(entries: readonly Entry[], results: AppendResult[]): Promise<void> {
    const lanes = new Map<number, Entry[]>();
    for (const entry of entries) {
      const lane = this.#doubtful.has(entry.partition) ? entry.partition : -1;
      const found = lanes.get(lane);
      if (found === undefined) lanes.set(lane, [entry]);
      else found.push(entry);
    }
    await Promise.all([...lanes.values()].map((lane) => this.#sendLane(lane, results)));
  }

  async #sendLane(lane: readonly Entry[], results: AppendResult[]): Promise<void> {
    let rest = lane;
    while (rest.length > 0) {
      const chunk = rest.slice(0, this.#fitting(rest));
      const partitions = new Set(chunk.map(({ partition }) => partition));
      const answer = await this.#request(chunk);
      if (answer instanceof Error && partitions.size > 1) {
        // the failed one is not known
        for (const partition of partitions) this.#doubtful.add(partition);
        return this.#sendLanes(rest, results);
      }
      rest = rest.slice(chunk.length);
      const refused =
        answer instanceof Error && isTooLarge(answer)
          ? await this.#sendAlone(chunk, answer, results)
          : this.#judge(chunk, answer, results);
      rest = withoutRefused(rest, refused, results);
    }
  }

  /** How many entries fit into one request; at least one. Brokers limit what each partition gets of it. */
  #fitting(entries: readonly Entry[]): number {
    const held = new Map<number, number>();
    let total = 0;
    const end = entries.findIndex(({ partition, bytes }, index) => {
      held.set(partition, (held.get(partition) ?? 0) + bytes);
      total += bytes;
      const tooMuch = (held.get(partition) ?? 0) > this.#maxRequestBytes || total > maxTotalBytes;
      return index > 0 && (tooMuch || bytes >= this.#suspectBytes);
    });
    const first = entries[0];
    if (first !== undefined && first.bytes >= this.#suspectBytes) return 1;
    return end < 0 ? entries.length : end;
  }

  /** Notes what the answer says of each entry; gives the partitions that it does not confirm. */
  #judge(
    chunk: readonly Entry[],
    answer: readonly RecordMetadata[] | Error,
    results: AppendResult[],
  ): Map<number | string, Error> {
    const refused = new Map<number | string, Error>();
    const next = new Map<number, number>();
    for (const { index, partition } of chunk) {
      const offset = next.get(partition) ?? (answer instanceof Error ? undefined : baseOffset(answer, partition));
      if (offset === undefined) {
        const error = answer instanceof Error ? answer : unconfirmed(partition);
        results[index] = { ok: false, error };
        refused.set(partition, error);
        this.#doubtful.add(partition);
      } else {
        results[index] = { ok: true, partition, offset };
        next.set(partition, offset + 1);
        this.#doubtful.delete(partition);
      }
    }
    return refused;
  }

  /** Each entry of a request that was too large; gives the entities and partitions that must wait. */
  async #sendAlone(
    chunk: readonly Entry[],
    tooLarge: Error,
    results: AppendResult[],
  ): Promise<Map<number | string, Error>> {
    const refused = new Map<number | string, Error>();
    let rest = chunk;
    while (rest[0] !== undefined) {
      const [entry] = rest;
      const answer = chunk.length === 1 ? tooLarge : await this.#request([entry]);
      if (answer instanceof Error && isTooLarge(answer)) {
        this.#suspectBytes = Math.min(this.#suspectBytes, entry.bytes);
        const error = this.#oversized(entry);
        results[entry.index] = { ok: false, error };
        refused.set(entry.entity, error);
      } else for (const [key, error] of this.#judge([entry], answer, results)) refused.set(key, error);
      rest = withoutRefused(rest.slice(1), refused, results);
    }
    // all of them went: it was their number
    if (refused.size === 0)
      this.#maxRequestBytes = Math.max(leastRequestBytes, Math.floor(mostOfOnePartition(chunk) / 2));
    return refused;
  }

  #oversized({ entity, bytes }: Entry): HubError {
    return new HubError(
      'limit-exceeded',
      `topic ${this.#topic} rejects an event of ${bytes} bytes (${entity}); raise its max.message.bytes, the event stays in the outbox`,
    );
  }

  async #request(entries: readonly Entry[]): Promise<readonly RecordMetadata[] | Error> {
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

/** What may still go; the others get the error of what they would have overtaken. */
function withoutRefused(
  entries: readonly Entry[],
  refused: ReadonlyMap<number | string, Error>,
  results: AppendResult[],
): readonly Entry[] {
  if (refused.size === 0) return entries;
  return entries.filter(({ index, partition, entity }) => {
    const error = refused.get(partition) ?? refused.get(entity);
    if (error !== undefined) results[index] = { ok: false, error };
    return error === undefined;
  });
}

function baseOffset(answers: readonly RecordMetadata[], wanted: number): number | undefined {
  const answer = answers.find(({ partition, errorCode }) => partition === wanted && errorCode === 0);
  const offset = Number(answer?.baseOffset ?? -1);
  return offset >= 0 ? offset : undefined;
}

function unconfirmed(partition: number): HubError {
  return new HubError('storage-unavailable', `Kafka: the answer does not confirm partition ${partition}; append again`);
}

function mostOfOnePartition(entries: readonly Entry[]): number {
  const held = new Map<number, number>();
  for (const { partition, bytes } of entries) held.set(partition, (held.get(partition) ?? 0) + bytes);
  return Math.max(...held.values());
}
