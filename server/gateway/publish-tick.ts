import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { documentKey, isGone } from '../../channels/catalog/document.ts';
import type { WithoutHead } from '../../channels/catalog/head-of.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { type Transition, wireEvent } from '../../channels/event/wire-event.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { FrameBuffer } from './frame-buffer.ts';
import type { Room, RoomMatch, RoomRegistry } from './room-registry.ts';

export interface PublishTickOptions {
  readonly rooms: RoomRegistry;
  readonly store: CatalogStore;
  readonly wireId: (event: HubEvent) => string;
  readonly publish: (room: string, packet: string) => void;
  /** Told of each event for each room, with the room's members. */
  readonly onDelivered: (room: Room, events: number) => void;
  /** An event could not be encoded: a bug. The others go on, and its rooms must be told of the hole. */
  readonly onFault: (event: HubEvent, error: unknown) => void;
}

interface MatchedEvent {
  readonly event: HubEvent;
  readonly matches: readonly RoomMatch[];
}

type Documents = ReadonlyMap<string, CatalogDocument>;

/** An entity that comes into view needs its whole document; most events carry it. */
function needsDocument({ event, matches }: MatchedEvent): boolean {
  return event.data.after === undefined && matches.some((match) => match.transition === 'enter');
}

async function loadDocuments(matched: readonly MatchedEvent[], store: CatalogStore): Promise<Documents> {
  const wanted = matched.filter(needsDocument).map(({ event }) => ({ tenant: event.tenant, urn: event.subject }));
  if (wanted.length === 0) return new Map();
  const found = await store.getMany(wanted);
  return new Map(
    found
      .filter((document) => document !== undefined)
      .map((document) => [documentKey(document.tenant, document.urn), document]),
  );
}

/**
 * The document may be newer than the event. Then it is shown only to rooms that may still see it: the event that hid
 * it is behind in the log and will say so.
 */
function documentFor(room: Room, event: HubEvent, documents: Documents): WithoutHead | undefined {
  if (event.data.after !== undefined) return event.data.after;
  const document = documents.get(documentKey(event.tenant, event.subject));
  if (document === undefined || document.version === event.data.version) return document;
  if (isGone(document)) return undefined;
  return room.selection.matches(document.head) && room.policyClass.mayRead(document.head) ? document : undefined;
}

/** Encodes each event once per transition, however many rooms get it. */
class EventEncoder {
  readonly #event: HubEvent;
  readonly #id: string;
  readonly #texts = new Map<Transition, string>();

  constructor(event: HubEvent, id: string) {
    this.#event = event;
    this.#id = id;
  }

  text(transition: Transition, document: WithoutHead | undefined): string {
    const held = this.#texts.get(transition);
    if (held !== undefined) return held;
    const text = JSON.stringify(wireEvent(this.#event, transition, this.#id, document));
    this.#texts.set(transition, text);
    return text;
  }
}

/** Match, authorise, encode and publish one batch of the log; resolves with the size of what went to the fullest room. */
export type TickPublisher = (events: readonly HubEvent[]) => Promise<number>;

export function createTickPublisher(options: PublishTickOptions): TickPublisher {
  const frames = new FrameBuffer();

  const addEvent = ({ event, matches }: MatchedEvent, documents: Documents): void => {
    const encoder = new EventEncoder(event, options.wireId(event));
    for (const { room, transition } of matches) {
      const document = transition === 'enter' ? documentFor(room, event, documents) : undefined;
      if (transition === 'enter' && document === undefined) continue;
      if (transition === 'update' && event.data.change.ops.length === 0) continue;
      frames.add(room.name, encoder.text(transition, document));
      options.onDelivered(room, 1);
    }
  };

  return async (events) => {
    const matched = events
      .map((event) => ({ event, matches: options.rooms.match(event) }))
      .filter(({ matches }) => matches.length > 0);
    if (matched.length === 0) return 0;
    const documents = matched.some(needsDocument)
      ? await loadDocuments(matched, options.store)
      : new Map<string, CatalogDocument>();
    for (const each of matched) {
      try {
        addEvent(each, documents);
      } catch (error) {
        options.onFault(each.event, error);
      }
    }
    frames.flush((room, packet) => options.publish(room, packet));
    return frames.fullest;
  };
}
