import type { WireError } from './hub-error.ts';
import type { JsonObject } from '../event/json.ts';

/**
 * `document`: the entity and its document. `entity`: the entity alone. `changes`: what has changed, of an entity of which
 * only the urn is told; for feeds.
 */
export type Shape = 'document' | 'entity' | 'changes';

/** One wanted subscription. `id` is chosen by the client and unique within its session: 1-64 of `A-Z a-z 0-9 _ - . :`. */
export interface SubscribeRequest {
  readonly id: string;
  /** Channel name, see docs/protocol.md. */
  readonly channel: string;
  readonly filter?: JsonObject;
  /** `events`: a feed. `view`: a snapshot of what matches, then every change of it. Default `events`. */
  readonly mode?: 'events' | 'view';
  /** How much of each event or entity is wanted. Without it: `default` of {@link ShapedEvents} in a feed, `document` in a view. */
  readonly shape?: Shape;
  /** Only these members of entities and documents, and changes of these: 1 to 32 names. An `update` that changes none of them is not sent. */
  readonly fields?: readonly string[];
  /** From the subscription's last `subscribed`, ack or `policy`: proves what it was entitled to. Needed to go on from a cursor. */
  readonly handle?: string;
  /** Where this subscription got to, if it was not live yet. Without it the cursor of CONNECT speaks for it. */
  readonly cursor?: string;
  /** RFC 3339 time: first what happened since then, under the policy of today. Not together with a cursor, nor for a view. */
  readonly since?: string;
}

/** Payload of the Socket.IO CONNECT packet. */
export interface ConnectAuth {
  readonly token: string;
  /** The newest version of the protocol that the client speaks; the hub answers in `welcome` which one both speak. */
  readonly protocol: number;
  /** The oldest that it speaks as well. Default: `protocol`, no other. */
  readonly oldestProtocol?: number;
  /** Name and version of the client, e.g. `@pursight/client 0.1.0`. */
  readonly client: string;
  /** The last `cursor` message of the connection before: how far its live subscriptions have been served. */
  readonly cursor?: string;
  /** In the oldest version that the client offers, without features: nothing is agreed yet when they are read. */
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
  authenticate: (request: AuthenticateRequest, ack: (answer: Ack<{ readonly expiresAt: string }>) => void) => void;
}

/** What became of a subscription. `snapshot` or `replay` messages may follow, then `live`. */
export interface SubscribedResult {
  readonly id: string;
  /** Opaque name under which frames for this subscription arrive. Several subscriptions may share one. */
  readonly room: string;
  /** Sealed: what the subscription is entitled to. */
  readonly handle: string;
  /** Sealed: where it stands now; speaks for this subscription until the first `cursor` message after `live`. Empty while there is none. */
  readonly cursor: string;
  /** True: everything since the given cursor or time comes before `live`, nothing is missing. */
  readonly recovered: boolean;
  /** Why a given cursor or time could not be continued from; the subscription starts afresh. */
  readonly reason?: ResumeReason;
}

/**
 * `expired`: the cursor or handle cannot be opened: its key is gone, or it is damaged or not this hub's. `epoch`: the log
 * has begun anew since. `coverage`: it is older than what the hub has kept. `policy`: what the subscription may see, or
 * what it asks for, is not what it was. `too-large`: more than a replay may hold. `unavailable`: the hub could not find
 * out in time.
 */
export type ResumeReason = 'expired' | 'epoch' | 'coverage' | 'policy' | 'too-large' | 'unavailable';
