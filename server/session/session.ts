import type { JsonObject } from '../../channels/event/json.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { DownEvents } from '../../channels/protocol/down.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { createSelection, type Selection } from '../../channels/subscription/selection.ts';
import type { Room, RoomRegistry } from '../gateway/room-registry.ts';
import { TokenBucket } from '../security/token-bucket.ts';
import type { Connection } from '../transport/transport.ts';
import { newSession, type SessionEvent, type SessionState, step } from './session-state.ts';

export interface SessionOptions {
  readonly connection: Connection;
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly client: string;
  readonly rooms: RoomRegistry;
  readonly clock: Clock;
  readonly maxSubscriptions: number;
  readonly messagesPerSecond: number;
}

/** Timers cannot be set further ahead than this; a session with a longer token looks again. */
const maxTimerMs = 2_147_000_000;

/** One connected client: drives the session state and carries out its effects. */
export class Session {
  readonly id: string;
  readonly client: string;
  readonly connectedAtMs: number;
  readonly #connection: Connection;
  readonly #rooms: RoomRegistry;
  readonly #clock: Clock;
  readonly #maxSubscriptions: number;
  readonly #messagesPerSecond: number;
  /** Made with the first message: most sessions only listen. */
  #bucket: TokenBucket | undefined;
  #principal: Principal;
  #policyClass: PolicyClass;
  #state: SessionState = newSession;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.id = options.connection.id;
    this.client = options.client;
    this.connectedAtMs = options.clock.now();
    this.#connection = options.connection;
    this.#rooms = options.rooms;
    this.#clock = options.clock;
    this.#maxSubscriptions = options.maxSubscriptions;
    this.#messagesPerSecond = options.messagesPerSecond;
    this.#principal = options.principal;
    this.#policyClass = options.policyClass;
    this.#armExpiry();
  }

  get address(): string {
    return this.#connection.address;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get subscriptionCount(): number {
    return this.#state.subscriptions.size;
  }

  send<Name extends keyof DownEvents>(event: Name, payload: Parameters<DownEvents[Name]>[0]): void {
    this.#connection.send(event, payload);
  }

  /** @throws HubError rate-limited */
  countMessage(): void {
    this.#bucket ??= new TokenBucket({
      ratePerSecond: this.#messagesPerSecond,
      burst: this.#messagesPerSecond * 4,
      clock: this.#clock,
    });
    const retryAfterMs = this.#bucket.take();
    if (retryAfterMs > 0) throw new HubError('rate-limited', 'too many messages on this session', { retryAfterMs });
  }

  /** Joins the room and returns it. @throws HubError duplicate-subscription, too-many-subscriptions, invalid-channel, invalid-filter, filter-too-large */
  subscribe(request: SubscribeRequest): Room {
    if (this.#state.subscriptions.has(request.id))
      throw new HubError('duplicate-subscription', `id: this session already has a subscription ${request.id}`);
    if (this.#state.subscriptions.size >= this.#maxSubscriptions) {
      throw new HubError(
        'too-many-subscriptions',
        `this session already has ${this.#maxSubscriptions} subscriptions; unsubscribe some or use a wider filter`,
      );
    }
    const room = this.#enter(createSelection(request.channel, request.filter));
    this.#step({ type: 'subscribed', id: request.id, room });
    return room;
  }

  /** @throws HubError unknown-subscription */
  unsubscribe(id: string): void {
    if (!this.#state.subscriptions.has(id))
      throw new HubError('unknown-subscription', `id: this session has no subscription ${id}`);
    this.#step({ type: 'unsubscribed', id });
  }

  /** A newer token of the same principal. Other rights move every subscription to the room they entitle to. */
  renew(principal: Principal, policyClass: PolicyClass): void {
    if (principal.sub !== this.#principal.sub || principal.tenant !== this.#principal.tenant) {
      throw new HubError(
        'forbidden',
        'token: subject and tenant must stay those of the session; reconnect to change them',
      );
    }
    // the connection may have closed while the token was verified
    if (this.#state.phase === 'closed') return;
    const changed = policyClass.id !== this.#policyClass.id;
    this.#principal = principal;
    this.#policyClass = policyClass;
    this.#armExpiry();
    if (changed) this.#reclassify();
  }

  /** Tells why, then closes after what is buffered. */
  end(error: HubError): void {
    const { code, message, retryAfterMs } = error.toWire();
    this.send('notice', { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    // a peer that reads nothing would otherwise still get, later, what it may no longer see
    if (this.#connection.bufferedBytes() > 64 * 1024) this.#connection.terminate();
    else this.#connection.end();
  }

  /** The connection is gone; frees what the session held. */
  closed(): void {
    clearTimeout(this.#expiry);
    this.#step({ type: 'closed' });
  }

  #enter(selection: Selection): Room {
    return this.#rooms.enter(selection, this.#policyClass);
  }

  #reclassify(): void {
    const rooms = new Map(
      [...this.#state.subscriptions].map(([id, room]) => [id, this.#enter(room.selection)] as const),
    );
    const buffered = this.#connection.bufferedBytes();
    this.#step({ type: 'reclassified', rooms });
    for (const [id, room] of rooms) this.send('policy', { id, room: room.name, reason: 'token' });
    // bytes of the old class that the peer has not read yet must not reach it
    if (buffered > 0) this.#connection.terminate();
  }

  #step(event: SessionEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type === 'release') this.#rooms.leave(effect.room);
      else if (effect.type === 'join') this.#connection.join(effect.room);
      else this.#connection.leave(effect.room);
    }
  }

  #armExpiry(): void {
    clearTimeout(this.#expiry);
    const inMs = this.#principal.expiresAtMs - this.#clock.now();
    this.#expiry = setTimeout(() => this.#onExpiry(), Math.max(0, Math.min(inMs, maxTimerMs)));
    this.#expiry.unref();
  }

  #onExpiry(): void {
    if (this.#principal.expiresAtMs > this.#clock.now()) this.#armExpiry();
    else this.end(new HubError('token-expired', 'the token of this session has expired; reconnect with a new one'));
  }
}

/** What a session shows of itself to operators. */
export function describeSession(session: Session, node: string): JsonObject {
  const { principal } = session;
  return {
    id: session.id,
    node,
    tenant: principal.tenant,
    sub: principal.sub,
    roles: principal.roles,
    connectedAt: new Date(session.connectedAtMs).toISOString(),
    client: session.client,
  };
}
