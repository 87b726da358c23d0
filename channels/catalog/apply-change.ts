import { sortedOnce } from '../base/sorted-once.ts';
import type { Content, ElementKey } from './content.ts';
import { sha256Text } from '../event/hash.ts';
import type { Head, RefLabels } from '../event/head.ts';
import type { HubEvent, Op } from '../event/hub-event.ts';
import { withMembers } from '../event/with-members.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { ParentsOf } from './apply-list.ts';
import { type Change, hubConnector } from './change.ts';
import { cutPatches } from './cut-patch.ts';
import { diffContent, sameFields } from './diff.ts';
import { type CatalogDocument, type SourceReference, isGone } from './document.ts';
import { assertDocument } from './document-schema.ts';
import { type CompletedDocument, eventOf } from './event-of.ts';
import { aboutOf, headOf, type WithoutHead } from './head-of.ts';
import { reduceDelete, reduceUpsert, tombstoneOf } from './reduce.ts';
import { hasMoved, isLate, markAfter } from './source-order.ts';

export interface ApplyContext {
  /** When the hub accepts the change, RFC 3339 UTC with milliseconds. An entity's times ascend: a later one is used where needed. */
  readonly recordedAt: string;
  /** Parents of a classification as its definition says. */
  readonly parentsOf: ParentsOf;
  /** As `sha256Text`, for where something faster is available. */
  readonly sha256?: (text: string) => string;
  /** Size of a text in UTF-8, for where something faster is available. */
  readonly utf8Bytes?: (text: string) => number;
  /**
   * Names an element of an entity: the same everywhere in a deployment, 72 bits or more. A hub gives one that depends on
   * its secret, so that nobody can try what a masked element is called; without it anybody can compute the key.
   */
  readonly elementKey?: (urn: string, element: string) => string;
  /** The head of another entity of the tenant, as far as the hub knows it. */
  readonly headOf?: (urn: string) => Head | undefined;
  /** Revision of the policy that is current where the change is ingested. */
  readonly policyFloor?: number;
}

/** What a change did. No event: nothing that anybody could see was altered, only the source's high-water mark moved. */
export interface ChangeResult {
  readonly document: CatalogDocument;
  readonly event: HubEvent | undefined;
}

const nothing: ReadonlySet<string> = new Set();

function sourcesAfter(
  held: readonly SourceReference[],
  change: Change,
  recordedAt: string,
): readonly SourceReference[] {
  const before = held.find((source) => source.connector === change.connector);
  // people who comment on what others know are not one of its sources
  if (before === undefined && held.length > 0 && change.connector === hubConnector) return held;
  const after = markAfter(before, change, recordedAt);
  return [...held.filter((other) => other.connector !== change.connector), after];
}

/** Of an entity that is about others; they are as the commit finds them. */
function refLabelsOf(content: Content, { headOf: known }: ApplyContext): { readonly refLabels?: RefLabels } {
  if (known === undefined || (content.kind !== 'relationship' && content.kind !== 'alert')) return {};
  const about = aboutOf(content);
  const heads = about.flatMap((urn) => known(urn) ?? []);
  return {
    refLabels: {
      domains: sortedOnce(heads.flatMap(({ domain }) => domain ?? [])),
      tags: sortedOnce(heads.flatMap(({ tags }) => tags)),
      confirmedTags: sortedOnce(heads.flatMap(({ confirmedTags }) => confirmedTags)),
      ...(heads.length < about.length ? { unknown: true as const } : {}),
    },
  };
}

/** What comes back after a deletion is of whoever brings it back; an asset has a layer of people that outlives it. */
function connectorAfter(held: CatalogDocument | undefined, { connector, target }: Change): string {
  return held === undefined || (isGone(held) && target !== 'asset') ? connector : held.connector;
}

const identity = ['tenant', 'urn', 'connector'] as const;

