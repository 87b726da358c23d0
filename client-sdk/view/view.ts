import type { JsonObject } from '../../channels/event/json.ts';
import type { WireItem } from '../../channels/protocol/down.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { ViewShape } from '../subscription/shaped.ts';

/**
 * State of a view. `loading`: no content yet. `live`: the content is up to date. `stale`: the content
 * may be out of date, because the connection is down, or the hub cannot read its catalog or its log; it becomes
 * `live` again by itself. `ended`: no more updates.
 */
export type ViewStatus = 'loading' | 'live' | 'stale' | 'ended';

/** Content and state of a view at one moment. The same object until something changes. */
export interface ViewSnapshot<Item = WireItem> {
  /** The matching items, by ascending urn. A new array with each change; an unchanged item is the same object. */
  readonly items: readonly Item[];
  /** State of the content. */
  readonly status: ViewStatus;
  /** Why it ended; null before, and if the application closed it. */
  readonly error: HubClientError | null;
}

/** Settings of a view. Shape and fields determine the content of its items. */
export interface ViewOptions<S extends ViewShape | undefined = undefined, F extends Field = never> {
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Default: everything in the channel. */
  readonly filter?: JsonObject;
  /** `document`: items of entity and document. `entity`: items of the entity alone, which change less often. @default 'document' */
  readonly shape?: S;
  /** Only these members of entity and document; other changes do not change the items. Default: all. */
  readonly fields?: readonly F[];
}

/** One change of the content of a view. */
export interface ViewChange<Item = WireItem> {
  /** The content after it, by ascending urn. */
  readonly items: readonly Item[];
  /** It was replaced as a whole, after a reconnect that could not be resumed or by a change of rights, not updated by events. */
  readonly reset: boolean;
  /** Urns of the items that came, ascending. */
  readonly entered: readonly string[];
  /** Urns of the items that are others than before, ascending. */
  readonly updated: readonly string[];
  /** Urns of the items that went, ascending. */
  readonly left: readonly string[];
}

/** Events of a {@link View} and the values passed to their listeners. */
export interface ViewEvents<Item = WireItem> {
  /**
   * The content has changed. All that came in one message is one change.
   */
  change: ViewChange<Item>;
  /** The content is up to date. Emitted again each time after it was `stale`. */
  live: undefined;
  /** The content may be out of date from here on. */
  stale: undefined;
  /** Your rights have changed. The view is already empty; a new snapshot follows. Drop what you copied from it. */
  policy: { readonly reason: string };
  /** Emitted last: null if the application closed it, else why it ended. */
  ended: HubClientError | null;
}

/**
 * The matching entities, always up to date: a snapshot first, then every change of it. At most 5000, or 20 000 with
 * `shape: 'entity'`; if more match it ends with `view-too-large`.
 */
export interface View<Item = WireItem> {
  /** Its name on the wire, unique within the hub object; useful in logs. */
  readonly id: string;
  /** The channel as requested. */
  readonly channel: string;
  /** The matching items, by ascending urn. A new array with each change; an unchanged item is the same object. */
  readonly items: readonly Item[];
  /** State of the content. */
  readonly status: ViewStatus;
  /** Fulfilled when the content is live for the first time. Rejects with the reason if the view ends before; an unhandled rejection is not reported. */
  readonly live: Promise<void>;
  /** The item of an entity; undefined if it is not in the view. */
  get(urn: string): Item | undefined;
  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof ViewEvents>(name: Name, listener: (value: ViewEvents<Item>[Name]) => void): () => void;
  /** Calls the listener after each change of content or status. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Content and status in one object, the same until one of them changes. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly getSnapshot: () => ViewSnapshot<Item>;
  /** Ends the view here and at the hub. The content stays readable. Idempotent. */
  close(): void;
}
