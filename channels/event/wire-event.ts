import type {
  AlertDocument,
  AssetDocument,
  DefinitionDocument,
  RelationshipDocument,
  SourcedClassification,
} from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { WireEntity, WireEvent } from '../protocol/down.ts';
import type { Head } from './head.ts';
import type { HubEvent } from './hub-event.ts';
import type { JsonObject } from './json.ts';

/** How one event looks from one room: the entity came into view, changed in view, or went out of it. */
export type Transition = 'enter' | 'update' | 'leave';

function entityOf(head: Head): WireEntity {
  const { urn, kind, type, name, fqn, platform, domain, owners, tags, status } = head;
  return { urn, kind, type, name, fqn, platform, domain, owners, tags, status };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): object {
  return value === undefined ? {} : { [key]: value };
}

function classificationOf(item: SourcedClassification): JsonObject {
  const { scheme, name, origin, state, level, from, attributes } = item;
  return {
    scheme,
    name,
    origin,
    state,
    ...optional('level', level),
    ...optional('from', from),
    ...optional('attributes', attributes),
  };
}

function assetOf(asset: WithoutHead<AssetDocument>): object {
  const { type, owners, aliases, terms, properties, quality, fqn, platform, parent, description, domain } = asset;
  return {
    type,
    owners,
    aliases,
    terms,
    properties,
    quality,
    ...optional('fqn', fqn),
    ...optional('platform', platform),
    ...optional('parent', parent),
    ...optional('description', description),
    ...optional('domain', domain),
    ...optional('native', asset.native),
    classifications: asset.classifications.map(classificationOf),
    columns: asset.columns.map((column) => ({
      key: column.key,
      name: column.name,
      ...optional('type', column.type),
      ...optional('description', column.description),
      classifications: column.classifications.map(classificationOf),
    })),
  };
}

function relationshipOf({ type, from, to, lineage, properties }: WithoutHead<RelationshipDocument>): object {
  return { type, from, to, lineage, properties };
}

function alertOf({ type, subject, severity, message, assignees, reason }: WithoutHead<AlertDocument>): object {
  return { type, subject, severity, message, assignees, ...optional('reason', reason) };
}

function definitionOf({ scheme, parents, level, description }: WithoutHead<DefinitionDocument>): object {
  return { scheme, parents, ...optional('level', level), ...optional('description', description) };
}

function contentOf(document: WithoutHead): object {
  switch (document.kind) {
    case 'asset':
      return assetOf(document);
    case 'relationship':
      return relationshipOf(document);
    case 'alert':
      return alertOf(document);
    case 'definition':
      return definitionOf(document);
  }
}

/**
 * The form of a document that may leave the hub: an allow-list. Version, tenant, sources and the stored head stay
 * inside; a field that is added to a document does not go out until it is added here.
 */
export function publicDocument(document: WithoutHead): JsonObject {
  const { kind, urn, name, status, createdAt, updatedAt } = document;
  return { kind, urn, name, status, createdAt, updatedAt, ...contentOf(document) } as JsonObject;
}

/**
 * The form of an event that may leave the hub. `document` is needed for `enter` only.
 * `id` is the opaque wire id; the event's own id would tell which native message it came from.
 */
export function wireEvent(event: HubEvent, transition: Transition, id: string, document?: WithoutHead): WireEvent {
  const { after } = event.data.heads;
  const base = { id, subject: event.subject, recordedtime: event.recordedtime };
  if (transition === 'leave' || after === null)
    return { ...base, kind: 'leave', reason: after === null ? 'deleted' : 'left' };
  const common = {
    ...base,
    type: event.type,
    time: event.time,
    ...optional('actor', event.data.actor?.id),
    ...optional('correlationid', event.correlationid),
    ...(event.data.change.replay ? { replay: true as const } : {}),
    entity: entityOf(after),
    changes: event.data.change.ops,
  };
  if (transition === 'update' || document === undefined) return { ...common, kind: 'update' };
  return { ...common, kind: 'enter', changes: [], document: publicDocument(document) };
}
