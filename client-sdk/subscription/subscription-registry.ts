import type { NoticeMessage } from '../../channels/protocol/down.ts';
import type { ConnectAuth, SubscribeRequest } from '../../channels/protocol/up.ts';
import { type BackoffBounds, backoffMs } from '../connection/backoff.ts';
import type { Environment } from '../connection/environment.ts';
import type { HubClientError } from '../hub-client-error.ts';
import { type LinkSession, openSession } from './link-session.ts';
import { nextSubscription } from './next-subscription.ts';
import {
  isSettled,
  newSubscription,
  requestOf,
  servedOn,
  type SinkEffect,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
} from './subscription-state.ts';

/** The application's side of a subscription. */
export interface Sink {
  readonly perform: (effect: SinkEffect) => void;
}

interface Entry {
  readonly sink: Sink;
  state: SubscriptionState;
  /** What ends the running timer, by number of the link. */
  readonly timers: Map<number, () => void>;
}

/** The CONNECT packet must stay far below the limit of a message; the rest is asked for one by one. */
const maxPayloadChars = 16_384;

/** All wanted subscriptions, and the driver of their states: one for each link that there is. No decisions here. */
export class SubscriptionRegistry {
  readonly #environment: Environment;
  readonly #backoff: BackoffBounds;
  readonly #notice: (message: NoticeMessage) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #sessions = new Map<number, LinkSession>();
  readonly #settled = new Map<number, () => void>();
  #lastLink = 0;
  /** The last that a hub sent on any link. */
  #cursor: string | null = null;

  constructor(environment: Environment, backoff: BackoffBounds, notice: (message: NoticeMessage) => void) {
    this.#environment = environment;
    this.#backoff = backoff;
    this.#notice = notice;
  }

  /** Asks for it on all links that there are, and on those to come. */
  add(wanted: SubscriptionState['wanted'], sink: Sink): void {
    this.#entries.set(wanted.id, { sink, state: newSubscription(wanted), timers: new Map() });
    for (const [link, session] of this.#sessions) if (session.isUp()) this.dispatch(wanted.id, { type: 'ask', link });
  }

  /** A new link. `settled` is called once, when every subscription is live on it or will not be soon. */
  open(settled: () => void): LinkSession {
    const link = (this.#lastLink += 1);
    const session = openSession(
      {
        connectPayload: () => this.#connectPayload(link),
        tell: (id, event) => this.dispatch(id, { ...event, link }),
        tellAll: (event) => {
          for (const id of [...this.#entries.keys()]) this.dispatch(id, { ...event, link });
          if (event.type === 'down') this.#close(link);
          else this.#checkSettled(link);
        },
        cursor: (cursor) => {
          this.#cursor = cursor;
          for (const id of [...this.#entries.keys()]) this.dispatch(id, { type: 'cursor', cursor, link });
        },
        notice: this.#notice,
      },
      this.#environment,
      this.#backoff.maxMs,
    );
    this.#sessions.set(link, session);
    this.#settled.set(link, settled);
    return session;
  }

  /** False if there is no such subscription. */
  dispatch(id: string, event: SubscriptionEvent): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const { state, effects } = nextSubscription(entry.state, event);
    entry.state = state;
    for (const [link, session] of this.#sessions) session.place(id, servedOn(state, link)?.room ?? null);
    if (state.isEnded) this.#forget(id, entry);
    for (const effect of effects) {
      // a listener may have closed it; what was still to be done is for nobody then
      if (entry.state.isEnded && !state.isEnded) break;
      this.#perform(id, entry, effect);
    }
    if (event.type !== 'events' && event.type !== 'cursor')
      for (const link of this.#settled.keys()) this.#checkSettled(link);
    return true;
  }

  /** What a view holds is wrong, whichever link has brought it. */
  restart(id: string): void {
    for (const link of this.#sessions.keys()) this.dispatch(id, { type: 'incomplete', reason: 'unavailable', link });
  }

  endAll(error: HubClientError | null): void {
    for (const [id, entry] of [...this.#entries]) {
      this.#forget(id, entry);
      entry.state = { ...entry.state, isEnded: true };
      entry.sink.perform({ type: 'end', error });
    }
  }

  #perform(id: string, entry: Entry, effect: SubscriptionEffect): void {
    switch (effect.type) {
      case 'request':
        return this.#sessions.get(effect.link)?.request(requestOf(entry.state));
      case 'leave':
        return this.#sessions
          .get(effect.link)
          ?.unsubscribe(id, () => void this.dispatch(id, { type: 'left', link: effect.link }));
      case 'retry':
        return this.#retryLater(id, entry, effect);
      default:
        return entry.sink.perform(effect);
    }
  }

  #retryLater(
    id: string,
    { timers }: Entry,
    { link, failures, retryAfterMs }: Extract<SubscriptionEffect, { type: 'retry' }>,
  ): void {
    timers.get(link)?.();
    const delayMs = retryAfterMs + backoffMs(failures, this.#environment.random(), this.#backoff);
    timers.set(
      link,
      this.#environment.setTimer(delayMs, () => {
        timers.delete(link);
        this.dispatch(id, { type: 'retry', link });
      }),
    );
  }

  #connectPayload(link: number): Pick<ConnectAuth, 'cursor' | 'subscriptions'> {
    const subscriptions: SubscribeRequest[] = [];
    let chars = 0;
    for (const [id, { state }] of this.#entries) {
      const request = requestOf(state, this.#cursor);
      chars += JSON.stringify(request).length;
      if (chars > maxPayloadChars) break;
      this.dispatch(id, { type: 'asked', link });
      subscriptions.push(request);
    }
    return { ...(this.#cursor !== null && { cursor: this.#cursor }), subscriptions };
  }

  #checkSettled(link: number): void {
    const settled = this.#settled.get(link);
    if (settled === undefined || this.#sessions.get(link)?.isUp() !== true) return;
    for (const { state } of this.#entries.values()) if (!isSettled(state, link)) return;
    this.#settled.delete(link);
    settled();
  }

  #close(link: number): void {
    this.#sessions.delete(link);
    this.#settled.delete(link);
    for (const { timers } of this.#entries.values()) {
      timers.get(link)?.();
      timers.delete(link);
    }
  }

  #forget(id: string, { timers }: Entry): void {
    for (const cancel of timers.values()) cancel();
    this.#entries.delete(id);
  }
}
