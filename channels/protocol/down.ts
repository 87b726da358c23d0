import type { ErrorCode } from './error-code.ts';
import type { WireError } from './hub-error.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';

/** A head as a client sees it. */
export interface WireEntity {
  readonly urn: string;
  readonly kind: string;
  readonly type: string;
  readonly name: string;
  readonly fqn: string | null;
  readonly platform: string | null;
  readonly domain: string | null;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  readonly status: string;
}

export interface WireOp {
  readonly op: 'add' | 'remove' | 'replace';
  /** JSON pointer; array elements stand by their stable key. */
  readonly path: string;
  readonly old?: JsonValue;
  readonly new?: JsonValue;
}

/**
 * One event as a subscription sees it. `enter`: the entity matches now and did not before (or is new); carries the
 * whole document. `update`: it matched and still does. `leave`: it no longer matches, or you may no longer see it;
 * says nothing of its content.
 */
export type WireEvent =
  | (WireEventBase & {
      readonly kind: 'enter';
      readonly entity: WireEntity;
      readonly changes: readonly WireOp[];
      readonly document: JsonObject;
    })
  | (WireEventBase & { readonly kind: 'update'; readonly entity: WireEntity; readonly changes: readonly WireOp[] })
  | (WireEventBase & { readonly kind: 'leave'; readonly reason: 'deleted' | 'left' });

export interface WireEventBase {
  /** Opaque and unique: the same event has the same id on every node and after every reconnect. */
  readonly id: string;
  /** urn of the entity. */
  readonly subject: string;
  /** CloudEvents type, e.g. `gov.classification.changed.v1`. Absent on `leave`. */
  readonly type?: string;
  /** Source time, RFC 3339 UTC. Absent on `leave`. */
  readonly time?: string;
  /** When the hub accepted it, RFC 3339 UTC. */
  readonly recordedtime: string;
  readonly actor?: string;
  readonly correlationid?: string;
  /** True for the first sight of an entity in an imported baseline: do not alert. */
  readonly replay?: true;
}

/** Events of one tick for one room, in the order in which the hub accepted them per entity. */
export interface EventsMessage {
  readonly room: string;
  readonly events: readonly WireEvent[];
}

/** Sent for each subscription of the CONNECT payload, and nothing of its room is sent before. */
export interface SubscribedMessage {
  readonly id: string;
  readonly room: string;
}

/** The subscription really is live: every later matching event will be sent. */
export interface LiveMessage {
  readonly id: string;
}

/** What the subscription may see has changed; `room` replaces the old one. Drop what you hold for it. */
export interface PolicyMessage {
  readonly id: string;
  readonly room: string;
  readonly reason: 'token';
}

/** The hub has ended a subscription. */
export interface EndedMessage {
  readonly id: string;
  readonly error: WireError;
}

/** The hub is about to close the connection, or tells a state that users should see. */
export interface NoticeMessage {
  /** An error code, or `stale` (the log cannot be read just now) or `fresh` (it can again). */
  readonly code: ErrorCode | 'stale' | 'fresh' | 'gap';
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** First message of every session. */
export interface WelcomeMessage {
  readonly session: string;
  readonly protocol: number;
  /** When the token expires, RFC 3339 UTC. */
  readonly expiresAt: string;
}

/** Events that the hub sends. */
export interface DownEvents {
  welcome: (message: WelcomeMessage) => void;
  subscribed: (message: SubscribedMessage) => void;
  live: (message: LiveMessage) => void;
  events: (message: EventsMessage) => void;
  policy: (message: PolicyMessage) => void;
  ended: (message: EndedMessage) => void;
  notice: (message: NoticeMessage) => void;
}
