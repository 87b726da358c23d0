import type { NoticeMessage } from '../../channels/protocol/down.ts';
import type { ConnectAuth, SubscribedResult, SubscribeRequest } from '../../channels/protocol/up.ts';
import type { Environment } from '../connection/environment.ts';
import { Leaver } from '../connection/leaver.ts';
import type { Link, SearchEventName, SessionHandlers } from '../connection/link.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { LinkEvent } from './subscription-state.ts';

/** What a session asks of the registry. */
export interface SessionOwner {
  readonly connectPayload: () => Pick<ConnectAuth, 'cursor' | 'subscriptions'>;
  /** False if there is no such subscription. */
  readonly tell: (id: string, event: LinkEvent) => boolean;
  readonly tellAll: (event: LinkEvent) => void;
  readonly cursor: (cursor: string) => void;
  readonly notice: (message: NoticeMessage) => void;
}

/** What concerns feeds and views. */
type FeedHandlers = Omit<SessionHandlers, SearchEventName>;

/** One link as the registry sees it: which room is whose, and requests. */
export interface LinkSession extends FeedHandlers {
  /** Says in which room events for a subscription come; null: in none. */
  readonly place: (id: string, room: string | null) => void;
  readonly request: (request: SubscribeRequest) => void;
  /** Gives up at the hub, which may want it slower; then calls `done`. */
  readonly unsubscribe: (id: string, done: () => void) => void;
  readonly isUp: () => boolean;
}

/** Turns the messages of one link into events of the subscriptions that they concern. */
export function openSession(owner: SessionOwner, environment: Environment, slowestMs: number): LinkSession {
  const rooms = new Map<string, Set<string>>();
  const roomOf = new Map<string, string>();
  const leaver = new Leaver(environment, slowestMs);
  let link: Link | null = null;

  const unsubscribe = (id: string, done: () => void): void => leaver.leave('unsubscribe', id, done);
  const subscribed = (result: SubscribedResult): void => {
    // closed while the answer was in progress
    if (!owner.tell(result.id, { type: 'subscribed', result })) unsubscribe(result.id, () => undefined);
  };
  const tellRoom = (room: string, event: LinkEvent): void => {
    // a copy: a listener may close subscriptions
    for (const id of [...(rooms.get(room) ?? [])]) owner.tell(id, event);
  };

  return {
    connectPayload: owner.connectPayload,
    isUp: () => link !== null,
    unsubscribe,
    subscribed,
    up: (opened) => {
      link = opened;
      leaver.up(opened);
      owner.tellAll({ type: 'ask' });
    },
    down: () => {
      link = null;
      leaver.down();
      owner.tellAll({ type: 'down' });
    },
    place: (id, room) => {
      const before = roomOf.get(id);
      if (before === room) return;
      if (before !== undefined) forget(rooms, before, id);
      if (room === null) return void roomOf.delete(id);
      roomOf.set(id, room);
      rooms.set(room, (rooms.get(room) ?? new Set()).add(id));
    },
    request: (request) => {
      link?.request('subscribe', request, (answer) => {
        if (answer.ok) subscribed(answer);
        else owner.tell(request.id, { type: 'refused', error: HubClientError.fromWire(answer.error) });
      });
    },
    ...messageHandlers(owner, tellRoom),
  };
}

type RoutedEvent = Exclude<keyof FeedHandlers, 'connectPayload' | 'up' | 'down' | 'subscribed'>;

function messageHandlers(
  owner: SessionOwner,
  tellRoom: (room: string, event: LinkEvent) => void,
): Pick<FeedHandlers, RoutedEvent> {
  return {
    live: ({ id }) => void owner.tell(id, { type: 'live' }),
    replay: ({ id, events, cursor }) => void owner.tell(id, { type: 'replay', events, cursor }),
    snapshot: ({ id, page, items }) => void owner.tell(id, { type: 'snapshot', items, isFirst: page === 0 }),
    policy: ({ id, room, handle, reason }) => void owner.tell(id, { type: 'policy', room, handle, reason }),
    ended: ({ id, error }) => void owner.tell(id, { type: 'ended', error: HubClientError.fromWire(error) }),
    events: ({ room, events }) => tellRoom(room, { type: 'events', events }),
    stale: ({ room }) => tellRoom(room, { type: 'incomplete', reason: 'unavailable' }),
    cursor: ({ cursor }) => owner.cursor(cursor),
    notice: (message) => {
      if (message.code === 'gap') owner.tellAll({ type: 'incomplete', reason: 'log' });
      owner.notice(message);
    },
  };
}

function forget(rooms: Map<string, Set<string>>, room: string, id: string): void {
  const members = rooms.get(room);
  members?.delete(id);
  if (members?.size === 0) rooms.delete(room);
}
