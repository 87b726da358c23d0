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
import type { Head } from '../event/head.ts';
import type { JsonObject } from '../event/json.ts';
import type { WireEntity, WireItem } from '../protocol/down.ts';
import type { Mask } from './mask.ts';

// Members that a document or event lacks stand here as undefined, which JSON leaves out: objects of one shape are built
// and serialised several times as fast as objects that are put together from what is there.

function classificationOf({ scheme, name, origin, state, level, from, attributes }: SourcedClassification): object {
  return { scheme, name, origin, state, level, from, attributes };
}

function columnOf({ key, name, type, description, classifications }: Column): object {
  return { key, name, type, description, classifications: classifications.map(classificationOf) };
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
export function wireDocument(whole: WithoutHead, mask: Mask): JsonObject {
  const document = mask.document(whole);
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

/** A head as a client sees it: an allow-list, too. */
export function wireEntity(whole: Head, mask: Mask): WireEntity {
  const { urn, kind, type, name, fqn, platform, domain, owners, tags, status } = mask.head(whole);
  return { urn, kind, type, name, fqn, platform, domain, owners, tags, status };
}

/** A document as a view shows it. */
export function wireItem(document: CatalogDocument, mask: Mask): WireItem {
  return { entity: wireEntity(document.head, mask), document: wireDocument(document, mask) };
}
