import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

export interface SupervisedConsumerOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  /** Asked for each new consumer. */
  readonly groupId: () => string;
  readonly sessionTimeoutMs: number;
  /** How long a join waits for members that still handle a batch. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  /** How many partitions may be handled at once. */
  readonly concurrency: number;
  /** Told in the same turn as the join, before the first fetch: the place to seek or pause. */
  readonly onAssigned: (partitions: readonly number[], consumer: Consumer) => void;
  /** Nothing of the batch is marked as read unless the handler does it. Heartbeats continue meanwhile. */
  readonly onBatch: (payload: EachBatchPayload, consumer: Consumer) => Promise<void>;
  /** The log could be read. */
  readonly onContact?: () => void;
  readonly onFault: (error: Error) => void;
  /** A consumer without any response for this long is replaced. Must be longer than a join may take. */
  readonly silenceMs: number;
}

// Fetches answer after this at the latest, so an idle log still shows a sign of life twice a second.
const maxWaitMs = 500;
const disconnectTimeoutMs = 5000;
const [firstBackoffMs, maxBackoffMs] = [200, 2000];

/**
 * A kafkajs consumer that comes back. kafkajs gives up on some errors, restarts by itself on others, and periodically
 * falls silent without any; here each of these ends in a new consumer after a pause. A consumer that was replaced may
 * still run a handler for a while: callers keep their own order per partition.
 */
export class SupervisedConsumer {
  readonly #options: SupervisedConsumerOptions;
  readonly #stopping = new AbortController();
  #current: Consumer | undefined;
  #lastContactMs = 0;
  #handling = 0;
  #backoffMs = firstBackoffMs;
  #done: Promise<void> = Promise.resolve();

  constructor(options: SupervisedConsumerOptions) {
    this.#options = options;
  }

  /** Starts in the background; keeps retrying while Kafka is away. */
  start(): void {
    this.#done = this.#supervise();
  }

  /** Resolves when the last consumer has ended, or did not within five seconds. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#runOne().catch((error: Error) => this.#options.onFault(error));
      await pause(this.#backoffMs, undefined, { signal }).catch(() => {});
      this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs);
    }
  }

  /** Rejects when the consumer crashed or made no progress; resolves when it was stopped. */
  async #runOne(): Promise<void> {
    const consumer = this.#createConsumer();
    this.#current = consumer;
    this.#lastContactMs = Date.now();
    const watch = new AbortController();
    const ended = this.#endOf(consumer, watch.signal);
    const started = this.#startConsumer(consumer);
    try {
      await Promise.race([ended, started.then(() => ended)]);
    } finally {
      watch.abort();
      this.#current = undefined;
      await this.#disconnect(consumer, started);
    }
  }

  #createConsumer(): Consumer {
    const { kafka, groupId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatMs } = this.#options;
    return kafka.consumer({
      groupId: groupId(),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: maxWaitMs,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: async () => false },
    });
  }

  async #startConsumer(consumer: Consumer): Promise<void> {
    const { topic, concurrency, onAssigned } = this.#options;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#backoffMs = firstBackoffMs;
      if (consumer === this.#current) onAssigned(payload.memberAssignment[topic] ?? [], consumer);
    });
    consumer.on(consumer.events.REQUEST, ({ payload }) => this.#onRequest(consumer, payload.apiName));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => this.#handle(payload, consumer),
    });
  }

  async #handle(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    if (consumer !== this.#current) return;
    // What the coordinator answers is seen by kafkajs itself after the batch.
    const beat = setInterval(() => void payload.heartbeat().catch(() => {}), this.#options.heartbeatMs);
    this.#handling++;
    try {
      await this.#options.onBatch(payload, consumer);
    } finally {
      this.#handling--;
      clearInterval(beat);
    }
  }

  /** kafkajs fetches nothing while a batch is handled; then a heartbeat is the sign of life. */
  #onRequest(consumer: Consumer, apiName: string): void {
    if (consumer !== this.#current || (apiName !== 'Fetch' && apiName !== 'Heartbeat')) return;
    this.#lastContactMs = Date.now();
    if (apiName === 'Fetch' || this.#handling > 0) this.#options.onContact?.();
  }

  #endOf(consumer: Consumer, watching: AbortSignal): Promise<void> {
    const { silenceMs, topic } = this.#options;
    const { signal } = this.#stopping;
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (Date.now() - this.#lastContactMs > silenceMs)
          reject(new Error(`consumer of ${topic} made no progress and was replaced`));
      }, 1000);
      watching.addEventListener('abort', () => clearInterval(timer), { once: true });
      signal.addEventListener('abort', () => resolve(), { once: true, signal: watching });
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
  }

  async #disconnect(consumer: Consumer, started: Promise<void>): Promise<void> {
    // A connection that is still being made would stay open if it were not waited for.
    const done = started.catch(() => {}).then(() => consumer.disconnect());
    const waited = new AbortController();
    await Promise.race([
      done.catch((error: Error) => this.#options.onFault(error)),
      pause(disconnectTimeoutMs, undefined, { signal: waited.signal }).catch(() => {}),
    ]);
    waited.abort();
  }
}
