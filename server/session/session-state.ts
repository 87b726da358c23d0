import type { Room } from '../delivery/outlet/room.ts';

/** One subscription of a session. Until it is live its connection is not in the room on its account. */
export interface SubscriptionEntry {
  readonly room: Room;
  readonly live: boolean;
}

/**
 * What one session holds. Several subscriptions may share a room: the connection is in it once, the registry counts
 * each. A transition gives the next state and what the driver must do; it does nothing itself.
 */
export interface SessionState {
  readonly phase: 'open' | 'closed';
  readonly subscriptions: ReadonlyMap<string, SubscriptionEntry>;
}

export type SessionEvent =
  /** Asked for; the room is entered in the registry. */
  | { readonly type: 'reserved'; readonly id: string; readonly room: Room }
  /** It has caught up. */
  | { readonly type: 'caught-up'; readonly id: string }
  | { readonly type: 'unsubscribed'; readonly id: string }
  /** The principal's class changed: each subscription goes to the room that it has now. */
  | { readonly type: 'reclassified'; readonly rooms: ReadonlyMap<string, Room> }
  | { readonly type: 'closed' };

export type SessionEffect =
  | { readonly type: 'join'; readonly room: Room }
  | { readonly type: 'leave'; readonly room: Room }
  /** The registry has one member less. */
  | { readonly type: 'release'; readonly room: Room };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

export const newSession: SessionState = { phase: 'open', subscriptions: new Map() };

type Subscriptions = ReadonlyMap<string, SubscriptionEntry>;

function isIn(subscriptions: Subscriptions, name: string): boolean {
  for (const { room, live } of subscriptions.values()) if (live && room.name === name) return true;
  return false;
}

/** By name: a room that is left by its last member and joined again is another object. */
function liveRooms(subscriptions: Subscriptions): ReadonlyMap<string, Room> {
  return new Map([...subscriptions.values()].filter(({ live }) => live).map(({ room }) => [room.name, room]));
}

/** The rooms in which the connection is, each once. */
export function joinedRooms({ subscriptions }: SessionState): readonly Room[] {
  return [...liveRooms(subscriptions).values()];
}

function reserved(state: SessionState, id: string, room: Room): SessionStep {
  return {
    state: { ...state, subscriptions: new Map(state.subscriptions).set(id, { room, live: false }) },
    effects: [],
  };
}

function caughtUp(state: SessionState, id: string): SessionStep {
  const held = state.subscriptions.get(id);
  if (held === undefined || held.live) return { state, effects: [] };
  const { room } = held;
  return {
    state: { ...state, subscriptions: new Map(state.subscriptions).set(id, { room, live: true }) },
    effects: isIn(state.subscriptions, room.name) ? [] : [{ type: 'join', room }],
  };
}

function unsubscribed(state: SessionState, id: string): SessionStep {
  const held = state.subscriptions.get(id);
  if (held === undefined) return { state, effects: [] };
  const { room, live } = held;
  const subscriptions = new Map(state.subscriptions);
  subscriptions.delete(id);
  const leaves: readonly SessionEffect[] = live && !isIn(subscriptions, room.name) ? [{ type: 'leave', room }] : [];
  return { state: { ...state, subscriptions }, effects: [...leaves, { type: 'release', room }] };
}

/** A feed is live in its new room at once; a view needs a new snapshot first. */
function reclassified(state: SessionState, rooms: ReadonlyMap<string, Room>): SessionStep {
  const subscriptions = new Map(
    [...rooms].map(([id, room]) => [id, { room, live: room.selection.form.mode === 'events' }] as const),
  );
  const before = liveRooms(state.subscriptions);
  const after = liveRooms(subscriptions);
  // leave first: what the old class may see must not follow what the new one does
  const left = [...before.values()]
    .filter(({ name }) => !after.has(name))
    .map((room) => ({ type: 'leave', room }) as const);
  const joined = [...after.values()]
    .filter(({ name }) => !before.has(name))
    .map((room) => ({ type: 'join', room }) as const);
  const released = [...state.subscriptions.values()].map(({ room }) => ({ type: 'release', room }) as const);
  return { state: { ...state, subscriptions }, effects: [...left, ...joined, ...released] };
}

/** The one place where a session changes. After `closed` nothing changes any more. */
export function step(state: SessionState, event: SessionEvent): SessionStep {
  if (state.phase === 'closed')
    return { state, effects: event.type === 'reserved' ? [{ type: 'release', room: event.room }] : [] };
  switch (event.type) {
    case 'reserved':
      return reserved(state, event.id, event.room);
    case 'caught-up':
      return caughtUp(state, event.id);
    case 'unsubscribed':
      return unsubscribed(state, event.id);
    case 'reclassified':
      return reclassified(state, event.rooms);
    case 'closed':
      return {
        state: { phase: 'closed', subscriptions: new Map() },
        effects: [...state.subscriptions.values()].map(({ room }) => ({ type: 'release', room })),
      };
  }
}
