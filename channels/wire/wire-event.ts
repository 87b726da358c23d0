import type { WithoutHead } from '../catalog/head-of.ts';
import { shownEventType } from '../catalog/event-type.ts';
import type { Head } from '../event/head.ts';
import type { HubEvent } from '../event/hub-event.ts';
import { ChangeTexts } from './change-texts.ts';
import type { Form, Parts } from './form.ts';
import type { Mask } from './mask.ts';
import { MemberTexts } from './member-texts.ts';
import { headMembers } from './members.ts';
import { documentRest, wireHead } from './wire-document.ts';

/** The effect of one event for one room: the entity came into view, changed in view, or left it. */
export type Transition = 'enter' | 'update' | 'leave';

/** A document, which may be newer than its event, and its head. */
export interface ShownDocument {
  readonly document: WithoutHead;
  readonly head: Head;
}

/** The document in the event itself; large ones are omitted. */
export function carriedDocument({ data: { after, heads } }: HubEvent): ShownDocument | undefined {
  return after === undefined || heads.after === null ? undefined : { document: after, head: heads.after };
}

function nameText({ kind, type, name }: Head): string {
  return JSON.stringify({ kind, type, name });
}

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

type Fields = Readonly<Record<string, unknown>>;

/** Names of the members in which two heads differ. */
function differences(before: Fields, after: Fields): ReadonlySet<string> {
  return new Set([...headMembers].filter((name) => !isSame(before[name], after[name])));
}

/** How the texts of an event name it, and what they hide. */
export interface EventMakerOptions {
  /** The opaque wire id; the internal id would reveal the native message. */
  readonly id: string;
  readonly mask: Mask;
}

/**
 * Encodes one event for clients, through one mask: an allow-list. Texts for different forms are
 * concatenated from the same parts, each encoded once, and only if some form needs it.
 */
export class EventMaker {
  readonly #event: HubEvent;
  readonly #id: string;
  readonly #mask: Mask;
  #changes: ChangeTexts | undefined;
  #touched: ReadonlySet<string> | undefined;
  #base: string | undefined;
  #head: { readonly of: Head; readonly texts: MemberTexts } | undefined;
  #rest: { readonly of: WithoutHead; readonly texts: MemberTexts } | undefined;

  constructor(event: HubEvent, { id, mask }: EventMakerOptions) {
    this.#event = event;
    this.#id = id;
    this.#mask = mask;
  }

  /**
   * JSON of the event in a form; undefined for an `update` that changes nothing the form shows. `shown` is required
   * if the form has a document and reads it.
   */
  text(transition: Transition, form: Form, shown?: ShownDocument): string | undefined {
    const { after } = this.#event.data.heads;
    if (transition === 'leave' || after === null) return this.#leave(after === null ? 'deleted' : 'left');
    const parts = form[transition];
    if (transition === 'update' && !this.#says(form)) return undefined;
    const entity = this.#entity(parts, form.fields, shown?.head ?? after);
    const changes = parts.changes ? `,"changes":${this.#changesOf(form.fields)}` : '';
    const document = parts.document ? `,"document":${this.#document(form.fields, shown)}` : '';
    return `{"kind":"${transition}",${this.#common()}${entity}${changes}${document}}`;
  }

  /** Whether an update changes anything the form shows. */
  #says({ update, fields }: Form): boolean {
    if (this.#opTexts().isEmpty) return false;
    const changes = update.changes || update.document;
    if (fields === undefined && changes) return true;
    return (fields ?? [...headMembers]).some(
      (name) =>
        (update.entity !== 'none' && this.#headTouches(name)) ||
        (changes && this.#opTexts().touches(name)) ||
        // every event sets it
        (update.document && name === 'updatedAt'),
    );
  }

  #leave(reason: 'deleted' | 'left'): string {
    const { subject, recordedtime } = this.#event;
    return JSON.stringify({ id: this.#id, subject, recordedtime, kind: 'leave', reason });
  }

  /** Members common to all forms. */
  #common(): string {
    return (this.#base ??= JSON.stringify(this.#commonMembers()).slice(1, -1));
  }

  /** Members that the event lacks are undefined, see wire-document.ts. */
  #commonMembers(): object {
    const { subject, recordedtime, time, correlationid, causationid, data } = this.#event;
    const { actor, extensions } = data;
    const cause = this.#mask.cause({ actor: actor?.id, correlationid, causationid, extensions });
    return {
      id: this.#id,
      subject,
      recordedtime,
      type: shownEventType(this.#event, this.#opTexts().ops),
      time: time === recordedtime ? undefined : time,
      actor: cause.actor,
      correlationid: cause.correlationid,
      causationid: cause.causationid,
      extensions: cause.extensions,
      replay: data.change.replay ? true : undefined,
    };
  }

  #entity({ entity }: Parts, fields: Form['fields'], head: Head): string {
    if (entity === 'none') return '';
    if (entity === 'name' && fields === undefined) return `,"entity":${nameText(this.#mask.head(head))}`;
    if (this.#head?.of !== head) this.#head = { of: head, texts: new MemberTexts(wireHead(head, this.#mask)) };
    const { texts } = this.#head;
    return `,"entity":${fields === undefined ? texts.whole() : texts.of(fields)}`;
  }

  #document(fields: Form['fields'], shown: ShownDocument | undefined): string {
    // a form without members that only documents have
    if (shown === undefined) return '{}';
    const { document } = shown;
    if (this.#rest?.of !== document)
      this.#rest = { of: document, texts: new MemberTexts(documentRest(document, this.#mask)) };
    return fields === undefined ? this.#rest.texts.whole() : this.#rest.texts.of(fields);
  }

  #changesOf(fields: Form['fields']): string {
    return fields === undefined ? this.#opTexts().whole() : this.#opTexts().of(fields);
  }

  #opTexts(): ChangeTexts {
    return (this.#changes ??= new ChangeTexts(this.#event.data.change.ops, this.#mask));
  }

  #headTouches(name: string): boolean {
    const { before, after } = this.#event.data.heads;
    if (before === null || after === null) return true;
    this.#touched ??= differences(this.#mask.head(before), this.#mask.head(after));
    return this.#touched.has(name);
  }
}
