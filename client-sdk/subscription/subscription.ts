import type { WireEvent } from '../../channels/protocol/down.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { ResumeReason, Shape } from '../../channels/protocol/up.ts';
import type { HubClientError } from '../hub-client-error.ts';

/**
 * Why events may be missing. `log`: the hub itself found a hole in its event log. `unavailable`: the hub could not read
 * its catalog in time. The others say why it could not go on where the last connection ended, or from `since`:
 * `expired`: it does not know the place any more. `epoch`: its log has begun anew. `coverage`: that is longer ago than
 * it keeps. `policy`: your rights have changed. `too-large`: it is more than it sends again. `reconnected`: it does not say.
 */
export type GapReason = 'reconnected' | 'log' | ResumeReason;

/** Settings of one subscription. The shape and the fields decide what its events carry. */
export interface ChannelOptions<S extends Shape | undefined = undefined, F extends Field = never> {
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Without it, everything in the channel. */
  readonly filter?: JsonObject;
  /**
   * How much of each event is wanted. `document`: the entity and its whole document, each time. `entity`: what the entity is
   * now, without a document, and only where that has changed. `changes`: only what has changed, of an entity of which no
   * more than the urn is told. Without a shape, an `enter` carries the whole document and an `update` the name of the entity
   * and what has changed.
   */
  readonly shape?: S;
  /**
   * Only these members of entity and document, and changes of these. An `update` that changes none of them does not come.
   * Without it, all.
   */
  readonly fields?: readonly F[];
  /**
   * A time: first comes what happened since then, as you may see it today, and then what happens. As RFC 3339 text or
   * as a Date. If the hub does not reach back so far, a `gap` says why, and what happens from now on comes.
   */
  readonly since?: string | Date;
  /**
   * How many events may wait for the application to read them. One more, and the subscription ends with
   * `slow-consumer`, because dropping events silently would be worse. Events that are sent again after a reconnect, or
   * by `since`, wait in addition to these: the hub bounds how many that are.
   * @default 1000
   */
  readonly maxBuffered?: number;
}

/** What the listeners of a {@link Subscription} get. */
export interface SubscriptionEvents<Event = WireEvent> {
  /** One event, each exactly once, in order for each entity. */
  event: Event;
  /** The subscription is live: every later matching event will come. Told again after each reconnect. */
  live: undefined;
  /**
   * Events may be missing from here on; load again what you show. Told before the first event after the hole, and only
   * if the hub could not prove that nothing is missing: a reconnect alone is no gap.
   */
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
export interface Subscription<Event = WireEvent> extends AsyncIterable<Event> {
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
    listener: (value: SubscriptionEvents<Event>[Name]) => void,
  ): () => void;
  /** Ends the subscription here and at the hub. A `for await` loop finishes after what is buffered. Harmless when repeated. */
  close(): void;
  /**
   * The one reader of the buffer. The loop throws the reason if the subscription ends by itself, and leaving the loop
   * closes the subscription.
   *
   * @throws HubClientError `invalid-request` if there is already a reader
   */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined>;
}
