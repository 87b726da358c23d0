import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import type { DownEvents } from '../../channels/protocol/down.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { noticeOf } from '../../channels/protocol/notice-of.ts';
import type { SubscribedResult, SubscribeRequest } from '../../channels/protocol/up.ts';
import { createSelection, type Selection } from '../../channels/subscription/selection.ts';
import type { Reader } from '../delivery/outlet/outlet.ts';
import type { Room } from '../delivery/outlet/room.ts';
import type { Subscriber } from '../delivery/join/subscriber.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import { assertSubscribable } from './assert-subscribable.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import type { Packet } from '../transport/packet.ts';
import type { Connection } from '../transport/transport.ts';
import type { Expiring } from './expiries.ts';
import type { FeatureSession } from '../part/session-feature.ts';
import { joinedRooms, newSession, step } from './session-state.ts';
import type { SessionEvent, SessionState, SubscriptionEntry } from './session-state.ts';

export interface SessionOptions {
  readonly connection: Connection;
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly client: string;
}

/** Called once, as soon as the start of a subscription is known; nothing of it is sent before. */
export type Announce = (result: SubscribedResult) => void;

/** Subscriptions whose client does not know yet what became of them; outside of the sessions, which are many. */
const unannounced = new WeakMap<SubscriptionEntry, Announce>();

/** One connected client: drives the session state and carries out its effects. */
export class Session implements Expiring, FeatureSession {
  readonly id: string;
  readonly client: string;
  readonly connectedAtMs: number;
  readonly #connection: Connection;
  readonly #surroundings: SessionSurroundings;
  /** Made with the first message: most sessions only listen. */
  #bucket: TokenBucket | undefined;
  #principal: Principal;
  #policyClass: PolicyClass;
  #state: SessionState = newSession;

  constructor({ connection, principal, policyClass, client }: SessionOptions, surroundings: SessionSurroundings) {
    this.id = connection.id;
    this.client = client;
    this.connectedAtMs = surroundings.clock.now();
    this.#connection = connection;
    this.#surroundings = surroundings;
    this.#principal = principal;
    this.#policyClass = policyClass;
    surroundings.expiries.add(this);
  }

  get address(): string {
    return this.#connection.address;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get policyClass(): PolicyClass {
    return this.#policyClass;
  }

  get expiresAtMs(): number {
    return this.#principal.expiresAtMs;
  }

  get subscriptionCount(): number {
    return this.#state.subscriptions.size;
  }

  send<Name extends keyof DownEvents>(event: Name, payload: Parameters<DownEvents[Name]>[0]): void {
    this.#connection.send(event, payload);
  }

  sendPacket(packet: Packet): void {
    this.#connection.sendPacket(packet);
  }

