import type { ErrorCode } from './error-code.ts';
import type { WireError } from './hub-error.ts';
import type { WireEntity, WireHead, WireName } from './entity.ts';
import type { SearchDeltaMessage, SearchResultMessage } from './search.ts';
import type { SubscribedResult } from './up.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';

/** One difference: only `new` if added, only `old` if removed, neither if the values are too large to be sent. */
export interface WireChange {
  /** The value before. */
  readonly old?: JsonValue;
  /** The value after. */
  readonly new?: JsonValue;
}

/**
 * The differences between the entity before and after an event, for the parts that you may see, by JSON pointer into the
 * document; elements of lists are addressed by their stable key.
 */
export type WireChanges = Readonly<Record<string, WireChange>>;

/** The entity matches now and did not before, or is new. */
export type EnterEvent<Parts extends object> = WireEventBase & {
  /** Effect of the event for this subscription. */
  readonly kind: 'enter';
} & Parts;

/** The entity matched before and still does. */
export type UpdateEvent<Parts extends object> = WireEventBase & {
  /** Effect of the event for this subscription. */
  readonly kind: 'update';
} & Parts;

/** The entity no longer matches, or you may no longer see it. Carries no content. */
export type LeaveEvent = WireEventBase & {
  /** Effect of the event for this subscription. */
  readonly kind: 'leave';
  /** `deleted`: it was deleted. `left`: it no longer matches, or you may no longer see it. */
  readonly reason: 'deleted' | 'left';
};

/** An event with the entity. */
export interface HeadPart {
  /** The current entity, with the requested fields. */
  readonly entity: WireHead;
}

/** An event with the document. */
export interface DocumentPart {
  /** The part of the document that is not in `entity`, as you may see it, with the requested fields. */
  readonly document: JsonObject;
}

/** An event with the changes. */
export interface ChangesPart {
  /** What the event changed. */
  readonly changes: WireChanges;
}

/** An event with the name of the entity. */
export interface NamePart {
  /** The current entity: with the requested fields, or with its kind, type and name. */
  readonly entity: WireName;
}

/** Events of a feed by its requested shape. */
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
  /** The changes. */
  readonly changes: EnterEvent<object> | UpdateEvent<ChangesPart> | LeaveEvent;
}

/** One event of a feed without a shape. */
export type WireEvent = ShapedEvents['default'];

/** An event of any subscription. */
export interface AnyParts extends Partial<DocumentPart & ChangesPart> {
  /** The current entity, with the requested fields. */
  readonly entity?: Partial<WireHead>;
}

/** The common members of events of any subscription. */
export type AnyWireEvent = EnterEvent<AnyParts> | UpdateEvent<AnyParts> | LeaveEvent;

/** Members of all events. */
export interface WireEventBase {
  /** Opaque and unique: the same event has the same id on every node and after every reconnect. */
  readonly id: string;
  /** urn of the entity. */
  readonly subject: string;
  /** CloudEvents type, e.g. `gov.classification.changed.v1`. Absent on `leave`. */
  readonly type?: string;
  /** Source time, RFC 3339 UTC. Absent on `leave`, and if it equals `recordedtime`. */
  readonly time?: string;
  /** When the hub accepted it, RFC 3339 UTC with milliseconds; strictly ascending for one entity. */
  readonly recordedtime: string;
  /** The actor in the source system, if known and visible to you. */
  readonly actor?: string;
  /** Correlates the events of one action in the source system. */
  readonly correlationid?: string;
  /** The event or request of the source that caused it. */
  readonly causationid?: string;
  /** Further attributes of the message that the source sent, e.g. `traceparent`. */
  readonly extensions?: JsonObject;
  /** True for the first event of an entity from an imported baseline: do not alert. */
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
  /** The current entity, with the requested fields and always `urn`. */
  readonly entity: WireEntity;
  /** The part of the document that is not in `entity`, as you may see it, with the requested fields. */
  readonly document: JsonObject;
}

/** One entity of a view of any shape. */
export interface AnyWireItem {
  /** The current entity, with the requested fields. */
  readonly entity: Pick<WireEntity, 'urn'> & Partial<WireHead>;
  /** The part of the document that is not in `entity`, if requested. */
  readonly document?: JsonObject;
}

/**
 * A page of a view's snapshot, by ascending urn. The snapshot replaces the content of the view: an entity that is in none of its pages
 * no longer matches.
 */
export interface SnapshotMessage {
  readonly id: string;
  /** 0 for the first; it starts a new snapshot. */
  readonly page: number;
  readonly items: readonly AnyWireItem[];
  readonly last: boolean;
}

/**
 * Events that a subscription gets before it is live: what it missed, or what happened while its snapshot was read. May
 * contain duplicates.
 */
export interface ReplayMessage {
  readonly id: string;
  readonly events: readonly AnyWireEvent[];
  /** Position of the subscription after these events; replaces the one of `subscribed`. */
  readonly cursor: string;
}

/** Everything before this position has been sent to the live subscriptions. One every 5 s. */
export interface CursorMessage {
  readonly cursor: string;
}

/** Events of this room could not be built, because the catalog cannot be read: your data for it may be out of date. */
export interface StaleMessage {
  readonly room: string;
}

/** The node is about to stop. It keeps sending until the deadline: open a new connection, and close this one when the new one is live. */
export interface GoawayMessage {
  /** The hub closes the connection after this time, in milliseconds from now. */
  readonly deadlineMs: number;
  /** When to open the new connection, in milliseconds from now: different for each client. */
  readonly reconnectInMs: number;
}

/** The subscription is live: every later matching event will be sent. */
export interface LiveMessage {
  readonly id: string;
}

/**
 * The rights of the subscription have changed; `room` and `handle` replace the old ones. Drop your data for it. A view
 * gets a new snapshot.
 */
export interface PolicyMessage {
  readonly id: string;
  readonly room: string;
  readonly handle: string;
  readonly reason: 'token';
}

/** The hub has ended a subscription, or a live search. */
export interface EndedMessage {
  readonly id: string;
  readonly error: WireError;
}

/** The hub is about to close the connection, or reports a state that users should see. */
export interface NoticeMessage {
  /**
   * An error code, or `stale` (the log cannot be read), `fresh` (it can again), `gap` (events were lost in the
   * log), `degraded` (the node does not reach `dependency`; events continue), `restored` (it does again) or
   * `nothing-granted` (no role of the token grants reading anything: the session gets no events).
   */
  readonly code: ErrorCode | 'stale' | 'fresh' | 'gap' | 'degraded' | 'restored' | 'nothing-granted';
  /** The dependency of `degraded` and `restored`: the catalog, the control bus or the search index. */
  readonly dependency?: 'catalog' | 'controlBus' | 'search';
  /** Text for people. */
  readonly message: string;
  /** How long to wait before the next connection, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** First message of every session. */
export interface WelcomeMessage {
  readonly session: string;
  /** The protocol version of this connection. */
  readonly protocol: number;
  /** Optional abilities of this hub. A client uses one only if its name is listed, and ignores unknown names. */
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
  result: (message: SearchResultMessage) => void;
  delta: (message: SearchDeltaMessage) => void;
  searchended: (message: EndedMessage) => void;
}
