import type { Content, ElementKey } from './content.ts';
import { HubError } from '../protocol/hub-error.ts';
import {
  applyClassifications,
  applyColumns,
  applyList,
  applyProperties,
  applyQuality,
  type ParentsOf,
} from './apply-list.ts';
import {
  type AlertPatch,
  type AssetPatch,
  type Change,
  type DefinitionPatch,
  hubConnector,
  type RelationshipPatch,
} from './change.ts';
import { assertSourceLists } from './source-limits.ts';
import { isConceptKind, reduceConcept } from './concept.ts';
import { covered, emptyLayer, type Layer, layerOf, uncovered } from './cover.ts';
import { curate } from './curate.ts';
import {
  type AlertDocument,
  type AssetDocument,
  type CatalogDocument,
  type DefinitionDocument,
  type RelationshipDocument,
  isGone,
} from './document.ts';

interface ReduceContext {
  readonly version: number;
  readonly parentsOf: ParentsOf;
  readonly elementKey: ElementKey;
}

/** `undefined` keeps, `null` removes. */
function said<Value>(word: Value | null | undefined, held: Value | undefined): Value | undefined {
  return word === undefined ? held : (word ?? undefined);
}

const optionalFields = ['fqn', 'platform', 'parent', 'description', 'domain', 'native'] as const;
type OptionalFields = Pick<Content<AssetDocument>, (typeof optionalFields)[number]>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Sets one after the other what there is: six objects to spread cost more than all the rest of an asset. */
function putOptional(content: OptionalFields, patch: AssetPatch, held: AssetDocument | undefined): void {
  for (const field of optionalFields) put(content, field, patch[field], held?.[field]);
}

function put<Field extends keyof OptionalFields>(
  content: Writable<OptionalFields>,
  field: Field,
  word: OptionalFields[Field] | null | undefined,
  held: OptionalFields[Field] | undefined,
): void {
  const value = said(word, held);
  if (value !== undefined) content[field] = value;
}

/** Type of an asset of which no message has said one. */
const unknownType = 'unknown';

const emptyAsset = {
  owners: [],
  aliases: [],
  classifications: [],
  columns: [],
  terms: [],
  properties: [],
  quality: [],
  status: 'active',
} as const;

function same(item: string): string {
  return item;
}

/**
 * What people say outlives a deletion by a source, which may be a scan that failed: a tag that protects must be there again
 * with what it protects. An asset that the hub itself has deleted begins anew.
 */
function layerBefore(held: AssetDocument | undefined, { connector }: Change): Layer {
  if (held?.curated === undefined || (isGone(held) && connector === hubConnector)) return emptyLayer;
  return layerOf(held);
}

/** The sources change what they have said, people what they have; what counts is made of both. */
function reduceAsset(
  held: AssetDocument | undefined,
  patch: AssetPatch,
  change: Change,
  context: ReduceContext,
): Content<AssetDocument> {
  const source = reduceSources(held === undefined ? undefined : uncovered(held), patch, change, context);
  assertSourceLists(source, patch);
  const layer = layerBefore(held, change);
  if (patch.curated === undefined) return covered(source, layer);
  const speaker = { by: change.actor?.id ?? change.connector, at: change.time };
  return covered(source, curate(layer, patch.curated, source, speaker));
}

function reduceSources(
  held: AssetDocument | undefined,
  patch: AssetPatch,
  change: Change,
  context: ReduceContext,
): Content<AssetDocument> {
  const gone = held !== undefined && isGone(held);
  const base =
    held === undefined || gone
      ? {
          ...emptyAsset,
          type:
            held === undefined || held.type === unknownType
              ? patch.native === undefined
                ? unknownType
                : 'native'
              : held.type,
          name: held?.name ?? change.nativeId,
        }
      : held;
  const scope = {
    version: context.version,
    connector: change.connector,
    parentsOf: context.parentsOf,
    elementKey: context.elementKey,
  };
  const current = gone ? undefined : held;
  const content: Content<AssetDocument> = {
    kind: 'asset',
    type: patch.type ?? base.type,
    name: patch.name ?? base.name,
    status: patch.status ?? base.status,
    owners:
      patch.owners === undefined
        ? base.owners
        : applyList(base.owners, patch.owners, (owner) => (typeof owner === 'string' ? owner : owner.id)),
    aliases: patch.aliases === undefined ? base.aliases : [...new Set(patch.aliases)],
    terms: patch.terms === undefined ? base.terms : applyList(base.terms, patch.terms, same),
    classifications:
      patch.classifications === undefined
        ? base.classifications
        : applyClassifications(base.classifications, patch.classifications, change.connector, context.parentsOf),
    columns: patch.columns === undefined ? base.columns : applyColumns(base.columns, patch.columns, scope),
    properties: patch.properties === undefined ? base.properties : applyProperties(base.properties, patch.properties),
    quality: patch.quality === undefined ? base.quality : applyQuality(base.quality, patch.quality),
  };
  putOptional(content, patch, current);
  return content;
}

