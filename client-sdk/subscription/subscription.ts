import type { WireEvent } from '../../channels/protocol/down.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { HubClientError } from '../hub-client-error.ts';

/**
 * Why events may be missing. `reconnected`: the connection was lost and what happened meanwhile was not sent.
 * `log`: the hub itself found a hole in its event log.
 */
export type GapReason = 'reconnected' | 'log';

/** Settings of one subscription. */
export interface ChannelOptions {
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Without it, everything in the channel. */
  readonly filter?: JsonObject;
  /**
   * How many events may wait for the application to read them. One more, and the subscription ends with
   * `slow-consumer`, because dropping events silently would be worse.
   * @default 1000
   */
  readonly maxBuffered?: number;
}

/** What the listeners of a {@link Subscription} get. */
export interface SubscriptionEvents {
  /** One event, each exactly once, in order for each entity. */
  event: WireEvent;
  /** The subscription is live: every later matching event will come. Told again after each reconnect. */
  live: undefined;
  /** Events may be missing from here on; load again what you show. Told before the first event after the hole. */
  gap: { readonly reason: GapReason };
  /** What you may see has changed. Forget what you hold of this subscription; unread events are already dropped. */
  policy: { readonly reason: string };
  /** The last call: null if the application closed it, else why it ended. */
  ended: HubClientError | null;
}

/**
 * One live channel. Read it with `for await` or with `on('event')`.
 *
 * Until there is a reader, events wait in a buffer of `maxBuffered`. Listeners are called at once and buffer nothing;
 * a `for await` loop takes from the buffer at its own pace. If the buffer is full the subscription ends with
 * `slow-consumer`; what was buffered can still be read.
 */
export interface Subscription extends AsyncIterable<WireEvent> {
  /** Its name on the wire, unique within the hub object; useful in logs. */
  readonly id: string;
  /** The channel as it was asked for. */
  readonly channel: string;
  /**
   * Fulfilled when the subscription is live for the first time. Rejects with the reason if it ends before; nothing
   * happens if nobody looks at it.
   */
  readonly live: Promise<void>;
  /** Adds a listener and returns the function that removes it. Adding the first `event` listener hands over what was buffered. */
  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (value: SubscriptionEvents[Name]) => void,
  ): () => void;
  /** Ends the subscription here and at the hub. A `for await` loop finishes after what is buffered. Harmless when repeated. */
  close(): void;
  /**
   * The one reader of the buffer. The loop throws the reason if the subscription ends by itself, and leaving the loop
   * closes the subscription.
   *
   * @throws HubClientError `invalid-request` if there is already a reader
   */
  [Symbol.asyncIterator](): AsyncIterator<WireEvent, undefined>;
}
