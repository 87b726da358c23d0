/**
 * The door of the hub: whatever of the catalog is handed to somebody is told here, whichever way it goes. Who wants to
 * know of it (metrics, an audit) listens here, and nowhere else.
 */
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Room } from './room.ts';

/** Who gets something. */
export interface Reader {
  /** Tenant and subject, see principalKey. */
  readonly owner: string;
  /** The session that it goes to; undefined for the HTTP API. */
  readonly session?: string;
}

/** One event or document that was handed over. */
export interface DeliveredVersion {
  /** See documentKey. */
  readonly entity: string;
  readonly version: number;
}

/** Called in the turn in which something is handed over, for each event and room: it must be quick, and must not throw. */
export interface OutletListener {
  /** A live event, to all members that the room has now. */
  published?(room: Room, event: HubEvent): void;
  /** Events of the past, to one member. */
  replayed?(reader: Reader, room: Room, events: readonly DeliveredVersion[]): void;
  /** Documents as they are, to all members that the room of a live search has now. */
  shown?(room: Room, documents: readonly DeliveredVersion[]): void;
  /** Documents as they are: of a view's snapshot, or by HTTP. */
  fetched?(reader: Reader, documents: readonly DeliveredVersion[]): void;
  /** From now on what is published to the room reaches the session. Once for all its subscriptions of the room. */
  joined?(reader: Reader, room: Room): void;
  left?(reader: Reader, room: Room): void;
}

export type Outlet = Required<OutletListener>;

export function createOutlet(listeners: readonly OutletListener[]): Outlet {
  return {
    published: (room, event) => {
      for (const listener of listeners) listener.published?.(room, event);
    },
    replayed: (reader, room, events) => {
      for (const listener of listeners) listener.replayed?.(reader, room, events);
    },
    shown: (room, documents) => {
      for (const listener of listeners) listener.shown?.(room, documents);
    },
    fetched: (reader, documents) => {
      for (const listener of listeners) listener.fetched?.(reader, documents);
    },
    joined: (reader, room) => {
      for (const listener of listeners) listener.joined?.(reader, room);
    },
    left: (reader, room) => {
      for (const listener of listeners) listener.left?.(reader, room);
    },
  };
}