function reduceRelationship(
  held: RelationshipDocument | undefined,
  patch: RelationshipPatch,
): Content<RelationshipDocument> {
  const { type, from, to, lineage } = patch;
  return {
    kind: 'relationship',
    type,
    from,
    to,
    lineage,
    name: type,
    properties: applyProperties(held?.properties ?? [], patch.properties ?? {}),
    status: 'active',
  };
}

function reduceAlert(held: AlertDocument | undefined, patch: AlertPatch, change: Change): Content<AlertDocument> {
  const subject = patch.subject ?? held?.subject;
  if (subject === undefined)
    throw new HubError('invalid-message', 'alert.subject: a new alert must name the urn it is about');
  const reason = said(patch.reason, held?.reason);
  return {
    kind: 'alert',
    type: patch.type ?? held?.type ?? 'incident',
    name: patch.name ?? held?.name ?? change.nativeId,
    subject,
    severity: patch.severity ?? held?.severity ?? 17,
    message: patch.message ?? held?.message ?? '',
    assignees: patch.assignees ?? held?.assignees ?? [],
    ...(reason === undefined ? {} : { reason }),
    status: patch.status ?? (held === undefined || held.status === 'deleted' ? 'open' : held.status),
  };
}

function reduceDefinition(held: DefinitionDocument | undefined, patch: DefinitionPatch): Content<DefinitionDocument> {
  const level = said(patch.level, held?.level);
  const description = said(patch.description, held?.description);
  return {
    kind: 'definition',
    scheme: patch.scheme,
    name: patch.name,
    parents: patch.parents ?? held?.parents ?? [],
    ...(level === undefined ? {} : { level }),
    ...(description === undefined ? {} : { description }),
    status: 'active',
  };
}

/**
 * The content after a deletion. A deleted entity keeps what was known of it, for those who look back; of a purged one,
 * which its source has erased, only the name and type of the tombstone stay.
 */
export function reduceDelete(held: CatalogDocument, status: 'deleted' | 'purged'): Content {
  if (held.kind === 'asset' && status === 'purged')
    return { kind: 'asset', ...emptyAsset, type: held.type, name: held.name, status };
  const { head: _head, version: _version, createdAt: _created, updatedAt: _updated, ...rest } = held;
  return { ...rest, status: 'deleted' };
}

/** What is kept of an entity that was deleted before it was ever seen; undefined: its kind cannot be kept without content. */
export function tombstoneOf(
  change: Extract<Change, { action: 'delete' }>,
  status: 'deleted' | 'purged',
): Content | undefined {
  if (change.target === 'asset')
    return { kind: 'asset', ...emptyAsset, type: unknownType, name: change.nativeId, status };
  const { target, nativeId } = change;
  if (isConceptKind(target)) return { ...reduceConcept(undefined, {}, { target, nativeId }), status: 'deleted' };
  if (change.target !== 'relationship' || change.patch === undefined) return undefined;
  return { ...reduceRelationship(undefined, change.patch), status: 'deleted' };
}

function kindMismatch(held: CatalogDocument, change: Change): HubError {
  return new HubError(
    'invalid-message',
    `urn ${change.urn} is a ${held.kind}; the message treats it as a ${change.target}`,
  );
}

/** The content after an upsert. @throws HubError invalid-message */
export function reduceUpsert(
  held: CatalogDocument | undefined,
  change: Extract<Change, { action: 'upsert' }>,
  context: ReduceContext,
): Content {
  if (held !== undefined && held.kind !== change.target) throw kindMismatch(held, change);
  // what comes back after a deletion is a new thing of the old name
  const current = held?.status === 'deleted' ? undefined : held;
  switch (change.target) {
    case 'asset':
      return reduceAsset(held?.kind === 'asset' ? held : undefined, change.patch, change, context);
    case 'relationship':
      return reduceRelationship(current?.kind === 'relationship' ? current : undefined, change.patch);
    case 'alert':
      return reduceAlert(current?.kind === 'alert' ? current : undefined, change.patch, change);
    case 'definition':
      return reduceDefinition(current?.kind === 'definition' ? current : undefined, change.patch);
    case 'term':
    case 'domain':
    case 'team':
      return reduceConcept(current?.kind === change.target ? current : undefined, change.patch, change);
  }
}
