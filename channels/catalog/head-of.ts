import { type Head, type HeadClassification, tagText } from '../event/head.ts';
import { normalText } from '../event/normal-text.ts';
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
  return normalText(tagText(item.scheme, item.name));
}

/** Who wins when two connectors say the same tag: confirmed before suggested, then the higher level. */
function stronger(a: HeadClassification, b: HeadClassification): HeadClassification {
  if (a.state !== b.state) return a.state === 'confirmed' ? a : b;
  return (b.level ?? -1) > (a.level ?? -1) ? b : a;
}

function effective(items: readonly SourcedClassification[]): readonly HeadClassification[] {
  if (items.length === 0) return [];
  const byTag = new Map<string, HeadClassification>();
  for (const { scheme, name, level, origin, state } of items) {
    const item = { scheme: normalText(scheme), name: normalText(name), level: level ?? null, origin, state };
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
  confirmedTags: [],
  severity: null,
  refs: [],
};

function normalOrNull(text: string | undefined): string | null {
  return text === undefined ? null : normalText(text);
}

function sortedOnce(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : [...new Set(texts)].toSorted();
}

function confirmedOf(tags: readonly string[], all: readonly HeadClassification[]): readonly string[] {
  const confirmed = all.filter(({ state }) => state === 'confirmed');
  return confirmed.length === all.length ? tags : sortedOnce(confirmed.map(tagOf));
}

/** Without spreads: a head is made with every event. */
function assetHead(asset: WithoutHead<AssetDocument>): Head {
  const classifications = effective(asset.classifications);
  const columnClassifications = effective(asset.columns.flatMap((column) => column.classifications));
  const all = [...classifications, ...columnClassifications];
  const tags = sortedOnce(all.map(tagOf));
  return {
    tenant: asset.tenant,
    urn: asset.urn,
    kind: asset.kind,
    connector: asset.connector,
    name: normalText(asset.name),
    fqn: normalOrNull(asset.fqn),
    platform: normalOrNull(asset.platform),
    domain: normalOrNull(asset.domain),
    owners: sortedOnce(asset.owners.map((owner) => normalText(owner.id))),
    classifications,
    columnClassifications,
    tags,
    confirmedTags: confirmedOf(tags, all),
    severity: null,
    refs: asset.parent === undefined ? [] : [asset.parent],
    type: normalText(asset.type),
    status: asset.status,
  };
}

function relationshipRouting(edge: WithoutHead<RelationshipDocument>): Routing {
  const { type, status, from, to, refLabels } = edge;
  return { ...nothing, type, status, refs: [from, to], ...(refLabels === undefined ? {} : { refLabels }) };
}

function alertRouting(alert: WithoutHead<AlertDocument>): Routing {
  return {
    ...nothing,
    type: alert.type,
    status: alert.status,
    owners: alert.assignees.map(normalText),
    severity: alert.severity,
    refs: [alert.subject],
    ...(alert.refLabels === undefined ? {} : { refLabels: alert.refLabels }),
  };
}

function definitionRouting(definition: WithoutHead<DefinitionDocument>): Routing {
  const tags = [tagOf(definition)];
  return { ...nothing, type: definition.scheme, status: definition.status, tags, confirmedTags: tags };
}

function routingOf(document: Exclude<WithoutHead, { readonly kind: 'asset' }>): Routing {
  switch (document.kind) {
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
  if (document.kind === 'asset') return assetHead(document);
  const { tenant, urn, kind, connector, name } = document;
  return { tenant, urn, kind, connector, name: normalText(name), ...routingOf(document) };
}
