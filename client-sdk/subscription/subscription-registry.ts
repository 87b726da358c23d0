import type {
  EndedMessage,
  EventsMessage,
  LiveMessage,
  PolicyMessage,
  SubscribedMessage,
} from '../../channels/protocol/down.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { type BackoffBounds, backoffMs } from '../connection/backoff.ts';
import type { Environment } from '../connection/environment.ts';
import type { Link } from '../connection/link.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { ChannelSubscription } from './channel-subscription.ts';

/** A wanted subscription and where it stands with the hub. */
interface Entry {
  readonly subscription: ChannelSubscription;
  /** Asked for on this connection. */
  isRequested: boolean;
  /** Set while frames for it may come. */
  room: string | null;
  /** Was live once, so a hole after that concerns the application. */
  wasLive: boolean;
  refusals: number;
  cancelRetry: () => void;
}

/** The CONNECT packet must stay far below the limit of a message; the rest is asked for one by one. */
const maxPayloadChars = 16_384;

/** All wanted subscriptions and the rooms in which their events arrive. Asks again for all of them on every connection. */
export class SubscriptionRegistry {
  readonly #environment: Environment;
  readonly #backoff: BackoffBounds;
  readonly #entries = new Map<string, Entry>();
  readonly #rooms = new Map<string, Set<Entry>>();
  #link: Link | null = null;

  constructor(environment: Environment, backoff: BackoffBounds) {
    this.#environment = environment;
    this.#backoff = backoff;
  }

  add(subscription: ChannelSubscription): void {
    const entry: Entry = {
      subscription,
      isRequested: false,
      room: null,
      wasLive: false,
      refusals: 0,
      cancelRetry: () => undefined,
    };
    this.#entries.set(subscription.id, entry);
    this.#request(entry);
  }

  /** Forgets a subscription that the application has left. One whose answer is still under way is given up when that comes. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const wasAttached = entry.room !== null;
    this.#forget(entry);
    if (wasAttached) this.#unsubscribe(id);
  }

  /** The subscriptions for a CONNECT payload. */
  connectPayload(): readonly SubscribeRequest[] {
    const requests: SubscribeRequest[] = [];
    let chars = 0;
    for (const entry of this.#entries.values()) {
      const request = requestOf(entry);
      chars += JSON.stringify(request).length;
      if (chars > maxPayloadChars) break;
      entry.isRequested = true;
      requests.push(request);
    }
    return requests;
  }

  up(link: Link): void {
    this.#link = link;
    for (const entry of this.#entries.values()) this.#request(entry);
  }

  down(): void {
    this.#link = null;
    this.#rooms.clear();
    for (const entry of this.#entries.values()) {
      entry.cancelRetry();
      entry.isRequested = false;
      entry.room = null;
    }
  }

  subscribed({ id, room }: SubscribedMessage): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return this.#unsubscribe(id);
    entry.refusals = 0;
    this.#moveTo(entry, room);
    if (entry.wasLive) entry.subscription.reportGap('reconnected');
  }

  live({ id }: LiveMessage): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.wasLive = true;
    entry.subscription.becameLive();
  }

  events({ room, events }: EventsMessage): void {
    // a copy: a listener may close subscriptions
    for (const entry of [...(this.#rooms.get(room) ?? [])]) entry.subscription.deliver(events);
  }

  policy({ id, room, reason }: PolicyMessage): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#moveTo(entry, room);
    entry.subscription.replacePolicy(reason);
  }

  ended({ id, error }: EndedMessage): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.room === null) return this.#refused(entry, HubClientError.fromWire(error));
    this.#forget(entry);
    entry.subscription.end(HubClientError.fromWire(error));
  }

  /** The hub has found a hole in its log, which concerns everybody who was live. */
  logGap(): void {
    for (const entry of [...this.#entries.values()]) if (entry.wasLive) entry.subscription.reportGap('log');
  }

  endAll(error: HubClientError | null): void {
    this.down();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { subscription } of entries) subscription.end(error);
  }

  #request(entry: Entry): void {
    const link = this.#link;
    if (link === null || entry.isRequested) return;
    entry.isRequested = true;
    link.request('subscribe', requestOf(entry), (answer) => {
      if (answer.ok) this.subscribed({ id: entry.subscription.id, room: answer.room });
      else if (this.#entries.has(entry.subscription.id)) this.#refused(entry, HubClientError.fromWire(answer.error));
    });
  }

  #refused(entry: Entry, error: HubClientError): void {
    if (!error.retryable) {
      this.#forget(entry);
      return entry.subscription.end(error);
    }
    entry.refusals += 1;
    const delayMs = (error.retryAfterMs ?? 0) + backoffMs(entry.refusals, this.#environment.random(), this.#backoff);
    entry.cancelRetry = this.#environment.setTimer(delayMs, () => {
      entry.isRequested = false;
      this.#request(entry);
    });
  }

  #unsubscribe(id: string): void {
    this.#link?.request('unsubscribe', { id }, (answer) => {
      // another refusal does not matter: the hub may have ended it at the same moment
      if (answer.ok || !answer.error.retryable) return;
      this.#environment.setTimer(answer.error.retryAfterMs ?? this.#backoff.maxMs, () => this.#unsubscribe(id));
    });
  }

  #moveTo(entry: Entry, room: string): void {
    this.#leaveRoom(entry);
    entry.room = room;
    const members = this.#rooms.get(room) ?? new Set();
    this.#rooms.set(room, members.add(entry));
  }

  #leaveRoom(entry: Entry): void {
    if (entry.room === null) return;
    const members = this.#rooms.get(entry.room);
    members?.delete(entry);
    if (members?.size === 0) this.#rooms.delete(entry.room);
    entry.room = null;
  }

  #forget(entry: Entry): void {
    entry.cancelRetry();
    this.#leaveRoom(entry);
    this.#entries.delete(entry.subscription.id);
  }
}

function requestOf({ subscription: { id, channel, filter } }: Entry): SubscribeRequest {
  return filter === undefined ? { id, channel } : { id, channel, filter };
}
