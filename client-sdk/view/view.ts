import type { JsonObject } from '../../channels/event/json.ts';
import type { WireItem } from '../../channels/protocol/down.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { ViewShape } from '../subscription/shaped.ts';

/**
 * How good the content of a view is. `loading`: nothing has come yet. `live`: it is what matches now. `stale`: it is
 * what matched some time ago, because the connection is away, or the hub cannot read its catalog or its log; it becomes
 * `live` again by itself. `ended`: nothing more will come.
 */
export type ViewStatus = 'loading' | 'live' | 'stale' | 'ended';

/** What a view shows at one moment. The same object until something changes. */
export interface ViewSnapshot<Item = WireItem> {
  /** What matches, by ascending urn. A new array with each change; an item that has not changed is the same object. */
  readonly items: readonly Item[];
  /** How good that is. */
  readonly status: ViewStatus;
  /** Why it has ended; null before, and if the application closed it. */
  readonly error: HubClientError | null;
}

/** Settings of a view. The shape and the fields decide what its items carry. */
export interface ViewOptions<S extends ViewShape | undefined = undefined, F extends Field = never> {
  /** Conditions on the entity in the hub's filter language, e.g. `{ type: 'table', domain: 'finance' }`. Without it, everything in the channel. */
  readonly filter?: JsonObject;
  /** `document`: items of entity and document. `entity`: items of the entity alone, which change less often. @default 'document' */
  readonly shape?: S;
  /** Only these members of entity and document; what changes none of them changes nothing here. Without it, all. */
  readonly fields?: readonly F[];
}

/** What the listeners of a {@link View} get. */
export interface ViewEvents<Item = WireItem> {
  /**
   * The content is another. All that came in one message is one change. `reset`: it was replaced as a whole, after a
   * reconnect that the hub could not continue or by a change of rights, and not moved on by events.
   */
  change: { readonly items: readonly Item[]; readonly reset: boolean };
  /** The content is what matches now. Told again after each time that it was `stale`. */
  live: undefined;
  /** The content may be out of date from here on. */
  stale: undefined;
  /** What you may see has changed. The view is empty already; what you may see now follows. Forget what you took from it. */
  policy: { readonly reason: string };
  /** The last call: null if the application closed it, else why it ended. */
  ended: HubClientError | null;
}

/**
 * The entities that match, always up to date: a snapshot first, then every change of it. At most 5000; where more
 * match it ends with `view-too-large`.
 */
export interface View<Item = WireItem> {
  /** Its name on the wire, unique within the hub object; useful in logs. */
  readonly id: string;
  /** The channel as it was asked for. */
  readonly channel: string;
  /** What matches, by ascending urn. A new array with each change; an item that has not changed is the same object. */
  readonly items: readonly Item[];
  /** How good that is. */
  readonly status: ViewStatus;
  /** Fulfilled when the content is there for the first time. Rejects with the reason if the view ends before; nothing happens if nobody looks at it. */
  readonly live: Promise<void>;
  /** The item of an entity; undefined if it is not in the view. */
  get(urn: string): Item | undefined;
  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof ViewEvents>(name: Name, listener: (value: ViewEvents<Item>[Name]) => void): () => void;
  /** Calls the listener after each change of content or status. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Content and status in one object, the same until one of them changes. For React's `useSyncExternalStore`; may be passed on without its object. */
  readonly getSnapshot: () => ViewSnapshot<Item>;
  /** Ends the view here and at the hub. The content stays readable. Harmless when repeated. */
  close(): void;
}
