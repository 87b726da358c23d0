import type { WireEvent } from '../../channels/protocol/down.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import { EventQueue } from './event-queue.ts';
import { SeenIds } from './seen-ids.ts';
import type { GapReason, Subscription, SubscriptionEvents } from './subscription.ts';

/** Repeats come close behind the original (a rebalance, a republished batch); 2048 ids of about 45 characters are 0.2 MB. */
const rememberedIds = 2048;

export interface ChannelSubscriptionOptions {
  readonly id: string;
  readonly channel: string;
  readonly filter: JsonObject | undefined;
  readonly maxBuffered: number;
  /** The application, or the buffer limit, has ended it. */
  readonly left: () => void;
}

/** The application's side of a subscription: repeats, buffer, listeners. The registry calls what is not in {@link Subscription}. */
export class ChannelSubscription implements Subscription {
  readonly id: string;
  readonly channel: string;
  readonly filter: JsonObject | undefined;
  readonly live: Promise<void>;
  readonly #events = new Emitter<SubscriptionEvents>();
  readonly #queue: EventQueue<WireEvent>;
  readonly #maxBuffered: number;
  readonly #seen = new SeenIds(rememberedIds);
  readonly #left: () => void;
  #settleLive!: { resolve: () => void; reject: (error: HubClientError) => void };
  #hasReader = false;
  /** True while buffered events are about to be handed to the first listener; newer ones queue behind them. */
  #isHandingOver = false;
  #isEnded = false;

  constructor(options: ChannelSubscriptionOptions) {
    this.id = options.id;
    this.channel = options.channel;
    this.filter = options.filter;
    this.#maxBuffered = options.maxBuffered;
    this.#left = options.left;
    this.#queue = new EventQueue(options.maxBuffered);
    this.live = new Promise((resolve, reject) => (this.#settleLive = { resolve, reject }));
    // an application that does not wait for `live` learns of the end by `ended` or by its loop
    this.live.catch(() => undefined);
  }

  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (value: SubscriptionEvents[Name]) => void,
  ): () => void {
    const isFirst = name === 'event' && !this.#events.has('event');
    const remove = this.#events.on(name, listener);
    if (isFirst && !this.#hasReader) this.#handOver();
    return remove;
  }

  close(): void {
    if (this.#isEnded) return;
    this.end(null);
    this.#left();
  }

  [Symbol.asyncIterator](): AsyncIterator<WireEvent, undefined> {
    if (this.#hasReader) {
      throw new HubClientError('invalid-request', `subscription ${this.id} already has a reader`, { retryable: false });
    }
    this.#hasReader = true;
    return {
      next: () => this.#queue.next(),
      return: async () => {
        this.close();
        this.#queue.drain();
        return { done: true, value: undefined };
      },
    };
  }

  deliver(events: readonly WireEvent[]): void {
    for (const event of events) {
      if (this.#isEnded) return;
      if (this.#seen.add(event.id)) this.#deliverOne(event);
    }
  }

  becameLive(): void {
    if (this.#isEnded) return;
    this.#settleLive.resolve();
    this.#events.emit('live', undefined);
  }

  reportGap(reason: GapReason): void {
    this.#events.emit('gap', { reason });
  }

  /** What is not read yet may be more than is allowed now, and the hub may send the same ids with other content. */
  replacePolicy(reason: string): void {
    this.#queue.drain();
    this.#seen.clear();
    this.#events.emit('policy', { reason });
  }

  /** Ends it without telling the hub. */
  end(error: HubClientError | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#settleLive.reject(
      error ?? new HubClientError('closed', `subscription ${this.id} was closed`, { retryable: false }),
    );
    this.#queue.end(error);
    this.#events.emit('ended', error);
  }

  #deliverOne(event: WireEvent): void {
    const listens = this.#events.has('event');
    const queues = this.#hasReader || this.#isHandingOver || !listens;
    if (queues && !this.#queue.push(event)) return this.#overflow();
    if (listens && !this.#isHandingOver) this.#events.emit('event', event);
  }

  #overflow(): void {
    const message = `${this.#maxBuffered} events of ${this.channel} wait to be read; read faster, filter more or raise maxBuffered`;
    this.end(new HubClientError('slow-consumer', message, { retryable: true }));
    this.#left();
  }

  /** Not at once: `on` has not yet returned to the application. */
  #handOver(): void {
    this.#isHandingOver = true;
    queueMicrotask(() => {
      this.#isHandingOver = false;
      // a loop that began in the meantime reads them instead
      if (this.#hasReader) return;
      for (const event of this.#queue.drain()) this.#events.emit('event', event);
    });
  }
}
