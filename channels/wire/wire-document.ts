import type {
  AlertDocument,
  AssetDocument,
  Column,
  ConceptDocument,
  DefinitionDocument,
  RelationshipDocument,
  SourcedClassification,
} from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { WireHead } from '../protocol/entity.ts';
import { hidesNothing, type Mask } from './mask.ts';
import { type WireCurated, wireCurated } from './wire-curated.ts';

// Members that a document or event lacks are undefined here, which JSON omits: objects of one shape are built
// and serialised several times as fast as objects with varying members.

function classificationOf({ scheme, name, origin, state, level, from, attributes }: SourcedClassification): object {
  return { scheme, name, origin, state, level, from, attributes };
}

function columnOf({ key, name, type, description, classifications }: Column, curated: object | undefined): object {
  return { key, name, type, description, classifications: classifications.map(classificationOf), curated };
}

/** As they are encoded: what is undefined is left out. */
type Fields = Readonly<Record<string, unknown>>;

interface Times {
  readonly createdAt: string;
  readonly updatedAt: string | undefined;
}

function assetOf({ createdAt, updatedAt }: Times, asset: WithoutHead<AssetDocument>, said: WireCurated): Fields {
  const { owners, aliases, terms, properties, quality, parent, description, native } = asset;
  return {
    createdAt,
    updatedAt,
    parent,
    description,
    owners,
    aliases,
    terms,
    properties,
    quality,
    native,
    classifications: asset.classifications.map(classificationOf),
    columns: asset.columns.map((column) => columnOf(column, said.columns.get(column.key))),
    curated: said.own,
  };
}

function relationshipOf({ createdAt, updatedAt }: Times, edge: WithoutHead<RelationshipDocument>): Fields {
  const { from, to, lineage, properties } = edge;
  return { createdAt, updatedAt, from, to, lineage, properties };
}

function alertOf({ createdAt, updatedAt }: Times, alert: WithoutHead<AlertDocument>): Fields {
  const { subject, severity, message, assignees, reason } = alert;
  return { createdAt, updatedAt, subject, severity, message, assignees, reason };
}

function definitionOf({ createdAt, updatedAt }: Times, definition: WithoutHead<DefinitionDocument>): Fields {
  const { scheme, parents, level, description } = definition;
  return { createdAt, updatedAt, scheme, parents, level, description };
}

function conceptOf({ createdAt, updatedAt }: Times, concept: WithoutHead<ConceptDocument>): Fields {
  const { parent, description, owners, glossary, synonyms, relatedTerms, experts, members, contact } = concept;
  const own = { glossary, synonyms, relatedTerms, experts, members, contact };
  return { createdAt, updatedAt, parent, description, owners, ...own };
}

/**
 * `document`: through the mask. The time of the last change moves with changes that a mask hides, and would reveal them.
 */
function restOf(document: WithoutHead, whole: WithoutHead, mask: Mask): Fields {
  const { createdAt } = document;
  const updatedAt = hidesNothing(mask) ? document.updatedAt : undefined;
  const times = { createdAt, updatedAt };
  switch (document.kind) {
    case 'asset':
      return assetOf(times, document, wireCurated(whole, document, mask));
    case 'relationship':
      return relationshipOf(times, document);
    case 'alert':
      return alertOf(times, document);
    case 'definition':
      return definitionOf(times, document);
    case 'term':
    case 'domain':
    case 'team':
      return conceptOf(times, document);
  }
}

/**
 * The part of a document that is not in its head, as sent to clients: an allow-list. Version, tenant, sources and the
 * stored head stay inside; a new field of a document is not sent until it is added here. Members with the same
 * name and meaning in the head are not repeated.
 */
export function documentRest(document: WithoutHead, mask: Mask): Fields {
  return restOf(mask.document(document), document, mask);
}

/** A document without a head: all its members. */
export function wireDocument(whole: WithoutHead, mask: Mask): Fields {
  const document = mask.document(whole);
  const { kind, urn, name, status } = document;
  const type = document.kind === 'definition' ? undefined : document.type;
  const { fqn, platform } = document.kind === 'asset' ? document : {};
  const domain = 'domain' in document ? document.domain : undefined;
  return { ...{ kind, urn, name, status, type, fqn, platform, domain }, ...restOf(document, whole, mask) };
}

/** A head as sent to clients, without the urn: an allow-list, too. */
export function wireHead(whole: Head, mask: Mask): Pick<WireHead, keyof WireHead> {
  const { kind, type, name, fqn, platform, domain, owners, tags, status } = mask.head(whole);
  return { kind, type, name, fqn, platform, domain, owners, tags, status };
}
