import type { EventType, Facet, HubEvent, HubEventData, Op } from '../event/hub-event.ts';
import { eventText } from '../event/event-text.ts';
import { sha256Text } from '../event/hash.ts';
import { withMembers } from '../event/with-members.ts';
import { utf8Bytes } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { ParentsOf } from './apply-list.ts';
import type { AssetPatch, Change } from './change.ts';
import { cutPatches } from './cut-patch.ts';
import { diffContent, facetsOf, sameFields, withoutValues } from './diff.ts';
import { type CatalogDocument, type SourceReference, isGone } from './document.ts';
import { assertDocument } from './document-schema.ts';
import { headOf, type WithoutHead } from './head-of.ts';
import { documentLimits } from './limits.ts';
import { type Content, reduceDelete, reduceUpsert, tombstoneOf } from './reduce.ts';
import { hasMoved, isLate, markAfter } from './source-order.ts';

export interface ApplyContext {
  /** When the hub accepts the change, RFC 3339 UTC with milliseconds. An entity's times ascend: a later one is used where needed. */
  readonly recordedAt: string;
  /** Parents of a classification as its definition says. */
  readonly parentsOf: ParentsOf;
  /** As `sha256Text`, for where something faster is at hand. */
  readonly sha256?: (text: string) => string;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

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
const nothing: ReadonlySet<string> = new Set();
/** Changes of these always carry the whole document: masks and views need it at once. */
const protective: ReadonlySet<Facet> = new Set(['existence', 'classification', 'owner', 'domain', 'status']);

function sourcesAfter(
  held: readonly SourceReference[],
  change: Change,
  recordedAt: string,
): readonly SourceReference[] {
  const before = held.find((source) => source.connector === change.connector);
  const after = markAfter(before, change, recordedAt);
  return [...held.filter((other) => other.connector !== change.connector), after];
}

interface Built {
  readonly document: CatalogDocument;
  /** The same as it rides on events. */
  readonly withoutHead: WithoutHead;
}

const identity = ['tenant', 'urn', 'connector'] as const;

/** Completes the content, which nobody else has yet. `same`: its fields that are as held. */
function build(
  held: CatalogDocument | undefined,
  content: Content,
  same: ReadonlySet<string>,
  change: Change,
  context: ApplyContext,
): Built {
  const stored = Object.assign(content, {
    tenant: change.tenant,
    urn: change.urn,
    connector: held?.connector ?? change.connector,
    sources: sourcesAfter(held?.sources ?? [], change, context.recordedAt),
  });
  assertDocument(stored as WithoutHead, held === undefined ? nothing : new Set([...same, ...identity]));
  const withoutHead = Object.assign(stored, {
    version: (held?.version ?? 0) + 1,
    createdAt: held?.createdAt ?? context.recordedAt,
    updatedAt: context.recordedAt,
  }) as unknown as WithoutHead;
  return { document: withMembers(withoutHead, { head: headOf(withoutHead) }) as CatalogDocument, withoutHead };
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
  readonly built: Built;
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

/** Members are set one by one: an event is made for every change, and spreads would cost as much as all the rest. */
function eventOf(parts: EventParts, change: Change, context: ApplyContext): HubEvent {
  const { before, ops } = parts;
  const { document: after, withoutHead } = parts.built;
  const { sha256 = sha256Text } = context;
  const existence = kindOf(before, after) === 'changed' ? [] : (['existence'] as const);
  const facets: readonly Facet[] = [...new Set<Facet>([...existence, ...facetsOf(after.kind, ops)])];
  const event: Writable<HubEvent> = {
    specversion: '1.0',
    id: sha256([change.messageId, change.tenant, change.connector, change.urn, change.ordinal].join('\n')),
    source: change.source,
    type: `${typeOf(before, after, facets)}.v1`,
    subject: change.urn,
    time: change.time,
    datacontenttype: 'application/json',
    partitionkey: change.urn,
    recordedtime: context.recordedAt,
    tenant: change.tenant,
    authtype: change.authtype,
    data: dataOf(parts, change, facets),
  };
  if (change.actor !== undefined) event.authid = change.actor.id;
  if (change.correlationid !== undefined) event.correlationid = change.correlationid;
  if (change.causationid !== undefined) event.causationid = change.causationid;
  if (after.kind === 'alert') event.severitynumber = after.severity;
  return fitted(event, withoutHead, facets);
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

/** The event with its document if that is to ride on it. Most are so small together that one look is enough. */
function fitted(whole: HubEvent, after: WithoutHead, facets: readonly Facet[]): HubEvent {
  const { maxSmallDocumentBytes } = documentLimits;
  if (bytesWithin(eventText(whole), maxSmallDocumentBytes) <= maxSmallDocumentBytes) return whole;
  const { after: _after, ...data } = whole.data;
  return withDocument(bounded({ ...whole, data }), after, facets);
}

function withDocument(
  { event, bytes: eventBytes }: SizedEvent,
  after: WithoutHead,
  facets: readonly Facet[],
): HubEvent {
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
  return { ...event, data: { ...event.data, after } };
}

function applyLate(held: CatalogDocument, change: Change, context: ApplyContext): Applied {
  // nothing to be seen has changed: nobody is told, so nothing that is shown may change, neither may `updatedAt`
  const document = { ...held, version: held.version + 1 };
  const { head: _head, ...rest } = document;
  const built = { document, withoutHead: rest as WithoutHead };
  return { document, event: eventOf({ before: held, built, ops: [], late: true }, change, context) };
}

type Upsert = Extract<Change, { action: 'upsert' }>;

/** A tag must not wait for a description that is too long. @throws HubError limit-exceeded when not even that fits */
function applyWhatFits(held: CatalogDocument | undefined, change: Upsert, context: ApplyContext): Applied | undefined {
  try {
    return applyUpsert(held, change, context);
  } catch (error) {
    if (change.target !== 'asset' || change.mayCut !== true || !isLimit(error)) throw error;
    const [first, last] = cutPatches(change.patch, held, error.message) as [AssetPatch, AssetPatch];
    try {
      return applyUpsert(held, { ...change, patch: first }, context);
    } catch (second) {
      if (!isLimit(second)) throw second;
      return applyUpsert(held, { ...change, patch: last }, context);
    }
  }
}

function isLimit(error: unknown): error is HubError {
  return error instanceof HubError && error.code === 'limit-exceeded';
}

function applyUpsert(held: CatalogDocument | undefined, change: Upsert, context: ApplyContext): Applied | undefined {
  const version = (held?.version ?? 0) + 1;
  const content = reduceUpsert(held, change, { version, parentsOf: context.parentsOf });
  const same = held === undefined ? nothing : sameFields(held, content);
  const created = held === undefined || (isGone(held) && content.status !== 'deleted');
  const ops: readonly Op[] = created ? [{ op: 'add', path: '' }] : diffContent(held, content, same);
  if (ops.length === 0) return held === undefined ? undefined : unaltered(held, change, context);
  const built = build(held, content, same, change, context);
  return { document: built.document, event: eventOf({ before: held, built, ops, late: false }, change, context) };
}

type Deletion = Extract<Change, { action: 'delete' }>;

/** Nobody has seen what is deleted here, but an older message that comes later must not make it appear. */
function rememberDeletion(change: Deletion, status: 'deleted' | 'purged', context: ApplyContext): Applied | undefined {
  const content = tombstoneOf(change, status);
  if (content === undefined) return undefined;
  const built = build(undefined, content, nothing, change, context);
  const ops: readonly Op[] = [{ op: 'add', path: '' }];
  return {
    document: built.document,
    event: eventOf({ before: undefined, built, ops, late: false }, change, context),
  };
}

function applyDelete(held: CatalogDocument | undefined, change: Deletion, context: ApplyContext): Applied | undefined {
  const status = change.target === 'asset' && change.purge ? 'purged' : 'deleted';
  if (held === undefined) return rememberDeletion(change, status, context);
  if (held.status === status || held.status === 'purged') return unaltered(held, change, context);
  if (held.kind !== change.target)
    throw new HubError(
      'invalid-message',
      `urn ${change.urn} is a ${held.kind}; the message treats it as a ${change.target}`,
    );
  const content = reduceDelete(held, status);
  const built = build(held, content, sameFields(held, content), change, context);
  const ops: readonly Op[] = [{ op: 'replace', path: '/status', old: held.status, new: status }];
  return { document: built.document, event: eventOf({ before: held, built, ops, late: false }, change, context) };
}

/** Same version, no event: only remembers how far the source has come, so that an older state stays recognisable. */
function unaltered(held: CatalogDocument, change: Change, { recordedAt }: ApplyContext): Applied | undefined {
  const mark = held.sources.find(({ connector }) => connector === change.connector);
  return mark !== undefined && hasMoved(mark, markAfter(mark, change, recordedAt))
    ? { document: { ...held, sources: sourcesAfter(held.sources, change, recordedAt) }, event: undefined }
    : undefined;
}

/** Times of one entity ascend strictly, however fast it changes and whatever the nodes' clocks say: clients go by them. */
function acceptedAfter(held: CatalogDocument | undefined, context: ApplyContext): ApplyContext {
  if (held === undefined || held.updatedAt < context.recordedAt) return context;
  return { ...context, recordedAt: new Date(Date.parse(held.updatedAt) + 1).toISOString() };
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
  if (isLate(held, change, context.recordedAt)) return applyLate(held as CatalogDocument, change, context);
  const accepted = acceptedAfter(held, context);
  return change.action === 'delete' ? applyDelete(held, change, accepted) : applyWhatFits(held, change, accepted);
}
