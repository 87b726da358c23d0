import type { Room } from '../gateway/room-registry.ts';

/**
 * What one session holds. Several subscriptions may share a room: the connection is in it once, the registry counts
 * each. A transition gives the next state and what the driver must do; it does nothing itself.
 */
export interface SessionState {
  readonly phase: 'open' | 'closed';
  readonly subscriptions: ReadonlyMap<string, Room>;
}

export type SessionEvent =
  | { readonly type: 'subscribed'; readonly id: string; readonly room: Room }
  | { readonly type: 'unsubscribed'; readonly id: string }
  /** The principal's class changed: each subscription goes to the room that it has now. */
  | { readonly type: 'reclassified'; readonly rooms: ReadonlyMap<string, Room> }
  | { readonly type: 'closed' };

export type SessionEffect =
  | { readonly type: 'join'; readonly room: string }
  | { readonly type: 'leave'; readonly room: string }
  /** The registry has one member less. */
  | { readonly type: 'release'; readonly room: Room };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

export const newSession: SessionState = { phase: 'open', subscriptions: new Map() };

function holds(subscriptions: ReadonlyMap<string, Room>, name: string): boolean {
  for (const room of subscriptions.values()) if (room.name === name) return true;
  return false;
}

function subscribed(state: SessionState, id: string, room: Room): SessionStep {
  const subscriptions = new Map(state.subscriptions).set(id, room);
  return {
    state: { ...state, subscriptions },
    effects: holds(state.subscriptions, room.name) ? [] : [{ type: 'join', room: room.name }],
  };
}

function unsubscribed(state: SessionState, id: string): SessionStep {
  const room = state.subscriptions.get(id);
  if (room === undefined) return { state, effects: [] };
  const subscriptions = new Map(state.subscriptions);
  subscriptions.delete(id);
  const effects: SessionEffect[] = holds(subscriptions, room.name) ? [] : [{ type: 'leave', room: room.name }];
  return { state: { ...state, subscriptions }, effects: [...effects, { type: 'release', room }] };
}

function reclassified(state: SessionState, rooms: ReadonlyMap<string, Room>): SessionStep {
  const before = new Set([...state.subscriptions.values()].map((room) => room.name));
  const after = new Set([...rooms.values()].map((room) => room.name));
  // leave first: what the old class may see must not follow what the new one does
  const left = [...before].filter((name) => !after.has(name)).map((room) => ({ type: 'leave', room }) as const);
  const joined = [...after].filter((name) => !before.has(name)).map((room) => ({ type: 'join', room }) as const);
  const released = [...state.subscriptions.values()].map((room) => ({ type: 'release', room }) as const);
  return { state: { ...state, subscriptions: rooms }, effects: [...left, ...joined, ...released] };
}

/** The one place where a session changes. After `closed` nothing changes any more. */
export function step(state: SessionState, event: SessionEvent): SessionStep {
  if (state.phase === 'closed')
    return { state, effects: event.type === 'subscribed' ? [{ type: 'release', room: event.room }] : [] };
  switch (event.type) {
    case 'subscribed':
      return subscribed(state, event.id, event.room);
    case 'unsubscribed':
      return unsubscribed(state, event.id);
    case 'reclassified':
      return reclassified(state, event.rooms);
    case 'closed':
      return {
        state: { phase: 'closed', subscriptions: new Map() },
        effects: [...state.subscriptions.values()].map((room) => ({ type: 'release', room })),
      };
  }
}
