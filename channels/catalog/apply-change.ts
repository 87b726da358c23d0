import type { EventType, Facet, HubEvent, Op } from '../event/hub-event.ts';
import { sha256Text } from '../event/hash.ts';
import { utf8Bytes } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { ParentsOf } from './apply-list.ts';
import type { Change } from './change.ts';
import { diffContent, facetsOf, withoutValues } from './diff.ts';
import { type CatalogDocument, type SourceReference, isGone } from './document.ts';
import { assertDocument } from './document-schema.ts';
import { headOf, type WithoutHead } from './head-of.ts';
import { documentLimits } from './limits.ts';
import { type Content, reduceDelete, reduceUpsert } from './reduce.ts';

export interface ApplyContext {
  /** When the hub accepts the change, RFC 3339 UTC with milliseconds. */
  readonly recordedAt: string;
  /** Parents of a classification as its definition says. */
  readonly parentsOf: ParentsOf;
}

/** What a change did. No event: nothing that anybody could see was altered, only the source's high-water mark moved. */
export interface Applied {
  readonly document: CatalogDocument;
  readonly event: HubEvent | undefined;
}

const facetTypes: Readonly<Record<Facet, EventType>> = {
  existence: 'gov.asset.updated',
  name: 'gov.asset.renamed',
  type: 'gov.asset.retyped',
  classification: 'gov.classification.changed',
  term: 'gov.term.changed',
  owner: 'gov.owner.changed',
  domain: 'gov.domain.changed',
  documentation: 'gov.documentation.changed',
  schema: 'gov.schema.changed',
  property: 'gov.property.changed',
  status: 'gov.deprecation.changed',
  quality: 'gov.quality.result',
  relationship: 'gov.relationship.changed',
  incident: 'gov.incident.changed',
  definition: 'gov.classification.defined',
  native: 'gov.native',
};
/** Changes of these always carry the whole document: masks and views need it at once. */
const protective: ReadonlySet<Facet> = new Set(['existence', 'classification', 'owner', 'domain', 'status']);

/** A source whose clock runs ahead must not make everything that it says later look late. */
function markOf(change: Change, recordedAt: string): string {
  return change.time > recordedAt ? recordedAt : change.time;
}

function sourcesAfter(
  held: readonly SourceReference[],
  change: Change,
  recordedAt: string,
): readonly SourceReference[] {
  const mark = markOf(change, recordedAt);
  const before = held.find((source) => source.connector === change.connector);
  const nativeType = change.nativeType ?? before?.nativeType;
  const source: SourceReference = {
    connector: change.connector,
    nativeId: change.nativeId,
    ...(nativeType === undefined ? {} : { nativeType }),
    time: before !== undefined && before.time > mark ? before.time : mark,
  };
  return [...held.filter((other) => other.connector !== change.connector), source];
}

/** Whole states older than what the same connector already said must not overwrite it; deltas have no such order. */
function isLate(held: CatalogDocument | undefined, change: Change): boolean {
  if (held === undefined || change.completeness === 'delta') return false;
  const source = held.sources.find((each) => each.connector === change.connector);
  return source !== undefined && source.time > change.time;
}

function build(
  held: CatalogDocument | undefined,
  content: Content,
  change: Change,
  version: number,
  context: ApplyContext,
): CatalogDocument {
  const stored = {
    ...content,
    tenant: change.tenant,
    urn: change.urn,
    connector: held?.connector ?? change.connector,
    sources: sourcesAfter(held?.sources ?? [], change, context.recordedAt),
  };
  assertDocument(stored);
  const document = {
    ...stored,
    version,
    createdAt: held?.createdAt ?? context.recordedAt,
    updatedAt: context.recordedAt,
  } as WithoutHead;
  return { ...document, head: headOf(document) } as CatalogDocument;
}

function typeOf(before: CatalogDocument | undefined, after: CatalogDocument, facets: readonly Facet[]): EventType {
  if (after.kind === 'relationship') return after.lineage ? 'gov.lineage.observed' : 'gov.relationship.changed';
  if (after.kind === 'alert') return 'gov.incident.changed';
  if (after.kind === 'definition') return 'gov.classification.defined';
  if (facets.includes('native')) return 'gov.native';
  if (isGone(after)) return after.status === 'purged' ? 'gov.asset.purged' : 'gov.asset.deleted';
  if (before === undefined) return 'gov.asset.created';
  if (isGone(before)) return 'gov.asset.restored';
  const [only] = facets;
  return facets.length === 1 && only !== undefined ? facetTypes[only] : 'gov.asset.updated';
}

interface EventParts {
  readonly before: CatalogDocument | undefined;
  readonly after: CatalogDocument;
  readonly ops: readonly Op[];
  readonly late: boolean;
}

