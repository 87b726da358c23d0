import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Producer } from 'kafkajs';
import { patchConnection } from '../../../adapters/kafka/connection-patch.ts';
import { callApi } from '../hub-api.ts';
import { tokenFor } from '../hub-process.ts';
import { makeMessages, type NativeText, structuredType, type TrafficConnector } from '../reconcile/traffic.ts';

const { Kafka, logLevel } = kafkajs;
// it ends the process of the run otherwise, when a connection breaks within an answer
patchConnection();

export interface LoadOptions {
  readonly connectors: readonly TrafficConnector[];
  readonly seed: number;
  readonly messagesPerSecond: number;
  readonly brokers: string;
  readonly topicOf: (connector: string) => string;
  /** Nodes that may be asked just now. */
  readonly urls: () => readonly string[];
}

const roundMs = 100;
const maxBatch = 20;
const answerTimeoutMs = 5000;
const retryMs = 200;

/** Sends changes all the time, as senders do that must not lose any: in order, and again until there is an answer. */
export class Load {
  /** What has been acknowledged over HTTP, by connector, in order. What went to Kafka stands in its topics. */
  readonly acknowledged: ReadonlyMap<string, NativeText[]>;
  readonly #options: LoadOptions;
  readonly #waiting: ReadonlyMap<string, NativeText[]>;
  readonly #producer: Producer;
  readonly #senders: Promise<void>[] = [];
  readonly #refusals = new Map<string, string>();
  #rounds = 0;
  #made = 0;
  #isOver = false;
  #turn = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.acknowledged = new Map(options.connectors.map(({ id }) => [id, []]));
    this.#waiting = new Map(options.connectors.map(({ id }) => [id, []]));
    const client = { brokers: options.brokers.split(','), logLevel: logLevel.NOTHING, requestTimeout: 5000 };
    this.#producer = new Kafka({ ...client, retry: { retries: 2, maxRetryTime: 1000 } }).producer();
  }

  get made(): number {
    return this.#made;
  }

  /** What nobody has acknowledged yet, and the last answer that was none, by connector. */
  get state(): string {
    const told = [...this.#waiting].map(([id, { length }]) => `${id} ${length} (${this.#refusals.get(id) ?? 'none'})`);
    return `not acknowledged: ${told.join(', ')}`;
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    for (const connector of this.#options.connectors) this.#senders.push(this.#sendAll(connector));
  }

  /** Makes messages until `untilMs` of the wall clock. */
  async run(untilMs: number): Promise<void> {
    while (Date.now() < untilMs) {
      this.#make(Math.max(1, Math.round((this.#options.messagesPerSecond * roundMs) / 1000)));
      await pause(roundMs);
    }
  }

  /** One burst more; then resolves when everything has been acknowledged. */
  async finish(count: number): Promise<void> {
    this.#make(count);
    this.#isOver = true;
    await Promise.all(this.#senders);
    await this.#producer.disconnect();
  }

  #make(count: number): void {
    const { connectors, seed } = this.#options;
    this.#rounds += 1;
    for (const { connector, message } of makeMessages(connectors, {
      seed: seed + this.#rounds,
      first: this.#made,
      count,
      large: true,
    }))
      this.#waiting.get(connector.id)?.push(message);
    this.#made += count;
  }

  async #sendAll(connector: TrafficConnector): Promise<void> {
    const waiting = this.#waiting.get(connector.id) ?? [];
    const send = connector.partitions === undefined ? this.#post.bind(this) : this.#produce.bind(this);
    while (!this.#isOver || waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      if (batch.length === 0) await pause(roundMs);
      else if (await send(connector, batch)) waiting.splice(0, batch.length);
      else await pause(retryMs);
    }
  }

  /** False when nobody said what became of it. */
  async #post({ id, tenant }: TrafficConnector, batch: readonly NativeText[]): Promise<boolean> {
    const urls = this.#options.urls();
    const url = urls[(this.#turn += 1) % urls.length];
    if (url === undefined) return false;
    try {
      const { status, body } = await callApi(url, `/v1/ingest/${id}`, {
        token: tokenFor({ sub: 'root', roles: ['admin'], tenant }),
        body: `[${batch.map(({ value }) => value).join()}]`,
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      if ((body as { accepted?: number }).accepted === undefined) return this.#refused(id, `${url} ${status}`);
      this.acknowledged.get(id)?.push(...batch);
      return true;
    } catch (error) {
      return this.#refused(id, `${url} ${String(error)}`);
    }
  }

  async #produce({ id }: TrafficConnector, batch: readonly NativeText[]): Promise<boolean> {
    const messages = batch.map(({ key, value }) => ({ key, value, headers: { 'content-type': structuredType } }));
    return this.#producer.send({ topic: this.#options.topicOf(id), messages }).then(
      () => true,
      (error: unknown) => this.#refused(id, String(error)),
    );
  }

  #refused(connector: string, why: string): false {
    this.#refusals.set(connector, `${new Date().toISOString().slice(11, 23)} ${why}`);
    return false;
  }
}
