import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Outlet } from '../outlet/outlet.ts';
import type { RoomSink } from '../outlet/room-sink.ts';
import { RoomTexts } from '../outlet/room-texts.ts';
import { type Documents, EventEncoder, loadDocuments, showsDocument } from './event-encoder.ts';
import type { Room } from '../outlet/room.ts';
import type { RoomMatch, RoomRegistry } from './room-registry.ts';

export interface PublishTickOptions {
  readonly rooms: RoomRegistry;
  readonly store: DocumentStore;
  readonly wireId: (event: HubEvent) => string;
  readonly sink: RoomSink;
  readonly outlet: Pick<Outlet, 'published'>;
  /** Called behind what was published. */
  readonly onDelivered: (events: readonly HubEvent[]) => void;
  /** An event could not be encoded: a bug. The others continue, and a gap must be reported to its rooms. */
  readonly onFault: (event: HubEvent, error: unknown) => void;
  /** The catalog could not be read in time: these rooms were notified as stale. */
  readonly onStale: (rooms: readonly Room[], error: unknown) => void;
}

interface MatchedEvent {
  readonly event: HubEvent;
  readonly matches: readonly RoomMatch[];
}

/** Live delivery does not wait longer than that for documents; clients that need them read them later. */
const documentsTimeoutMs = 1000;
const noDocuments: Documents = new Map();

function needsDocument({ event, matches }: MatchedEvent): boolean {
  return event.data.after === undefined && matches.some(({ room, transition }) => showsDocument(room, transition));
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the catalog did not answer in time')), documentsTimeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Match, authorise, encode and publish one batch of the log; resolves with the size of what went to the fullest room. */
export type TickPublisher = (events: readonly HubEvent[]) => Promise<number> | number;

export function createTickPublisher(options: PublishTickOptions): TickPublisher {
  const texts = new RoomTexts();

  const addEvent = ({ event, matches }: MatchedEvent, documents: Documents): void => {
    const encoder = new EventEncoder(event, options.wireId(event));
    for (const { room, transition } of matches) {
      const text = encoder.text(room, transition, documents);
      if (text === undefined) continue;
      texts.add(room.name, text);
      options.outlet.published(room, event);
    }
  };

  const publishAll = (matched: readonly MatchedEvent[], documents: Documents): number => {
    for (const each of matched) {
      try {
        addEvent(each, documents);
      } catch (error) {
        options.onFault(each.event, error);
      }
    }
    return texts.handOver(options.sink);
  };

  const markStale = (matched: readonly MatchedEvent[], error: unknown): void => {
    const needing = matched.filter(needsDocument).flatMap(({ matches }) => matches);
    const rooms = new Set(
      needing.filter(({ room, transition }) => showsDocument(room, transition)).map(({ room }) => room),
    );
    for (const { name } of rooms) options.sink.stale(name);
    options.onStale([...rooms], error);
  };

  const withDocuments = async (matched: readonly MatchedEvent[]): Promise<number> => {
    const needing = matched.filter(needsDocument).map(({ event }) => event);
    try {
      return publishAll(matched, await inTime(loadDocuments(needing, options.store)));
    } catch (error) {
      // first, or a client that is cut off in between has what comes behind the hole and does not know of the hole
      markStale(matched, error);
      return publishAll(matched, noDocuments);
    }
  };

  const matchesOf = (event: HubEvent): readonly RoomMatch[] => {
    try {
      return options.rooms.match(event);
    } catch (error) {
      options.onFault(event, error);
      return [];
    }
  };

  const delivered = (events: readonly HubEvent[], bytes: number): number => {
    options.onDelivered(events);
    return bytes;
  };

  return (events) => {
    const matched = events
      .map((event) => ({ event, matches: matchesOf(event) }))
      .filter(({ matches }) => matches.length > 0);
    if (!matched.some(needsDocument)) return delivered(events, publishAll(matched, noDocuments));
    return withDocuments(matched).then((bytes) => delivered(events, bytes));
  };
}
