import { sortedOnce } from '../base/sorted-once.ts';
import type { Head, HeadClassification } from '../event/head.ts';
import { normalTag, normalText } from '../event/normal-text.ts';
import { stillProtecting } from './curated-facts.ts';
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

const strength = { confirmed: 2, suggested: 1, rejected: 0 } as const;

/** Who wins when two connectors say the same tag: confirmed before suggested, then the higher level. */
function stronger(a: HeadClassification, b: HeadClassification): HeadClassification {
  if (a.state !== b.state) return strength[a.state] > strength[b.state] ? a : b;
  return (b.level ?? -1) > (a.level ?? -1) ? b : a;
}

/** Classifications, one for each tag, and these tags, both in the order of the tags. */
interface Effective {
  readonly items: readonly HeadClassification[];
  readonly tags: readonly string[];
}

const unclassified: Effective = { items: [], tags: [] };

/** `rejected`: what is not shown and protects all the same. */
function effective(
  items: readonly SourcedClassification[],
  rejected: readonly SourcedClassification[] = [],
): Effective {
  if (items.length === 0 && rejected.length === 0) return unclassified;
  const byTag = new Map<string, HeadClassification>();
  const add = ({ scheme, name, level, origin }: SourcedClassification, state: HeadClassification['state']): void => {
    const item = { scheme: normalText(scheme), name: normalText(name), level: level ?? null, origin, state };
    const tag = normalTag(item);
    const held = byTag.get(tag);
    byTag.set(tag, held === undefined ? item : stronger(held, item));
  };
  for (const item of items) add(item, item.state);
  for (const item of rejected) add(item, 'rejected');
  const sorted = byTag.size === 1 ? [...byTag] : [...byTag].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { items: sorted.map(([, item]) => item), tags: sorted.map(([tag]) => tag) };
}

function confirmed({ items, tags }: Effective): readonly string[] {
  return items.every(({ state }) => state === 'confirmed')
    ? tags
    : tags.filter((_, index) => items[index]?.state === 'confirmed');
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  if (other.length === 0) return one;
  return one.length === 0 ? other : sortedOnce([...one, ...other]);
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

/** Without spreads: a head is made with every event. */
function assetHead(asset: WithoutHead<AssetDocument>): Head {
  const own = effective(asset.classifications, stillProtecting(asset.curated?.classifications));
  const ofColumns = effective(
    asset.columns.flatMap((column) => column.classifications),
    asset.curated === undefined
      ? []
      : asset.columns.flatMap((column) => stillProtecting(column.curated?.classifications)),
  );
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
    classifications: own.items,
    columnClassifications: ofColumns.items,
    tags: union(own.tags, ofColumns.tags),
    confirmedTags: union(confirmed(own), confirmed(ofColumns)),
    severity: null,
    refs: asset.parent === undefined ? [] : [asset.parent],
    type: normalText(asset.type),
    status: asset.status,
  };
}

/** Urns of the entities that a document is about: the ends of a relationship, the subject of an alert. */
export function aboutOf(
  document: Pick<RelationshipDocument, 'kind' | 'from' | 'to'> | Pick<AlertDocument, 'kind' | 'subject'>,
): readonly string[] {
  return document.kind === 'alert' ? [document.subject] : [document.from, document.to];
}

function relationshipRouting(edge: WithoutHead<RelationshipDocument>): Routing {
  const { type, status, refLabels } = edge;
  return { ...nothing, type, status, refs: aboutOf(edge), ...(refLabels === undefined ? {} : { refLabels }) };
}

function alertRouting(alert: WithoutHead<AlertDocument>): Routing {
  return {
    ...nothing,
    type: alert.type,
    status: alert.status,
    owners: alert.assignees.map(normalText),
    severity: alert.severity,
    refs: aboutOf(alert),
    ...(alert.refLabels === undefined ? {} : { refLabels: alert.refLabels }),
  };
}

function definitionRouting(definition: WithoutHead<DefinitionDocument>): Routing {
  const tags = [normalTag(definition)];
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
