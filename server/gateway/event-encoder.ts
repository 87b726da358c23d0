import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { documentKey, isGone } from '../../channels/catalog/document.ts';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { carriedDocument, type ShownDocument, type Transition, wireEvent } from '../../channels/event/wire-event.ts';
import type { Room } from './room-registry.ts';

/** Documents by document key, for events that do not carry theirs. */
export type Documents = ReadonlyMap<string, CatalogDocument>;

/** An entity that comes into view needs its whole document, and so does every change of one in a view. */
export function showsDocument(room: Room, transition: Transition): boolean {
  return transition === 'enter' || (transition === 'update' && room.selection.mode === 'view');
}

/** Most events carry their document; the others are read together. @throws HubError storage-unavailable */
export async function loadDocuments(events: Iterable<HubEvent>, store: DocumentStore): Promise<Documents> {
  const wanted = [...events]
    .filter((event) => event.data.after === undefined)
    .map(({ tenant, subject: urn }) => ({ tenant, urn }));
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
function documentFor(room: Room, event: HubEvent, documents: Documents): ShownDocument | undefined {
  const carried = carriedDocument(event);
  if (carried !== undefined) return carried;
  const document = documents.get(documentKey(event.tenant, event.subject));
  if (document === undefined) return undefined;
  const { head } = document;
  if (document.version === event.data.version) return { document, head };
  if (isGone(document)) return undefined;
  return room.selection.matches(head) && room.policyClass.mayRead(head) ? { document, head } : undefined;
}

/** Encodes one event, once for each form in which rooms get it, however many rooms there are. */
export class EventEncoder {
  readonly #event: HubEvent;
  readonly #id: string;
  readonly #texts = new Map<string, string>();

  /** `id` is the wire id. */
  constructor(event: HubEvent, id: string) {
    this.#event = event;
    this.#id = id;
  }

  /** JSON of what the room gets; undefined for nothing. */
  text(room: Room, transition: Transition, documents: Documents): string | undefined {
    const whole = showsDocument(room, transition);
    const shown = whole ? documentFor(room, this.#event, documents) : undefined;
    if (whole && shown === undefined) return undefined;
    if (transition === 'update' && this.#event.data.change.ops.length === 0) return undefined;
    const form = whole ? `${transition}+` : transition;
    const held = this.#texts.get(form);
    if (held !== undefined) return held;
    const text = JSON.stringify(wireEvent(this.#event, transition, this.#id, shown));
    this.#texts.set(form, text);
    return text;
  }
}
