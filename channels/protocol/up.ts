import type { WireError } from './hub-error.ts';
import type { SearchedResult, SearchRequest, UnsearchRequest } from './search.ts';
import type { JsonObject } from '../event/json.ts';

/**
 * `document`: the entity and its document. `entity`: the entity alone. `changes`: the changes, and of the entity
 * only the urn; for feeds.
 */
export type Shape = 'document' | 'entity' | 'changes';

/** One requested subscription. `id` is chosen by the client and unique within its session: 1-64 of `A-Z a-z 0-9 _ - . :`. */
export interface SubscribeRequest {
  readonly id: string;
  /** Channel name, see docs/protocol.md. */
  readonly channel: string;
  readonly filter?: JsonObject;
  /** `events`: a feed. `view`: a snapshot of what matches, then every change of it. Default `events`. */
  readonly mode?: 'events' | 'view';
  /** Which parts of each event or entity are sent. Default: `default` of {@link ShapedEvents} in a feed, `document` in a view. */
  readonly shape?: Shape;
  /** Only these members of entities and documents, and changes of these: 1 to 32 names. An `update` that changes none of them is not sent. */
  readonly fields?: readonly string[];
  /** From the subscription's last `subscribed`, ack or `policy`: proves what it was entitled to. Needed to resume from a cursor. */
  readonly handle?: string;
  /** Position of this subscription, if it was not live yet. Default: the cursor of CONNECT. */
  readonly cursor?: string;
  /** RFC 3339 time: replay events since then, under the current policy. Not together with a cursor, nor for a view. */
  readonly since?: string;
}

/** Payload of the Socket.IO CONNECT packet. */
export interface ConnectAuth {
  readonly token: string;
  /** The newest protocol version that the client supports; `welcome` has the negotiated one. */
  readonly protocol: number;
  /** The oldest version that it supports. Default: `protocol`. */
  readonly oldestProtocol?: number;
  /** Name and version of the client, e.g. `@pursight/client 0.1.0`. */
  readonly client: string;
  /** The last `cursor` message of the previous connection: the position of its live subscriptions. */
  readonly cursor?: string;
  /** In the oldest version that the client offers, without features: they are written before negotiation. */
  readonly subscriptions?: readonly SubscribeRequest[];
}

/** Ends the subscription of this id in the session. After the ack nothing comes for it any more. */
export interface UnsubscribeRequest {
  readonly id: string;
}

/** Replaces the session's token before it expires. Subject and tenant must stay the same. */
export interface AuthenticateRequest {
  readonly token: string;
}

/** Answer to every event that a client sends. */
export type Ack<Result extends object = object> =
  | ({ readonly ok: true } & Result)
  | { readonly ok: false; readonly error: WireError };

/** Events that a client may send, with the type of their answer. */
export interface UpEvents {
  subscribe: (request: SubscribeRequest, ack: (answer: Ack<SubscribedResult>) => void) => void;
  unsubscribe: (request: UnsubscribeRequest, ack: (answer: Ack) => void) => void;
  /** Only where `welcome.features` has `search`. */
  search: (request: SearchRequest, ack: (answer: Ack<SearchedResult>) => void) => void;
  /** As `search`. */
  unsearch: (request: UnsearchRequest, ack: (answer: Ack) => void) => void;
  authenticate: (request: AuthenticateRequest, ack: (answer: Ack<{ readonly expiresAt: string }>) => void) => void;
}

/** Result of a subscription request. `snapshot` or `replay` messages may follow, then `live`. */
export interface SubscribedResult {
  readonly id: string;
  /** Opaque name under which frames for this subscription arrive. Several subscriptions may share one. */
  readonly room: string;
  /** Sealed: the rights of the subscription. */
  readonly handle: string;
  /** Sealed: its position; valid for this subscription until the first `cursor` message after `live`. Empty while there is none. */
  readonly cursor: string;
  /** True: everything since the given cursor or time comes before `live`, nothing is missing. */
  readonly recovered: boolean;
  /** Why it could not resume from the given cursor or time; the subscription starts from now. */
  readonly reason?: ResumeReason;
}

/**
 * `expired`: the cursor or handle cannot be opened: its key was removed, it is damaged, or from another hub. `epoch`: the
 * log was recreated since. `coverage`: it is older than the retention of the hub. `policy`: the rights of the
 * subscription, or its request, have changed. `too-large`: more than a replay may hold. `unavailable`: the hub could not
 * check in time.
 */
export type ResumeReason = 'expired' | 'epoch' | 'coverage' | 'policy' | 'too-large' | 'unavailable';
