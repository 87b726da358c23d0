import { eventText } from '../event/event-text.ts';
import { sha256Text } from '../event/hash.ts';
import type { Facet, HubEvent, HubEventData, Op } from '../event/hub-event.ts';
import { writtenForm } from '../forms/written-form.ts';
import { utf8Bytes } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { Change } from './change.ts';
import { facetsOf } from './diff.ts';
import { type CatalogDocument, isGone } from './document.ts';
import { eventTypeOf } from './event-type.ts';
import type { WithoutHead } from './head-of.ts';
import { documentLimits } from './limits.ts';
import { withoutValues } from './op-labels.ts';

/** A document that was completed. */
export interface CompletedDocument {
  readonly document: CatalogDocument;
  /** The same as it rides on events. */
  readonly withoutHead: WithoutHead;
}

/** What an event needs to know of the moment. */
export interface EventContext {
  readonly recordedAt: string;
  readonly policyFloor?: number;
  readonly sha256?: (text: string) => string;
  readonly utf8Bytes?: CountBytes;
}

type CountBytes = (text: string) => number;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Changes of these always carry the whole document: masks and views need it at once. */
const protective: ReadonlySet<Facet> = new Set(['existence', 'classification', 'owner', 'domain', 'status']);

/** What a change did, as its event tells it. */
export interface EventParts {
  readonly before: CatalogDocument | undefined;
  readonly built: CompletedDocument;
  readonly ops: readonly Op[];
  readonly late: boolean;
}

function kindOf(before: CatalogDocument | undefined, after: CatalogDocument): HubEvent['data']['change']['kind'] {
  const wasThere = before !== undefined && !isGone(before);
  if (isGone(after)) return before === undefined || wasThere ? 'deleted' : 'changed';
  return wasThere ? 'changed' : 'created';
}

function dataOf(
  { before, built, ops, late }: EventParts,
  change: Change,
  facets: readonly Facet[],
): Writable<HubEventData> {
  const { document: after, withoutHead } = built;
  const { completeness, replay, actor, origin } = change;
  const data: Writable<HubEventData> = {
    version: after.version,
    change: { facets, kind: kindOf(before, after), completeness, replay, late, ops },
    heads: {
      before: before === undefined || isGone(before) ? null : before.head,
      after: isGone(after) ? null : after.head,
    },
    origin,
  };
  if (actor !== undefined) data.actor = actor;
  if (change.extensions !== undefined) data.extensions = change.extensions;
  data.after = withoutHead;
  return data;
}

/**
 * The event of a change, complete.
 * Members are set one by one: an event is made for every change, and spreads would cost as much as all the rest.
 * @throws HubError limit-exceeded when the document itself is too large
 */
export function eventOf(
  parts: EventParts,
  change: Change,
  { recordedAt, policyFloor, sha256 = sha256Text, utf8Bytes: count = utf8Bytes }: EventContext,
): HubEvent {
  const { before, ops } = parts;
  const { document: after, withoutHead } = parts.built;
  const existence = kindOf(before, after) === 'changed' ? [] : (['existence'] as const);
  const facets: readonly Facet[] = [...new Set<Facet>([...existence, ...facetsOf(after.kind, ops)])];
  const event: Writable<HubEvent> = {
    v: writtenForm('event', after.kind),
    specversion: '1.0',
    id: sha256([change.messageId, change.tenant, change.connector, change.urn, change.ordinal].join('\n')),
    source: change.source,
    type: `${eventTypeOf(before, after, facets)}.v1`,
    subject: change.urn,
    time: change.time,
    datacontenttype: 'application/json',
    partitionkey: change.urn,
    recordedtime: recordedAt,
    tenant: change.tenant,
    authtype: change.authtype,
    data: dataOf(parts, change, facets),
  };
  if (change.actor !== undefined) event.authid = change.actor.id;
  if (change.correlationid !== undefined) event.correlationid = change.correlationid;
  if (change.causationid !== undefined) event.causationid = change.causationid;
  if (after.kind === 'alert') event.severitynumber = after.severity;
  if (policyFloor !== undefined) event.policyfloor = policyFloor;
  return fitted(event, { after: withoutHead, facets, count });
}

/** What an event may carry, and how its size is counted. */
interface Fit {
  readonly after: WithoutHead;
  readonly facets: readonly Facet[];
  readonly count: CountBytes;
}

/** Most texts are far below their limit: only near it is it worth counting. A UTF-16 unit takes three bytes at most. */
function bytesWithin(text: string, max: number, count: CountBytes): number {
  return text.length * 3 <= max ? text.length * 3 : count(text);
}

interface SizedEvent {
  readonly event: HubEvent;
  /** Exact, or not less than it is where it is far below the limit. */
  readonly bytes: number;
}

function sized(event: HubEvent, count: CountBytes): SizedEvent {
  // with room for a small document that may be put in
  const { maxEventBytes, maxSmallDocumentBytes } = documentLimits;
  return { event, bytes: bytesWithin(JSON.stringify(event), maxEventBytes - maxSmallDocumentBytes, count) };
}

/** Replacing thousands of columns takes more room as ops than as documents; no broker would take such an event. */
function bounded(event: HubEvent, count: CountBytes): SizedEvent {
  const whole = sized(event, count);
  if (whole.bytes <= documentLimits.maxEventBytes) return whole;
  const { data } = event;
  const ops = withoutValues(data.change.ops);
  return sized({ ...event, data: { ...data, change: { ...data.change, ops } } }, count);
}

/** The event with its document if that is to ride on it. Most are so small together that one look is enough. */
function fitted(whole: HubEvent, fit: Fit): HubEvent {
  const { maxSmallDocumentBytes } = documentLimits;
  if (bytesWithin(eventText(whole), maxSmallDocumentBytes, fit.count) <= maxSmallDocumentBytes) return whole;
  const { after: _after, ...data } = whole.data;
  return withDocument(bounded({ ...whole, data }, fit.count), fit);
}

function withDocument({ event, bytes: eventBytes }: SizedEvent, { after, facets, count }: Fit): HubEvent {
  const { maxDocumentBytes, maxSmallDocumentBytes, maxEventBytes } = documentLimits;
  const bytes = bytesWithin(JSON.stringify(after), maxSmallDocumentBytes, count);
  if (bytes > maxDocumentBytes) {
    throw new HubError(
      'limit-exceeded',
      `${after.kind}: the document would have ${bytes} bytes; at most ${maxDocumentBytes} are kept`,
      {
        publicDetails: { urn: after.urn },
      },
    );
  }
  if (bytes > maxSmallDocumentBytes && !facets.some((facet) => protective.has(facet))) return event;
  if (bytes + eventBytes > maxEventBytes && bytes + count(JSON.stringify(event)) > maxEventBytes) return event;
  return { ...event, data: { ...event.data, after } };
}
