import { documentKey, isGone } from '../../../channels/catalog/document.ts';
import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { type Mask, maskOf } from '../../../channels/wire/mask.ts';
import { revealed } from '../../../channels/wire/revealed.ts';
import { carriedDocument, EventMaker, type ShownDocument, type Transition } from '../../../channels/wire/wire-event.ts';
import type { Room } from '../outlet/room.ts';

/** Documents by document key, for events that do not carry theirs. */
export type Documents = ReadonlyMap<string, CatalogDocument>;

/** Whether the document is needed for what the room gets. */
export function showsDocument({ selection: { form } }: Room, transition: Transition): boolean {
  return transition !== 'leave' && form.readsDocument && form[transition].document;
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

/** May the room's class read the entity from now on, and could not before? */
function isRevealed({ policyClass }: Room, { data }: HubEvent, transition: Transition): boolean {
  const { before } = data.heads;
  return transition === 'enter' && before !== null && !policyClass.mayRead(before);
}

/** Encodes one event, once for each form and mask, however many rooms there are. */
export class EventEncoder {
  readonly #event: HubEvent;
  readonly #id: string;
  readonly #makers = new Map<string, EventMaker>();
  readonly #texts = new Map<string, string | undefined>();
  #revealedEvent: HubEvent | undefined;

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
    const { form } = room.selection;
    const mask = maskOf(room.policyClass);
    const event = isRevealed(room, this.#event, transition) ? this.#revealed() : this.#event;
    const key = `${event === this.#event ? transition : 'revealed'}|${mask.key}|${form.key}`;
    if (this.#texts.has(key)) return this.#texts.get(key);
    const text = this.#maker(event, mask).text(transition, form, shown);
    this.#texts.set(key, text);
    return text;
  }

  #revealed(): HubEvent {
    return (this.#revealedEvent ??= revealed(this.#event));
  }

  #maker(event: HubEvent, mask: Mask): EventMaker {
    const key = event === this.#event ? mask.key : `revealed|${mask.key}`;
    const held = this.#makers.get(key);
    if (held !== undefined) return held;
    const maker = new EventMaker(event, { id: this.#id, mask });
    this.#makers.set(key, maker);
    return maker;
  }
}
