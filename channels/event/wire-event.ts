import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  Column,
  DefinitionDocument,
  RelationshipDocument,
  SourcedClassification,
} from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { WireEntity, WireEvent, WireItem } from '../protocol/down.ts';
import type { Head } from './head.ts';
import type { HubEvent, Op } from './hub-event.ts';
import type { JsonObject } from './json.ts';

/** How one event looks from one room: the entity came into view, changed in view, or went out of it. */
export type Transition = 'enter' | 'update' | 'leave';

function entityOf(head: Head): WireEntity {
  const { urn, kind, type, name, fqn, platform, domain, owners, tags, status } = head;
  return { urn, kind, type, name, fqn, platform, domain, owners, tags, status };
}

// Members that a document or event lacks stand here as undefined, which JSON leaves out: objects of one shape are built
// and serialised several times as fast as objects that are put together from what is there.

function classificationOf({ scheme, name, origin, state, level, from, attributes }: SourcedClassification): object {
  return { scheme, name, origin, state, level, from, attributes };
}

function columnOf({ key, name, type, description, classifications }: Column): object {
  return { key, name, type, description, classifications: classifications.map(classificationOf) };
}

function opOf({ op, path, old, new: next }: Op): object {
  return { op, path, old, new: next };
}

interface Common {
  readonly kind: string;
  readonly urn: string;
  readonly name: string;
  readonly status: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

function assetOf({ kind, urn, name, status, createdAt, updatedAt }: Common, asset: WithoutHead<AssetDocument>): object {
  const { type, owners, aliases, terms, properties, quality, fqn, platform, parent, description, domain, native } =
    asset;
  return {
    kind,
    urn,
    name,
    status,
    createdAt,
    updatedAt,
    type,
    fqn,
    platform,
    parent,
    description,
    domain,
    owners,
    aliases,
    terms,
    properties,
    quality,
    native,
    classifications: asset.classifications.map(classificationOf),
    columns: asset.columns.map(columnOf),
  };
}

function relationshipOf(common: Common, document: WithoutHead<RelationshipDocument>): object {
  const { type, from, to, lineage, properties } = document;
  return { ...common, type, from, to, lineage, properties };
}

function alertOf(common: Common, document: WithoutHead<AlertDocument>): object {
  const { type, subject, severity, message, assignees, reason } = document;
  return { ...common, type, subject, severity, message, assignees, reason };
}

function definitionOf(common: Common, document: WithoutHead<DefinitionDocument>): object {
  const { scheme, parents, level, description } = document;
  return { ...common, scheme, parents, level, description };
}

/**
 * The form of a document that may leave the hub: an allow-list. Version, tenant, sources and the stored head stay
 * inside; a field that is added to a document does not go out until it is added here.
 */
export function publicDocument(document: WithoutHead): JsonObject {
  const { kind, urn, name, status, createdAt, updatedAt } = document;
  const common = { kind, urn, name, status, createdAt, updatedAt };
  switch (document.kind) {
    case 'asset':
      return assetOf(common, document) as JsonObject;
    case 'relationship':
      return relationshipOf(common, document) as JsonObject;
    case 'alert':
      return alertOf(common, document) as JsonObject;
    case 'definition':
      return definitionOf(common, document) as JsonObject;
  }
}

/** A document, which may be newer than the event with which it goes, and its head. */
export interface ShownDocument {
  readonly document: WithoutHead;
  readonly head: Head;
}

/** What the event itself carries; large documents are left out. */
export function carriedDocument({ data: { after, heads } }: HubEvent): ShownDocument | undefined {
  return after === undefined || heads.after === null ? undefined : { document: after, head: heads.after };
}

/**
 * The form of an event that may leave the hub. `shown` goes with `enter` and, in views, with `update`.
 * `id` is the opaque wire id; the event's own id would tell which native message it came from.
 */
export function wireEvent(event: HubEvent, transition: Transition, id: string, shown?: ShownDocument): WireEvent {
  const { subject, recordedtime, type, time, correlationid, causationid } = event;
  const { after } = event.data.heads;
  if (transition === 'leave' || after === null) {
    return { id, subject, recordedtime, kind: 'leave', reason: after === null ? 'deleted' : 'left' };
  }
  const whole = shown === undefined ? undefined : publicDocument(shown.document);
  const enters = transition === 'enter' && whole !== undefined;
  return {
    id,
    subject,
    recordedtime,
    kind: enters ? 'enter' : 'update',
    type,
    time,
    actor: event.data.actor?.id,
    correlationid,
    causationid,
    extensions: event.data.extensions,
    replay: event.data.change.replay ? true : undefined,
    entity: entityOf(shown?.head ?? after),
    changes: enters ? [] : event.data.change.ops.map(opOf),
    document: whole,
  } as WireEvent;
}

/** A document as a view shows it. */
export function wireItem(document: CatalogDocument): WireItem {
  return { entity: entityOf(document.head), document: publicDocument(document) };
}
