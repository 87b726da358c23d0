import type { WireEvent } from '../../channels/protocol/down.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { ResumeReason, Shape } from '../../channels/protocol/up.ts';
import type { FeedField } from './shaped.ts';
import type { HubClientError } from '../hub-client-error.ts';

/**
 * Why events may be missing. `log`: the hub itself lost records of its log. `unavailable`: the hub could not read
 * its catalog in time. The others are why it could not resume where the last connection ended, or from `since`:
 * `expired`: the cursor is no longer valid. `epoch`: its log was recreated. `coverage`: older than its
 * retention. `policy`: your rights have changed. `too-large`: more than a replay may hold. `reconnected`: no reason given.
 */
export type GapReason = 'reconnected' | 'log' | ResumeReason;

/** Settings of one subscription. Shape and fields determine the content of its events. */
export interface ChannelOptions<S extends Shape | undefined = undefined, F extends Field = never> {
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Default: everything in the channel. */
  readonly filter?: JsonObject;
  /**
   * Content of each event. `document`: the entity and its whole document, each time. `entity`: the current entity,
   * without a document, and only if it has changed. `changes`: only the changes, and of the entity
   * the urn. Without a shape, an `enter` carries the whole document and an `update` the name of the entity
   * and the changes.
   */
  readonly shape?: S;
  /**
   * Only these members of entity and document, and changes of these. An `update` that changes none of them is not sent.
   * Without a shape all but `updatedAt`, with `entity` those of the entity, with `changes` those that changes can be of.
   * Default: all.
   */
  readonly fields?: readonly (F & FeedField<S>)[];
  /**
   * A time: events since then are replayed, as far as you may see them now, then live events follow. As RFC 3339 string or
   * as a Date. If the hub does not reach back so far, a `gap` has the reason, and live events follow.
   */
  readonly since?: string | Date;
  /**
   * How many events may be buffered for the application. One more, and the subscription ends with
   * `slow-consumer`, because dropping events silently would be worse. Events replayed after a reconnect, or
   * by `since`, are buffered in addition: the hub bounds their number.
   * @default 1000
   */
  readonly maxBuffered?: number;
}

/** Events of a {@link Subscription} and the values passed to their listeners. */
export interface SubscriptionEvents<Event = WireEvent> {
  /** One event, each exactly once, in order for each entity. */
  event: Event;
  /** The subscription is live: every later matching event will come. Emitted again after each reconnect. */
  live: undefined;
  /**
   * Events may be missing from here on; reload what you show. Emitted before the first event after the gap, and only
   * if the hub could not prove that nothing is missing: a reconnect alone is not a gap.
   */
  gap: { readonly reason: GapReason };
  /** Your rights have changed. Drop your data of this subscription; unread events are already dropped. */
  policy: { readonly reason: string };
  /** Emitted last: null if the application closed it, else why it ended. */
  ended: HubClientError | null;
}

/**
 * One live channel. Read it with `for await` or with `on('event')`.
 *
 * Until there is a reader, events wait in a buffer of `maxBuffered`. Listeners are called at once and buffer nothing;
 * a `for await` loop reads the buffer at its own pace. If the buffer is full the subscription ends with
 * `slow-consumer`; what was buffered can still be read.
 */
export interface Subscription<Event = WireEvent> extends AsyncIterable<Event> {
  /** Its name on the wire, unique within the hub object; useful in logs. */
  readonly id: string;
  /** The channel as requested. */
  readonly channel: string;
  /**
   * Fulfilled when the subscription is live for the first time. Rejects with the reason if it ends before; an
   * unhandled rejection is not reported.
   */
  readonly live: Promise<void>;
  /** Adds a listener and returns the function that removes it. Adding the first `event` listener delivers what was buffered. */
  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (value: SubscriptionEvents<Event>[Name]) => void,
  ): () => void;
  /** Ends the subscription here and at the hub. A `for await` loop finishes after the buffered events. Idempotent. */
  close(): void;
  /**
   * The one reader of the buffer. The loop throws the reason if the subscription ends by itself, and leaving the loop
   * closes the subscription.
   *
   * @throws HubClientError `invalid-request` if there is already a reader
   */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined>;
}
