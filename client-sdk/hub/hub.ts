import type { NoticeMessage } from '../../channels/protocol/down.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { Shape } from '../../channels/protocol/up.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { HubRest } from '../rest/rest.ts';
import type { HubSearch } from '../search/search.ts';
import type { FeedEvent, ViewItem, ViewShape } from '../subscription/shaped.ts';
import type { ChannelOptions, Subscription } from '../subscription/subscription.ts';
import type { View, ViewOptions } from '../view/view.ts';

/**
 * State of the connection. `connecting`: never live yet. `live`: events flow. `draining`: events flow, and the
 * connection moves to another node because this one is about to stop. `backoff`: waiting before the next attempt.
 * `recovering`: reconnecting after having been live. `closed`: final, by the application or by a permanent error.
 */
export type HubStatus = 'connecting' | 'live' | 'draining' | 'recovering' | 'backoff' | 'closed';

/** Events of a {@link Hub} and the values passed to their listeners. */
export interface HubEvents {
  /** The new status. */
  status: HubStatus;
  /**
   * An error of the connection or the token. The hub object recovers by itself unless the status is
   * `closed` afterwards. `unreachable` is normal while the network or the hub is down.
   */
  error: HubClientError;
  /** A state that users should know, e.g. `stale`: the hub cannot read its log, your data may be out of date. */
  notice: NoticeMessage;
}

/** One connection to a hub and its subscriptions. It connects at once and reconnects by itself until closed. */
export interface Hub extends HubRest {
  /** Current state of the connection. */
  readonly status: HubStatus;
  /**
   * Subscribes. May be called at any time, also before the connection is open; it is resumed after every
   * reconnect. A refusal by the hub (unknown channel, invalid filter, missing grant) ends the subscription with the reason.
   * `shape` and `fields` of the options determine the content of its events, and their type.
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
   * Keeps a live copy of what matches in a channel: a snapshot, then every change of it. Like `channel`, it may be called
   * at any time and survives reconnects. `shape` and `fields` determine the content of its items, and their type.
   *
   * @throws HubClientError `closed` if the hub object is closed
   */
  view<S extends ViewShape | undefined = undefined, F extends Field = never>(
    name: string,
    options?: ViewOptions<S, F>,
  ): View<ViewItem<NoInfer<S>, NoInfer<F>>>;
  /**
   * Searches the catalog by words, and keeps the result up to date: the hits come, change, move and leave as the catalog
   * changes. Like `channel`, it may be called at any time and survives reconnects. `search.once` gives the result as it is now.
   *
   * @example
   * const search = hub.search('customer', { facets: ['domain'], limit: 10 });
   * search.subscribe(() => render(search.hits, search.total));
   * input.addEventListener('input', () => search.setQuery(input.value));
   */
  readonly search: HubSearch;
  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof HubEvents>(name: Name, listener: (value: HubEvents[Name]) => void): () => void;
  /** Ends all subscriptions and the connection. Idempotent. */
  close(): void;
}