/** Completes the content, which nobody else has yet. `same`: its fields that are as held. */
function build(
  held: CatalogDocument | undefined,
  content: Content,
  same: ReadonlySet<string>,
  change: Change,
  context: ApplyContext,
): CompletedDocument {
  const stored = Object.assign(content, refLabelsOf(content, context), {
    tenant: change.tenant,
    urn: change.urn,
    connector: connectorAfter(held, change),
    sources: sourcesAfter(held?.sources ?? [], change, context.recordedAt),
  });
  assertDocument(stored, held === undefined ? nothing : new Set([...same, ...identity]));
  const withoutHead: WithoutHead = Object.assign(stored, {
    version: (held?.version ?? 0) + 1,
    createdAt: held?.createdAt ?? context.recordedAt,
    updatedAt: context.recordedAt,
  });
  return { document: withMembers(withoutHead, { head: headOf(withoutHead) }), withoutHead };
}

function applyLate(held: CatalogDocument, change: Change, context: ApplyContext): ChangeResult {
  // nothing to be seen has changed: nobody is told, so nothing that is shown may change, neither may `updatedAt`
  const document = { ...held, version: held.version + 1 };
  const { head: _head, ...rest } = document;
  const built = { document, withoutHead: rest };
  return { document, event: eventOf({ before: held, built, ops: [], late: true }, change, context) };
}

type Upsert = Extract<Change, { action: 'upsert' }>;

/** A tag must not wait for a description that is too long. @throws HubError limit-exceeded when not even that fits */
function applyWhatFits(
  held: CatalogDocument | undefined,
  change: Upsert,
  context: ApplyContext,
): ChangeResult | undefined {
  try {
    return applyUpsert(held, change, context);
  } catch (error) {
    if (change.target !== 'asset' || change.mayCut !== true || !isLimit(error)) throw error;
    const [first, last] = cutPatches(change.patch, held, error.message);
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

function elementKeyOf(urn: string, { elementKey = plainKey }: ApplyContext): ElementKey {
  return (element) => elementKey(urn, element);
}

function plainKey(urn: string, element: string): string {
  return sha256Text(`${urn}|${element}`).slice(0, 12);
}

function applyUpsert(
  held: CatalogDocument | undefined,
  change: Upsert,
  context: ApplyContext,
): ChangeResult | undefined {
  const version = (held?.version ?? 0) + 1;
  const elementKey = elementKeyOf(change.urn, context);
  const content = reduceUpsert(held, change, { version, parentsOf: context.parentsOf, elementKey });
  const same = held === undefined ? nothing : sameFields(held, content);
  const created = held === undefined || (isGone(held) && content.status !== 'deleted');
  const ops: readonly Op[] = created ? [{ op: 'add', path: '' }] : diffContent(held, content, elementKey, same);
  if (ops.length === 0) return held === undefined ? undefined : unaltered(held, change, context);
  const built = build(held, content, same, change, context);
  return { document: built.document, event: eventOf({ before: held, built, ops, late: false }, change, context) };
}

type Deletion = Extract<Change, { action: 'delete' }>;

/** Nobody has seen what is deleted here, but an older message that comes later must not make it appear. */
function rememberDeletion(
  change: Deletion,
  status: 'deleted' | 'purged',
  context: ApplyContext,
): ChangeResult | undefined {
  const content = tombstoneOf(change, status);
  if (content === undefined) return undefined;
  const built = build(undefined, content, nothing, change, context);
  const ops: readonly Op[] = [{ op: 'add', path: '' }];
  return {
    document: built.document,
    event: eventOf({ before: undefined, built, ops, late: false }, change, context),
  };
}

function applyDelete(
  held: CatalogDocument | undefined,
  change: Deletion,
  context: ApplyContext,
): ChangeResult | undefined {
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
function unaltered(held: CatalogDocument, change: Change, { recordedAt }: ApplyContext): ChangeResult | undefined {
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
): ChangeResult | undefined {
  if (held !== undefined && isLate(held, change, context.recordedAt)) return applyLate(held, change, context);
  const accepted = acceptedAfter(held, context);
  return change.action === 'delete' ? applyDelete(held, change, accepted) : applyWhatFits(held, change, accepted);
}