function eventOf(parts: EventParts, change: Change, context: ApplyContext): HubEvent {
  const { before, after, ops, late } = parts;
  const kind =
    before === undefined || (isGone(before) && !isGone(after))
      ? 'created'
      : isGone(after) && !isGone(before)
        ? 'deleted'
        : 'changed';
  const facets: readonly Facet[] = [
    ...new Set<Facet>([...(kind === 'changed' ? [] : (['existence'] as const)), ...facetsOf(after.kind, ops)]),
  ];
  const event: HubEvent = {
    specversion: '1.0',
    id: sha256Text([change.messageId, change.tenant, change.connector, change.urn, change.ordinal].join('\n')),
    source: change.source,
    type: `${typeOf(before, after, facets)}.v1`,
    subject: change.urn,
    time: change.time,
    datacontenttype: 'application/json',
    partitionkey: change.urn,
    recordedtime: context.recordedAt,
    tenant: change.tenant,
    authtype: change.authtype,
    ...(change.actor === undefined ? {} : { authid: change.actor.id }),
    ...(change.correlationid === undefined ? {} : { correlationid: change.correlationid }),
    ...(change.causationid === undefined ? {} : { causationid: change.causationid }),
    ...(after.kind === 'alert' ? { severitynumber: after.severity } : {}),
    data: {
      version: after.version,
      change: { facets, kind, completeness: change.completeness, replay: change.replay, late, ops },
      heads: {
        before: before === undefined || isGone(before) ? null : before.head,
        after: isGone(after) ? null : after.head,
      },
      ...(change.actor === undefined ? {} : { actor: change.actor }),
      origin: change.origin,
    },
  };
  return withDocument(bounded(event), after, facets);
}

/** Most texts are far below their limit: only near it is it worth counting. A UTF-16 unit takes three bytes at most. */
function bytesWithin(text: string, max: number): number {
  return text.length * 3 <= max ? text.length * 3 : utf8Bytes(text);
}

interface SizedEvent {
  readonly event: HubEvent;
  /** Exact, or not less than it is where it is far below the limit. */
  readonly bytes: number;
}

function sized(event: HubEvent): SizedEvent {
  // with room for a small document that may be put in
  const { maxEventBytes, maxSmallDocumentBytes } = documentLimits;
  return { event, bytes: bytesWithin(JSON.stringify(event), maxEventBytes - maxSmallDocumentBytes) };
}

/** Replacing thousands of columns takes more room as ops than as documents; no broker would take such an event. */
function bounded(event: HubEvent): SizedEvent {
  const whole = sized(event);
  if (whole.bytes <= documentLimits.maxEventBytes) return whole;
  const { data } = event;
  return sized({ ...event, data: { ...data, change: { ...data.change, ops: withoutValues(data.change.ops) } } });
}

function withDocument(
  { event, bytes: eventBytes }: SizedEvent,
  document: CatalogDocument,
  facets: readonly Facet[],
): HubEvent {
  const { head: _head, ...after } = document;
  const { maxDocumentBytes, maxSmallDocumentBytes, maxEventBytes } = documentLimits;
  const bytes = bytesWithin(JSON.stringify(after), maxSmallDocumentBytes);
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
  if (bytes + eventBytes > maxEventBytes && bytes + utf8Bytes(JSON.stringify(event)) > maxEventBytes) return event;
  return { ...event, data: { ...event.data, after: after as WithoutHead } };
}

function applyLate(held: CatalogDocument, change: Change, context: ApplyContext): Applied {
  const document = { ...held, version: held.version + 1, updatedAt: context.recordedAt };
  return { document, event: eventOf({ before: held, after: document, ops: [], late: true }, change, context) };
}

function applyUpsert(
  held: CatalogDocument | undefined,
  change: Extract<Change, { action: 'upsert' }>,
  context: ApplyContext,
): Applied | undefined {
  const version = (held?.version ?? 0) + 1;
  const content = reduceUpsert(held, change, { version, parentsOf: context.parentsOf });
  const created = held === undefined || (isGone(held) && content.status !== 'deleted');
  const ops: readonly Op[] = created ? [{ op: 'add', path: '' }] : diffContent(held, content);
  if (ops.length === 0) return held === undefined ? undefined : unaltered(held, change, context);
  const document = build(held, content, change, version, context);
  return { document, event: eventOf({ before: held, after: document, ops, late: false }, change, context) };
}

function applyDelete(
  held: CatalogDocument | undefined,
  change: Extract<Change, { action: 'delete' }>,
  context: ApplyContext,
): Applied | undefined {
  const status = change.target === 'asset' && change.purge ? 'purged' : 'deleted';
  if (held === undefined || held.status === status || held.status === 'purged')
    return held === undefined ? undefined : unaltered(held, change, context);
  if (held.kind !== change.target)
    throw new HubError(
      'invalid-message',
      `urn ${change.urn} is a ${held.kind}; the message treats it as a ${change.target}`,
    );
  const document = build(held, reduceDelete(held, status), change, held.version + 1, context);
  const ops: readonly Op[] = [{ op: 'replace', path: '/status', old: held.status, new: status }];
  return { document, event: eventOf({ before: held, after: document, ops, late: false }, change, context) };
}

/** Same version, no event: only remembers how far the source has come, so that an older state stays recognisable. */
function unaltered(held: CatalogDocument, change: Change, { recordedAt }: ApplyContext): Applied | undefined {
  const mark = markOf(change, recordedAt);
  const moved = held.sources.some((source) => source.connector === change.connector && source.time < mark);
  return moved
    ? { document: { ...held, sources: sourcesAfter(held.sources, change, recordedAt) }, event: undefined }
    : undefined;
}

/**
 * The one rule by which the catalog changes: pure, so that the same change on the same document gives the same result
 * on every node and in every retry. `undefined`: the change alters nothing.
 * @throws HubError invalid-message, limit-exceeded; the document stays as it was
 */
export function applyChange(
  held: CatalogDocument | undefined,
  change: Change,
  context: ApplyContext,
): Applied | undefined {
  if (isLate(held, change)) return applyLate(held as CatalogDocument, change, context);
  return change.action === 'delete' ? applyDelete(held, change, context) : applyUpsert(held, change, context);
}
