import type { ErrorCode } from './error-code.ts';
import type { WireError } from './hub-error.ts';
import type { SubscribedResult } from './up.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';

/** What an entity is called, and what it is. */
export interface WireName {
  /** Family of the entity: `asset`, `alert`... */
  readonly kind: string;
  /** What it is within its family, e.g. `table`. */
  readonly type: string;
  /** Short name for people. */
  readonly name: string;
}

/** A head as a client sees it. In events the urn is their `subject`. */
export interface WireHead extends WireName {
  /** Fully qualified name in its source system; null if it has none. */
  readonly fqn: string | null;
  /** Source platform, e.g. `snowflake`; null if unknown. */
  readonly platform: string | null;
  /** Id of the business domain; null if it is in none. */
  readonly domain: string | null;
  /** Owners of an asset, assignees of an alert. */
  readonly owners: readonly string[];
  /** Classifications of the entity and of its columns, `scheme/name`, sorted. */
  readonly tags: readonly string[];
  /** State of the entity, e.g. `active` or `deprecated`. */
  readonly status: string;
}

/** A head where no `subject` stands beside it. */
export interface WireEntity extends WireHead {
  /** Identity of the entity, the same for its whole life. */
  readonly urn: string;
}

/** One difference: only `new` where something was added, only `old` where it was removed, neither where the values are too large to be sent. */
export interface WireChange {
  /** The value before. */
  readonly old?: JsonValue;
  /** The value after. */
  readonly new?: JsonValue;
}

/**
 * The differences between the entity before and after an event, for those parts that you may see, by JSON pointer into the
 * document; elements of lists stand by their stable key.
 */
export type WireChanges = Readonly<Record<string, WireChange>>;

/** The entity matches now and did not before, or is new. */
export type EnterEvent<Parts extends object> = WireEventBase & {
  /** What the event means for this subscription. */
  readonly kind: 'enter';
} & Parts;

/** The entity matched before and still does. */
export type UpdateEvent<Parts extends object> = WireEventBase & {
  /** What the event means for this subscription. */
  readonly kind: 'update';
} & Parts;

/** The entity no longer matches, or you may no longer see it. Says nothing of its content. */
export type LeaveEvent = WireEventBase & {
  /** What the event means for this subscription. */
  readonly kind: 'leave';
  /** `deleted`: it is gone. `left`: it no longer matches, or you may no longer see it. */
  readonly reason: 'deleted' | 'left';
};

/** Of an event that says what the entity is. */
export interface HeadPart {
  /** The entity as it is now, with the fields that were asked for. */
  readonly entity: WireHead;
}

/** Of an event that shows the document. */
export interface DocumentPart {
  /** What the document says beyond `entity`, as you may see it, with the fields that were asked for. */
  readonly document: JsonObject;
}

/** Of an event that says what has changed. */
export interface ChangesPart {
  /** What the event changed. */
  readonly changes: WireChanges;
}

/** Of an event that says which entity it is about. */
export interface NamePart {
  /** The entity as it is now: with the fields that were asked for, or with its name and what it is. */
  readonly entity: WireName;
}

/** Events of a feed by the shape that it asked for. */
export interface ShapedEvents {
  /** Without a shape. */
  readonly default: EnterEvent<HeadPart & DocumentPart> | UpdateEvent<NamePart & ChangesPart> | LeaveEvent;
  /** The entity and its document, each time. */
  readonly document:
    | EnterEvent<HeadPart & DocumentPart>
    | UpdateEvent<HeadPart & DocumentPart & ChangesPart>
    | LeaveEvent;
  /** The entity alone. */
  readonly entity: EnterEvent<HeadPart> | UpdateEvent<HeadPart> | LeaveEvent;
  /** What has changed. */
  readonly changes: EnterEvent<object> | UpdateEvent<ChangesPart> | LeaveEvent;
}

/** One event as a feed without a shape sees it. */
export type WireEvent = ShapedEvents['default'];

/** Of an event of whatever subscription. */
export interface AnyParts extends Partial<DocumentPart & ChangesPart> {
  /** The entity as it is now, as far as it was asked for. */
  readonly entity?: Partial<WireHead>;
}

/** One event of whatever subscription, as far as all of them have it alike. */
export type AnyWireEvent = EnterEvent<AnyParts> | UpdateEvent<AnyParts> | LeaveEvent;

/** What all events carry. */
export interface WireEventBase {
  /** Opaque and unique: the same event has the same id on every node and after every reconnect. */
  readonly id: string;
  /** urn of the entity. */
  readonly subject: string;
  /** CloudEvents type, e.g. `gov.classification.changed.v1`. Absent on `leave`. */
  readonly type?: string;
  /** Source time, RFC 3339 UTC. Absent on `leave`, and where it is `recordedtime`. */
  readonly time?: string;
  /** When the hub accepted it, RFC 3339 UTC with milliseconds; strictly ascending for one entity. */
  readonly recordedtime: string;
  /** Who caused it in the source system, if that is known and you may know it. */
  readonly actor?: string;
  /** Ties together the events of one action in the source system. */
  readonly correlationid?: string;
  /** The event or request of the source that caused it. */
  readonly causationid?: string;
  /** Further attributes of the message that the source sent, e.g. `traceparent`. */
  readonly extensions?: JsonObject;
  /** True for the first sight of an entity in an imported baseline: do not alert. */
  readonly replay?: true;
}

