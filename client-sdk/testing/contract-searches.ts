import type { Socket } from 'socket.io';
import type { DownEvents } from '../../channels/protocol/down.ts';
import type { WireError } from '../../channels/protocol/hub-error.ts';
import type { SearchDeltaMessage, SearchHit, SearchQuery, SearchRequest } from '../../channels/protocol/search.ts';
import type { UpEvents } from '../../channels/protocol/up.ts';

type HubSocket = Socket<UpEvents, DownEvents>;

/** What a test can decide of searches; everything is allowed and found unless it says otherwise. */
export interface ContractSearchOptions {
  find: (query: SearchQuery) => readonly SearchHit[];
  /** Null lets it be done. */
  judge: (request: SearchRequest) => WireError | null;
  /** Null accepts. */
  judgeUnsearch: () => WireError | null;
  /** While false, searches wait for `release`. */
  answers: boolean;
}

/** The part of a hub's sessions that searches. */
export class ContractSearches {
  readonly options: ContractSearchOptions = {
    find: () => [],
    judge: () => null,
    judgeUnsearch: () => null,
    answers: true,
  };
  readonly #publish: (room: string, message: SearchDeltaMessage) => void;
  readonly #heard: (name: 'search' | 'unsearch', payload: unknown) => void;
  /** Rooms of the searches of a socket, by id. */
  readonly #rooms = new WeakMap<HubSocket, Map<string, string>>();
  #waiting: (() => void)[] = [];

  constructor(
    publish: (room: string, message: SearchDeltaMessage) => void,
    heard: (name: 'search' | 'unsearch', payload: unknown) => void,
  ) {
    this.#publish = publish;
    this.#heard = heard;
  }

  serve(socket: HubSocket): void {
    const rooms = new Map<string, string>();
    this.#rooms.set(socket, rooms);
    socket.on('search', (request, ack) => {
      this.#heard('search', request);
      const answer = (): void => {
        const error = this.options.judge(request);
        if (error !== null) return ack({ ok: false, error });
        const { id, rev = 0, once = false } = request;
        ack({ ok: true, id, rev, room: once ? '' : searchRoomOf(request) });
        this.show(socket, request);
      };
      if (this.options.answers) answer();
      else this.#waiting.push(answer);
    });
    socket.on('unsearch', ({ id }, ack) => {
      this.#heard('unsearch', { id });
      const error = this.options.judgeUnsearch();
      if (error !== null) return ack({ ok: false, error });
      const room = rooms.get(id);
      if (room !== undefined) void socket.leave(room);
      rooms.delete(id);
      ack({ ok: true });
    });
  }

  /** Sends the result as it is now, and from now on the changes. */
  show(socket: HubSocket, request: SearchRequest, reason?: 'token'): void {
    const { id, rev = 0, once = false, limit = 20 } = request;
    const all = this.options.find(request);
    const room = once ? '' : searchRoomOf(request);
    const rooms = this.#rooms.get(socket);
    const before = rooms?.get(id);
    if (before !== undefined) void socket.leave(before);
    if (!once) void socket.join(room);
    if (!once) rooms?.set(id, room);
    const hits = all.slice(0, limit);
    const total = { value: all.length, relation: 'exact' } as const;
    socket.emit('result', { id, rev, room, hits, total, facets: {}, ...(reason && { reason }) });
  }

  /** Tells a change of a result to all that have it. */
  change(query: SearchQuery, message: Omit<SearchDeltaMessage, 'room'>): void {
    const room = searchRoomOf(query);
    this.#publish(room, { room, ...message });
  }

  /** Answers the searches that wait. */
  release(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }
}

/** Equal searches share a room, as in the hub. */
function searchRoomOf({ q = '', filter = {}, channel = 'assets', limit = 20 }: SearchQuery): string {
  return `search ${channel} ${JSON.stringify(filter)} ${limit} ${q}`;
}
