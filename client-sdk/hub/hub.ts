import type { NoticeMessage } from '../../channels/protocol/down.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { Shape } from '../../channels/protocol/up.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { FeedEvent, ViewItem, ViewShape } from '../subscription/shaped.ts';
import type { ChannelOptions, Subscription } from '../subscription/subscription.ts';
import type { View, ViewOptions } from '../view/view.ts';

/**
 * Where the connection stands. `connecting`: never live yet. `live`: events flow. `draining`: events flow, and the
 * connection moves to another node because this one is about to stop. `backoff`: waiting for the next try.
 * `recovering`: trying again after having been live. `closed`: for good, by the application or by an error that no
 * retry can heal.
 */
export type HubStatus = 'connecting' | 'live' | 'draining' | 'recovering' | 'backoff' | 'closed';

/** What the listeners of a {@link Hub} get. */
export interface HubEvents {
  /** The new status. */
  status: HubStatus;
  /**
   * Something went wrong with the connection or the token. The hub object deals with it by itself unless the status is
   * `closed` afterwards. `unreachable` is normal while a network or hub is away.
   */
  error: HubClientError;
  /** Something that users should know, e.g. `stale`: the hub cannot read its log just now, what you see may be old. */
  notice: NoticeMessage;
}

/** One connection to a hub and its subscriptions. It connects at once and reconnects by itself until closed. */
export interface Hub {
  /** Where the connection stands now. */
  readonly status: HubStatus;
  /**
   * Subscribes. May be called at any time, also before the connection stands; it is asked for again after every
   * reconnect. A refusal by the hub (unknown channel, wrong filter, missing grant) ends the subscription with the reason.
   * `shape` and `fields` of the options decide what its events carry, and their type.
   *
   * @example
   * for await (const event of hub.channel('assets', { fields: ['name', 'owners', 'tags'] }))
   *   if (event.kind === 'update') console.log(event.entity.owners, Object.keys(event.changes));
   *
   * @throws HubClientError `closed` if the hub object is closed
   */
  channel<S extends Shape | undefined = undefined, F extends Field = never>(
    name: string,
    options?: ChannelOptions<S, F>,
  ): Subscription<FeedEvent<NoInfer<S>, NoInfer<F>>>;
  /**
   * Keeps a live copy of what matches in a channel: a snapshot, then every change of it. As `channel`, it may be called
   * at any time and lives through reconnects. `shape` and `fields` decide what its items carry, and their type.
   *
   * @throws HubClientError `closed` if the hub object is closed
   */
  view<S extends ViewShape | undefined = undefined, F extends Field = never>(
    name: string,
    options?: ViewOptions<S, F>,
  ): View<ViewItem<NoInfer<S>, NoInfer<F>>>;
  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof HubEvents>(name: Name, listener: (value: HubEvents[Name]) => void): () => void;
  /** Ends all subscriptions and the connection. Harmless when repeated. */
  close(): void;
}
