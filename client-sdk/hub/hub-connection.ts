import { Connection, type ConnectionOptions } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import { ChannelSubscription } from '../subscription/channel-subscription.ts';
import type { ChannelOptions, Subscription } from '../subscription/subscription.ts';
import { SubscriptionRegistry } from '../subscription/subscription-registry.ts';
import type { Hub, HubEvents, HubStatus } from './hub.ts';

/** Enough for a burst of some seconds at the rate of a busy catalog, about 1 MB. */
const defaultMaxBuffered = 1000;

/** Joins one connection with the registry of its subscriptions. */
export class HubConnection implements Hub {
  readonly #events = new Emitter<HubEvents>();
  readonly #registry: SubscriptionRegistry;
  readonly #connection: Connection;
  #lastId = 0;

  constructor(options: Omit<ConnectionOptions, 'handlers'>) {
    const registry = new SubscriptionRegistry(options.environment, options.backoff);
    this.#registry = registry;
    this.#connection = new Connection({
      ...options,
      handlers: {
        up: (link) => registry.up(link),
        down: () => registry.down(),
        state: (state) => this.#changed(state),
        error: (error) => this.#events.emit('error', error),
        subscriptions: () => registry.connectPayload(),
        subscribed: (message) => registry.subscribed(message),
        live: (message) => registry.live(message),
        events: (message) => registry.events(message),
        policy: (message) => registry.policy(message),
        ended: (message) => registry.ended(message),
        notice: (message) => {
          if (message.code === 'gap') registry.logGap();
          this.#events.emit('notice', message);
        },
      },
    });
  }

  get status(): HubStatus {
    return this.#connection.state.name;
  }

  channel(name: string, options: ChannelOptions = {}): Subscription {
    if (this.status === 'closed') throw new HubClientError('closed', 'the hub object is closed', { retryable: false });
    this.#lastId += 1;
    const id = `s${this.#lastId}`;
    const subscription = new ChannelSubscription({
      id,
      channel: name,
      filter: options.filter,
      maxBuffered: options.maxBuffered ?? defaultMaxBuffered,
      left: () => this.#registry.remove(id),
    });
    this.#registry.add(subscription);
    return subscription;
  }

  on<Name extends keyof HubEvents>(name: Name, listener: (value: HubEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  close(): void {
    this.#connection.close();
  }

  #changed(state: ConnectionState): void {
    this.#events.emit('status', state.name);
    if (state.name === 'closed') this.#registry.endAll(state.error);
  }
}
