import type { AnyWireEvent } from '../../channels/protocol/down.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import { EventQueue } from './event-queue.ts';
import { LivePromise } from './live-promise.ts';
import { NewestSeen } from './newest-seen.ts';
import type { Subscription, SubscriptionEvents } from './subscription.ts';
import type { SinkEffect } from './subscription-state.ts';

/**
 * What a feed is called and how much it may hold: `maxBuffered` counts events that nobody has read; one more ends the
 * subscription.
 */
export interface ChannelSubscriptionOptions {
  readonly id: string;
  readonly channel: string;
  readonly maxBuffered: number;
  /** Entities that are remembered beyond those that must be. */
  readonly keptEntities?: number;
  /** The application, or the buffer limit, has ended it. */
  readonly left: () => void;
}

/** The application's side of a feed: repeats, buffer, listeners. */
export class ChannelSubscription implements Subscription<AnyWireEvent> {
  readonly id: string;
  readonly channel: string;
  readonly #live = new LivePromise();
  readonly #events = new Emitter<SubscriptionEvents<AnyWireEvent>>();
  readonly #queue: EventQueue<AnyWireEvent>;
  readonly #maxBuffered: number;
  readonly #seen: NewestSeen;
  readonly #left: () => void;
  #hasReader = false;
  /** True while buffered events are about to be handed to the first listener; newer ones queue behind them. */
  #isHandingOver = false;
  #isEnded = false;

  constructor(options: ChannelSubscriptionOptions) {
    this.id = options.id;
    this.channel = options.channel;
    this.#maxBuffered = options.maxBuffered;
    this.#left = options.left;
    this.#seen = new NewestSeen(options.keptEntities);
    this.#queue = new EventQueue(options.maxBuffered);
  }

  get live(): Promise<void> {
    return this.#live.promise;
  }

  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (value: SubscriptionEvents<AnyWireEvent>[Name]) => void,
  ): () => void {
    const isFirst = name === 'event' && !this.#events.has('event');
    const remove = this.#events.on(name, listener);
    if (isFirst && !this.#hasReader) this.#handOver();
    return remove;
  }

  close(): void {
    if (this.#isEnded) return;
    this.#end(null);
    this.#left();
  }

  [Symbol.asyncIterator](): AsyncIterator<AnyWireEvent, undefined> {
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

  /** What the state of the subscription asks for. */
  perform(effect: SinkEffect): void {
    switch (effect.type) {
      case 'deliver':
        return this.#deliver(effect.events, effect.isReplay);
      case 'rotate':
        return this.#seen.rotate();
      case 'gap':
        return this.#events.emit('gap', { reason: effect.reason });
      case 'purge':
        // what is not read yet may be more than is allowed now
        this.#queue.drain();
        return this.#events.emit('policy', { reason: effect.reason });
      case 'live':
        this.#live.live();
        return this.#events.emit('live', undefined);
      case 'end':
        return this.#end(effect.error);
      default:
        // of views, or of no interest here
        return undefined;
    }
  }

  /** Ends it without telling the hub. */
  #end(error: HubClientError | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#live.end(this.id, error);
    this.#queue.end(error);
    this.#events.emit('ended', error);
  }

  #deliver(events: readonly AnyWireEvent[], isReplay: boolean): void {
    for (const event of events) {
      if (this.#isEnded) return;
      if (this.#seen.add(event)) this.#deliverOne(event, isReplay);
    }
  }

  #deliverOne(event: AnyWireEvent, isReplay: boolean): void {
    const listens = this.#events.has('event');
    const queues = this.#hasReader || this.#isHandingOver || !listens;
    if (queues && !this.#queue.push(event, isReplay)) return this.#overflow();
    if (listens && !this.#isHandingOver) this.#events.emit('event', event);
  }

  #overflow(): void {
    const message = `${this.#maxBuffered} events of ${this.channel} wait to be read; read faster, filter more or raise maxBuffered`;
    this.#end(new HubClientError('slow-consumer', message, { retryable: true }));
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
