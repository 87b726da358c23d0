import type { WireError } from './hub-error.ts';
import type { JsonObject } from '../event/json.ts';

/** One wanted subscription. `id` is chosen by the client and unique within its session: 1-64 of `A-Z a-z 0-9 _ - . :`. */
export interface SubscribeRequest {
  readonly id: string;
  /** Channel name, see docs/protocol.md. */
  readonly channel: string;
  readonly filter?: JsonObject;
}

/** Payload of the Socket.IO CONNECT packet. */
export interface ConnectAuth {
  readonly token: string;
  readonly protocol: number;
  /** Name and version of the client, e.g. `@pursight/client 0.1.0`. */
  readonly client: string;
  readonly subscriptions?: readonly SubscribeRequest[];
}

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

export interface SubscribedResult {
  readonly id: string;
  /** Opaque name under which frames for this subscription arrive. Several subscriptions may share one. */
  readonly room: string;
}