  /** @throws HubError rate-limited */
  countMessage(): void {
    const { messagesPerSecond, clock } = this.#surroundings;
    this.#bucket ??= new TokenBucket({
      ratePerSecond: messagesPerSecond,
      burst: messagesPerSecond * 4,
      stopwatch: clock,
    });
    const retryAfterMs = this.#bucket.take();
    if (retryAfterMs > 0) throw new HubError('rate-limited', 'too many messages on this session', { retryAfterMs });
  }

  /**
   * Takes a subscription, and brings it up to date. Resolves when it is live or given up. `cursor` is where the live
   * subscriptions of the connection before had got to.
   * @throws HubError duplicate-subscription, too-many-subscriptions, too-costly, invalid-request, invalid-channel, invalid-filter,
   * filter-too-large, view-too-large, storage-unavailable
   */
  async subscribe(request: SubscribeRequest, cursor: string | undefined, announce: Announce): Promise<void> {
    const { id, handle, since } = request;
    const from = request.cursor ?? cursor;
    assertSubscribable(request, this.#state.subscriptions, this.#surroundings.maxSubscriptions);
    const selection = createSelection(request.channel, request.filter, request);
    this.#surroundings.matchBudget.assertCapacity(this.#principal, selection);
    const room = this.#enter(selection);
    this.#step({ type: 'reserved', id, room });
    const held = this.#state.subscriptions.get(id);
    if (held !== undefined) unannounced.set(held, announce);
    const start = {
      ...(from === undefined ? {} : { cursor: from }),
      ...(handle === undefined ? {} : { handle }),
      ...(since === undefined ? {} : { since }),
    };
    await this.#following(id, (subscriber) => this.#surroundings.catchUp.run(subscriber, start));
  }

  /** @throws HubError unknown-subscription */
  unsubscribe(id: string): void {
    if (!this.#state.subscriptions.has(id))
      throw new HubError('unknown-subscription', `id: this session has no subscription ${id}`);
    this.#step({ type: 'unsubscribed', id });
  }

  /**
   * A newer token of the same principal. Other rights move every subscription to the room they entitle to, when no tick is
   * half done: what is being published goes to the rooms that were looked up for it, and would reach neither.
   * @throws HubError forbidden
   */
  async renew(principal: Principal, policyClass: PolicyClass): Promise<void> {
    if (principal.sub !== this.#principal.sub || principal.tenant !== this.#principal.tenant) {
      throw new HubError(
        'forbidden',
        'token: subject and tenant must be those of the session; reconnect to change them',
      );
    }
    // the connection may have closed while the token was verified
    if (this.#state.phase === 'closed') return;
    const { expiries, catchUp } = this.#surroundings;
    expiries.remove(this);
    this.#principal = principal;
    expiries.add(this);
    if (policyClass.id === this.#policyClass.id) return;
    await catchUp.atBoundary(() => {
      if (this.#state.phase === 'closed') return;
      this.#policyClass = policyClass;
      this.#reclassify();
      for (const feature of this.#surroundings.features()) feature.reclassified?.(this);
    });
  }

  /** Tells why, then closes after what is buffered. */
  end(error: HubError): void {
    this.send('notice', noticeOf(error));
    // a peer that reads nothing would otherwise still get, later, what it may no longer see
    if (this.#connection.bufferedBytes() > 64 * 1024) this.#connection.terminate();
    else this.#connection.end();
  }

  expire(): void {
    this.end(new HubError('token-expired', 'the token of this session has expired; reconnect with a new one'));
  }

  /** As `end`, but what the peer has not read yet must not reach it any more. */
  cutOff(error: HubError): void {
    if (this.#connection.bufferedBytes() > 0) this.#connection.terminate();
    else this.end(error);
  }

  /** The connection is gone; frees what the session held. */
  closed(): void {
    this.#surroundings.expiries.remove(this);
    for (const feature of this.#surroundings.features()) feature.closed?.(this);
    for (const room of joinedRooms(this.#state)) this.#surroundings.outlet.left(this.#reader, room);
    this.#step({ type: 'closed' });
  }

  /** Runs `work` for a subscription that is not live yet. What goes wrong ends the subscription. */
  async #following(id: string, work: (subscriber: Subscriber) => Promise<void>): Promise<void> {
    const held = this.#state.subscriptions.get(id);
    if (held === undefined) return;
    try {
      await work(this.#subscriberOf(id, held));
    } catch (error) {
      const isCurrent = this.#state.subscriptions.get(id) === held;
      if (isCurrent) this.#step({ type: 'unsubscribed', id });
      // the id may stand for another subscription by now, which this does not concern
      if (isCurrent || unannounced.delete(held)) throw error;
    }
    if (unannounced.delete(held))
      throw new HubError('unknown-subscription', `id: subscription ${id} was cancelled before it was live`);
  }

  #subscriberOf(id: string, held: SubscriptionEntry): Subscriber {
    return {
      id,
      ...this.#reader,
      room: held.room,
      connection: this.#connection,
      isCurrent: () => this.#state.subscriptions.get(id) === held,
      pending: this.#surroundings.pending,
      announce: (result) => this.#announce(held, result),
      goLive: () => {
        this.#step({ type: 'caught-up', id });
        this.send('live', { id });
      },
    };
  }

  #announce(held: SubscriptionEntry, result: SubscribedResult): void {
    const announce = unannounced.get(held);
    unannounced.delete(held);
    announce?.(result);
  }

  #enter(selection: Selection): Room {
    this.#surroundings.matchBudget.take(this.#principal, selection);
    return this.#surroundings.rooms.enter(selection, this.#policyClass);
  }

  #leave(room: Room): void {
    this.#surroundings.matchBudget.release(this.#principal, room.selection);
    this.#surroundings.rooms.leave(room);
  }

  #reclassify(): void {
    const before = this.#state.subscriptions;
    const rooms = new Map([...before].map(([id, { room }]) => [id, this.#enter(room.selection)] as const));
    const buffered = this.#connection.bufferedBytes();
    this.#step({ type: 'reclassified', rooms });
    for (const [id, held] of before) this.#tellPolicy(id, held);
    // bytes of the old class that the peer has not read yet must not reach it
    if (buffered > 0) return this.#connection.terminate();
    for (const [id, { live }] of before) if (!live && this.#isLive(id)) this.send('live', { id });
    for (const id of rooms.keys()) if (!this.#isLive(id)) void this.#renewView(id);
  }

  #isLive(id: string): boolean {
    return this.#state.subscriptions.get(id)?.live === true;
  }

  #tellPolicy(id: string, before: SubscriptionEntry): void {
    const room = this.#state.subscriptions.get(id)?.room;
    if (room === undefined) return;
    const handle = this.#surroundings.seals.handle(room);
    if (unannounced.has(before))
      this.#announce(before, { id, room: room.name, handle, cursor: '', recovered: false, reason: 'policy' });
    else this.send('policy', { id, room: room.name, handle, reason: 'token' });
  }

  async #renewView(id: string): Promise<void> {
    try {
      await this.#following(id, (subscriber) => this.#surroundings.catchUp.renew(subscriber));
    } catch (error) {
      this.send('ended', { id, error: HubError.from(error).toWire() });
    }
  }

  #step(event: SessionEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type === 'release') this.#leave(effect.room);
      else if (effect.type === 'join') this.join(effect.room);
      else this.part(effect.room);
    }
  }

  join(room: Room): void {
    this.#connection.join(room.name);
    this.#surroundings.outlet.joined(this.#reader, room);
  }

  part(room: Room): void {
    this.#connection.leave(room.name);
    this.#surroundings.outlet.left(this.#reader, room);
  }

  get #reader(): Required<Reader> {
    return { owner: principalKey(this.#principal), session: this.id };
  }
}