/** Events of one tick for one room, in the order in which the hub accepted them per entity. */
export interface EventsMessage {
  readonly room: string;
  readonly events: readonly AnyWireEvent[];
}

/** Sent for each subscription of the CONNECT payload, and nothing of its room is sent before. */
export type SubscribedMessage = SubscribedResult;

/** One entity of a view. */
export interface WireItem {
  /** The entity as it is now, with the fields that were asked for; `urn` is always among them. */
  readonly entity: WireEntity;
  /** What the document says beyond `entity`, as you may see it, with the fields that were asked for. */
  readonly document: JsonObject;
}

/** One entity of a view, of whatever shape. */
export interface AnyWireItem {
  /** The entity as it is now, as far as it was asked for. */
  readonly entity: Pick<WireEntity, 'urn'> & Partial<WireHead>;
  /** What the document says beyond `entity`, where it was asked for. */
  readonly document?: JsonObject;
}

/**
 * A page of a view's snapshot, by ascending urn. The snapshot replaces what the view held: what is in none of its pages
 * does not match any more.
 */
export interface SnapshotMessage {
  readonly id: string;
  /** 0 for the first; a first page begins a new snapshot. */
  readonly page: number;
  readonly items: readonly AnyWireItem[];
  readonly last: boolean;
}

/**
 * Events that a subscription gets before it is live: what it missed, or what happened while its snapshot was read. Some
 * may have come before.
 */
export interface ReplayMessage {
  readonly id: string;
  readonly events: readonly AnyWireEvent[];
  /** Where the subscription stands after these events; replaces the one of `subscribed`. */
  readonly cursor: string;
}

/** Everything before this position has been sent to the subscriptions that are live. At most one a second. */
export interface CursorMessage {
  readonly cursor: string;
}

/** Events of this room could not be built, because the catalog cannot be read: what you hold of it may be out of date. */
export interface StaleMessage {
  readonly room: string;
}

/** The node is about to stop. It goes on sending until the deadline: connect anew, and close this connection when the new one is live. */
export interface GoawayMessage {
  /** The hub closes the connection after this time, in milliseconds from now. */
  readonly deadlineMs: number;
  /** When to connect anew, in milliseconds from now: each client gets a time of its own. */
  readonly reconnectInMs: number;
}

/** The subscription really is live: every later matching event will be sent. */
export interface LiveMessage {
  readonly id: string;
}

/**
 * What the subscription may see has changed; `room` and `handle` replace the old ones. Drop what you hold for it. A view
 * gets a new snapshot.
 */
export interface PolicyMessage {
  readonly id: string;
  readonly room: string;
  readonly handle: string;
  readonly reason: 'token';
}

/** The hub has ended a subscription. */
export interface EndedMessage {
  readonly id: string;
  readonly error: WireError;
}

/** The hub is about to close the connection, or tells a state that users should see. */
export interface NoticeMessage {
  /**
   * An error code, or `stale` (the log cannot be read just now), `fresh` (it can again), `gap` (events are gone in the
   * log), `degraded` (the node does not reach `dependency` just now; events go on), `restored` (it does again) or
   * `nothing-granted` (no role of the token grants reading anything: the session stays empty).
   */
  readonly code: ErrorCode | 'stale' | 'fresh' | 'gap' | 'degraded' | 'restored' | 'nothing-granted';
  /** What `degraded` and `restored` are about: where documents are, or what connects the nodes. */
  readonly dependency?: 'catalog' | 'controlBus';
  /** The same for people. */
  readonly message: string;
  /** How long to wait before the next connection, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** First message of every session. */
export interface WelcomeMessage {
  readonly session: string;
  /** The version of the protocol that both sides speak on this connection. */
  readonly protocol: number;
  /** Optional abilities of this hub. A client uses one only where its name is here, and ignores names that it does not know. */
  readonly features: readonly string[];
  /** When the token expires, RFC 3339 UTC. */
  readonly expiresAt: string;
}

/** Events that the hub sends. */
export interface DownEvents {
  welcome: (message: WelcomeMessage) => void;
  subscribed: (message: SubscribedMessage) => void;
  live: (message: LiveMessage) => void;
  snapshot: (message: SnapshotMessage) => void;
  replay: (message: ReplayMessage) => void;
  events: (message: EventsMessage) => void;
  cursor: (message: CursorMessage) => void;
  stale: (message: StaleMessage) => void;
  goaway: (message: GoawayMessage) => void;
  policy: (message: PolicyMessage) => void;
  ended: (message: EndedMessage) => void;
  notice: (message: NoticeMessage) => void;
}
