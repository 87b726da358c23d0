/**
 * Writes packets of Socket.IO: the only file that knows how they look. What is in most of them was encoded once for many
 * clients, so they are put together from texts and never serialised as a whole. Answers, and messages to one client
 * alone, are left to Socket.IO.
 */
import type { DownEvents } from '../../channels/protocol/down.ts';
import type { SearchResultMessage } from '../../channels/protocol/search.ts';
import type { ListChange } from '../../channels/search/list-changes.ts';

/** A ready-made packet, in the form that each engine takes best. */
export interface Packet {
  /** As Socket.IO has it: `2["event",{...}]`. */
  readonly text: string;
  /** As a message of engine.io, for an engine that takes bytes as text. */
  readonly bytes: Uint8Array;
}

/** Up to where the members of the payload begin. */
function start(event: keyof DownEvents): string {
  return `2["${event}",{`;
}

/** A packet as a message of engine.io, the layer below. */
export function engineMessage(packet: string): string {
  return `4${packet}`;
}

/** A packet for one connection. */
export function packetOf(text: string): Packet {
  return {
    text,
    get bytes() {
      return Buffer.from(engineMessage(text));
    },
  };
}

/** What a packet says, for connections that write it in another way. Parsed: not for events and pages, which are many. */
export function messageOf(packet: string): readonly [string, object] {
  const [event, payload]: readonly unknown[] = JSON.parse(packet.slice(1));
  return [String(event), typeof payload === 'object' && payload !== null ? payload : {}];
}

/** Any event, encoded once for as many sockets as get it. */
export function packetText<Name extends keyof DownEvents>(
  event: Name,
  payload: Parameters<DownEvents[Name]>[0],
): string {
  return `2${JSON.stringify([event, payload])}`;
}

/** Texts of wire events for the members of a room. `room` is a name that the hub gave: there is nothing to escape in it. */
export function eventsText(room: string, events: readonly string[]): string {
  return `${start('events')}"room":"${room}","events":[${events.join(',')}]}]`;
}

/** What changed in a live search, see `SearchDeltaMessage`; `item.text` is JSON of a hit. */
export function deltaText(room: string, { changes, total, facets }: DeltaParts, staleMs: number | undefined): string {
  const steps = changes.map(changeText).join(',');
  const rest = JSON.stringify({ total, facets, staleMs });
  return `${start('delta')}"room":"${room}","changes":[${steps}]${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}]`;
}

interface DeltaParts {
  readonly changes: readonly ListChange<{ readonly urn: string; readonly text: string }>[];
  readonly total: object | undefined;
  readonly facets: object | undefined;
}

function changeText(change: DeltaParts['changes'][number]): string {
  const { kind, item } = change;
  const after = 'after' in change ? `,"after":${JSON.stringify(change.after?.urn ?? null)}` : '';
  const what = kind === 'enter' || kind === 'update' ? `"hit":${item.text}` : `"urn":${JSON.stringify(item.urn)}`;
  return `{"kind":"${kind}"${after},${what}}`;
}

/** The result of a live search for one session, see `SearchResultMessage`. `hits` has hits, total and facets as members of JSON. */
export function resultPacket(head: Omit<SearchResultMessage, 'hits' | 'total' | 'facets'>, hits: string): Packet {
  return packetOf(`${start('result')}${JSON.stringify(head).slice(1, -1)},${hits}}]`);
}

/** A page of a snapshot, of texts of items. `id` is as the schema of `subscribe` lets in: there is nothing to escape in it. */
export class SnapshotPacket implements Packet {
  readonly id: string;
  readonly page: number;
  readonly items: readonly string[];
  readonly last: boolean;

  constructor(id: string, page: number, items: readonly string[], last: boolean) {
    this.id = id;
    this.page = page;
    this.items = items;
    this.last = last;
  }

  get text(): string {
    const { id, page, items, last } = this;
    return `${start('snapshot')}"id":"${id}","page":${page},"items":[${items.join(',')}],"last":${last}}]`;
  }

  get bytes(): Uint8Array {
    return Buffer.from(engineMessage(this.text));
  }
}

/** What a `replay` message says behind the id of its subscription: the same for all that stand at one place. */
export class ReplayContent {
  /** Texts of wire events. */
  readonly events: readonly string[];
  readonly cursor: string;
  #rest: Buffer | undefined;

  constructor(events: readonly string[], cursor: string) {
    this.events = events;
    this.cursor = cursor;
  }

  /** Made when a socket needs it. */
  get rest(): Buffer {
    return (this.#rest ??= Buffer.from(`"events":[${this.events.join(',')}],"cursor":"${this.cursor}"}]`));
  }
}

/** A `replay` message, of which only the start is its client's own. `id` as in `SnapshotPacket`. */
export class ReplayPacket implements Packet {
  readonly id: string;
  readonly content: ReplayContent;
  readonly #start: string;
  #bytes: Uint8Array | undefined;

  constructor(id: string, content: ReplayContent) {
    this.id = id;
    this.content = content;
    this.#start = `${start('replay')}"id":"${id}",`;
  }

  get text(): string {
    return this.#start + this.content.rest.toString();
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.concat([Buffer.from(engineMessage(this.#start)), this.content.rest]));
  }
}
