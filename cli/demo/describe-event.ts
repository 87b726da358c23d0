import type { FeedEvent, JsonObject, JsonValue, WireChange } from '../../client-sdk/index.ts';
import { isJsonObject } from '../../channels/event/json.ts';

/** What is known of an entity when something happens to it. */
export interface KnownEntity {
  /** How people call it. */
  readonly label: string;
  /** Names of columns by their stable key. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Everything of an event: the demo shows owners and tags also where they have not changed. */
export type DemoEvent = FeedEvent<'document'>;

type ShownEvent = Extract<DemoEvent, { readonly kind: 'enter' | 'update' }>;

interface Change extends WireChange {
  readonly path: string;
}

function changesOf(event: Extract<DemoEvent, { readonly kind: 'update' }>): readonly Change[] {
  return Object.entries(event.changes).map(([path, change]) => ({ path, ...change }));
}

function isRemoval(change: Change): boolean {
  return change.new === undefined && change.old !== undefined;
}

function parts(op: Change): readonly string[] {
  return op.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function member(value: JsonValue | undefined, key: string): string {
  return isJsonObject(value) ? text(value[key]) : '';
}

/** `crm.customers` -> `customers` */
function short(label: string): string {
  return label.slice(label.lastIndexOf('.') + 1);
}

/** `urn:gov:demo:crm/customers` -> `crm.customers` */
export function labelOfUrn(urn: string): string {
  return urn.slice(urn.lastIndexOf(':') + 1).replaceAll('/', '.');
}

function tagSentence(op: Change, what: string): string {
  const tag = `${member(op.new ?? op.old, 'scheme')}/${member(op.new ?? op.old, 'name')}`;
  if (isRemoval(op)) return `${what} is no longer classified ${tag}`;
  const state = member(op.new, 'state');
  if (op.old !== undefined) return `${tag} on ${what} is now ${state}`;
  return `${what} was classified ${tag}${state === 'suggested' ? ' (suggested)' : ''}`;
}

function columnSentence(op: Change, { label, columns }: KnownEntity): string {
  const [, key = '', field] = parts(op);
  const name = columns.get(key) ?? 'a column';
  if (field === 'classifications') return tagSentence(op, `${short(label)}.${name}`);
  return isRemoval(op)
    ? `column ${name} was removed from ${short(label)}`
    : `column ${name} was added to ${short(label)}`;
}

function ownerSentence(op: Change, { label }: KnownEntity): string {
  const owner = member(op.new ?? op.old, 'id');
  return isRemoval(op) ? `${short(label)} lost its owner ${owner}` : `${short(label)} is now owned by ${owner}`;
}

function qualitySentence(op: Change, { label }: KnownEntity): string {
  return `${label} ${member(op.new, 'status')} the check ${member(op.new, 'check')}: ${member(op.new, 'message')}`;
}

function changeSentence(op: Change, known: KnownEntity): string {
  switch (parts(op)[0]) {
    case 'columns':
      return columnSentence(op, known);
    case 'classifications':
      return tagSentence(op, short(known.label));
    case 'owners':
      return ownerSentence(op, known);
    case 'quality':
      return qualitySentence(op, known);
    case 'status':
      return `${short(known.label)} is now ${text(op.new)}`;
    case 'description':
      return `${short(known.label)} was described: "${text(op.new)}"`;
    default:
      return `${short(known.label)} changed: ${parts(op)[0] ?? ''}`;
  }
}

function alertSentence(event: ShownEvent, known: KnownEntity): string {
  const about =
    event.kind === 'enter'
      ? ` on ${labelOfUrn(text(event.document['subject']))}: ${text(event.document['message'])}`
      : '';
  const verb = event.entity.status === 'open' ? 'opened' : event.entity.status;
  const who = event.entity.status === 'assigned' ? ` to ${event.entity.owners.join(', ')}` : '';
  return `incident "${known.label}" ${verb}${who}${about}`;
}

function edgeSentence(event: ShownEvent): string {
  if (event.kind === 'update')
    return `a lineage edge changed: ${changesOf(event)
      .map((op) => parts(op)[0])
      .join(', ')}`;
  return `data flows from ${labelOfUrn(text(event.document['from']))} to ${labelOfUrn(text(event.document['to']))}`;
}

function columnCount(document: JsonObject): number {
  return Array.isArray(document['columns']) ? document['columns'].length : 0;
}

function appeared({ entity, document }: Extract<ShownEvent, { readonly kind: 'enter' }>): string {
  const count = columnCount(document);
  const columns = count === 0 ? '' : ` with ${count} columns`;
  return `${entity.type} ${labelOf(entity)} appeared${columns}${entity.platform === null ? '' : ` on ${entity.platform}`}`;
}

function sentence(event: ShownEvent, known: KnownEntity): string {
  if (event.entity.kind === 'alert') return alertSentence(event, known);
  if (event.entity.kind === 'relationship') return edgeSentence(event);
  if (event.kind === 'enter') return appeared(event);
  const [first] = changesOf(event);
  return first === undefined ? `${known.label} changed` : changeSentence(first, known);
}

/** Who did it. A finding of a check has nobody behind it; a feed of people only tells what they did. */
function byWhom(event: ShownEvent): string {
  if (event.actor === undefined || event.type?.startsWith('gov.quality') === true || event.entity.status === 'open')
    return '';
  return event.type?.startsWith('gov.owner') === true ? ` (says ${event.actor})` : ` by ${event.actor}`;
}

function whose(event: ShownEvent, { label }: KnownEntity): string {
  if (event.entity.kind !== 'asset' || event.kind === 'enter') return '';
  const owner = event.entity.owners.join(', ') || 'nobody';
  if (event.type?.startsWith('gov.owner') === true) return ` · asset ${label}`;
  return event.type?.startsWith('gov.quality') === true ? ` · owner ${owner}` : ` · asset ${label} · owner ${owner}`;
}

/** How people call an entity: its full name without the instance that some sources append. */
export function labelOf({ fqn, name }: ShownEvent['entity']): string {
  return fqn === null ? name : fqn.replace(/@.*$/, '');
}

/** One event in plain language. */
export function describeEvent(event: DemoEvent, known: KnownEntity): string {
  if (event.kind === 'leave')
    return event.reason === 'deleted' ? `${known.label} was deleted` : `${known.label} is no longer visible`;
  return `${sentence(event, known)}${byWhom(event)}${whose(event, known)}`;
}
