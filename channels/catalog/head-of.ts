import { type Head, type HeadClassification, tagText } from '../event/head.ts';
import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  DefinitionDocument,
  RelationshipDocument,
  SourcedClassification,
} from './document.ts';

/** A document before its head is computed. */
export type WithoutHead<D extends CatalogDocument = CatalogDocument> = D extends unknown ? Omit<D, 'head'> : never;

function tagOf(item: { readonly scheme: string; readonly name: string }): string {
  return tagText(item.scheme, item.name);
}

/** Who wins when two connectors say the same tag: confirmed before suggested, then the higher level. */
function stronger(a: HeadClassification, b: HeadClassification): HeadClassification {
  if (a.state !== b.state) return a.state === 'confirmed' ? a : b;
  return (b.level ?? -1) > (a.level ?? -1) ? b : a;
}

function effective(items: Iterable<SourcedClassification>): readonly HeadClassification[] {
  const byTag = new Map<string, HeadClassification>();
  for (const { scheme, name, level, origin, state } of items) {
    const item = { scheme, name, level: level ?? null, origin, state };
    const held = byTag.get(tagOf(item));
    byTag.set(tagOf(item), held === undefined ? item : stronger(held, item));
  }
  return [...byTag].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

type Routing = Omit<Head, 'tenant' | 'urn' | 'kind' | 'connector' | 'name'>;
const nothing: Omit<Routing, 'type' | 'status'> = {
  fqn: null,
  platform: null,
  domain: null,
  owners: [],
  classifications: [],
  columnClassifications: [],
  tags: [],
  severity: null,
  refs: [],
};

function assetRouting(asset: WithoutHead<AssetDocument>): Routing {
  const classifications = effective(asset.classifications);
  const columnClassifications = effective(asset.columns.flatMap((column) => column.classifications));
  return {
    ...nothing,
    type: asset.type,
    status: asset.status,
    fqn: asset.fqn ?? null,
    platform: asset.platform ?? null,
    domain: asset.domain ?? null,
    owners: [...new Set(asset.owners.map((owner) => owner.id))].toSorted(),
    classifications,
    columnClassifications,
    tags: [...new Set([...classifications, ...columnClassifications].map(tagOf))].toSorted(),
    refs: asset.parent === undefined ? [] : [asset.parent],
  };
}

function relationshipRouting(edge: WithoutHead<RelationshipDocument>): Routing {
  return { ...nothing, type: edge.type, status: edge.status, refs: [edge.from, edge.to] };
}

function alertRouting(alert: WithoutHead<AlertDocument>): Routing {
  return {
    ...nothing,
    type: alert.type,
    status: alert.status,
    owners: alert.assignees,
    severity: alert.severity,
    refs: [alert.subject],
  };
}

function definitionRouting(definition: WithoutHead<DefinitionDocument>): Routing {
  return { ...nothing, type: definition.scheme, status: definition.status, tags: [tagOf(definition)] };
}

function routingOf(document: WithoutHead): Routing {
  switch (document.kind) {
    case 'asset':
      return assetRouting(document);
    case 'relationship':
      return relationshipRouting(document);
    case 'alert':
      return alertRouting(document);
    case 'definition':
      return definitionRouting(document);
  }
}

/** The routing image of a whole document. */
export function headOf(document: WithoutHead): Head {
  const { tenant, urn, kind, connector, name } = document;
  return { tenant, urn, kind, connector, name, ...routingOf(document) };
}
