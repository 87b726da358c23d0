import type { RoomSink } from '../delivery/outlet/room-sink.ts';
import { messageOf } from '../transport/packet.ts';
import { every, type Loop } from '../turns/every.ts';
import type { StreamFormat } from './stream-format.ts';

/** A stream, as what is published for many reaches it. */
export interface StreamMember {
  readonly format: StreamFormat;
  readonly oftenPlaced: boolean;
  write(text: string | Uint8Array): void;
  send(event: string, payload: object): void;
  place(cursor: string): void;
  beat(): void;
}

export interface StreamBeats {
  /** Runs work when no tick is half done. */
  readonly atBoundary: (work: () => void) => void;
  readonly cursor: () => string;
}

const [heartbeatMs, placeMs] = [15_000, 1000];

/** The streams of this node and the rooms that they are in: the sink of rooms beside that of sockets. */
export class StreamMembers implements RoomSink {
  readonly #all = new Set<StreamMember>();
  readonly #rooms = new Map<string, Set<StreamMember>>();
  #loops: readonly Loop[] = [];

  /** While it is 0 there is nothing to look up. */
  get size(): number {
    return this.#all.size;
  }

  add(member: StreamMember): void {
    this.#all.add(member);
  }

  /** It has left its rooms. */
  remove(member: StreamMember): void {
    this.#all.delete(member);
  }

  join(room: string, member: StreamMember): void {
    const others = this.#rooms.get(room);
    if (others === undefined) this.#rooms.set(room, new Set([member]));
    else others.add(member);
  }

  leave(room: string, member: StreamMember): void {
    const others = this.#rooms.get(room);
    others?.delete(member);
    if (others?.size === 0) this.#rooms.delete(room);
  }

  events(room: string, texts: readonly string[]): void {
    const members = this.#rooms.get(room);
    if (members === undefined) return;
    const made = new Map<StreamFormat, Uint8Array>();
    for (const member of members) {
      const bytes = made.get(member.format) ?? Buffer.from(member.format.events(room, texts));
      made.set(member.format, bytes);
      member.write(bytes);
    }
  }

  stale(room: string): void {
    for (const member of this.#rooms.get(room) ?? []) member.send('stale', { room });
  }

  /** A packet for every connection. */
  all(packet: string): void {
    if (this.#all.size === 0) return;
    const [event, payload] = messageOf(packet);
    for (const member of this.#all) member.send(event, payload);
  }

  start({ atBoundary, cursor }: StreamBeats): void {
    const place = (): void => {
      for (const member of this.#all) if (member.oftenPlaced) member.place(cursor());
    };
    this.#loops = [
      every(heartbeatMs, () => this.#all.forEach((member) => member.beat())),
      every(placeMs, () => this.#all.size > 0 && atBoundary(place)),
    ];
  }

  stop(): void {
    for (const loop of this.#loops) void loop.stop();
  }
}

/** Both kinds of connections. */
export function withStreams(sockets: RoomSink, streams: StreamMembers): RoomSink {
  return {
    events: (room, texts) => {
      sockets.events(room, texts);
      if (streams.size > 0) streams.events(room, texts);
    },
    stale: (room) => {
      sockets.stale(room);
      if (streams.size > 0) streams.stale(room);
    },
  };
}
