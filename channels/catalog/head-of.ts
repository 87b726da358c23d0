import { sortedOnce } from '../base/sorted-once.ts';
import type { Head, HeadClassification } from '../event/head.ts';
import { normalTag, normalText } from '../event/normal-text.ts';
import { conceptName } from './concept-name.ts';
import { stillProtecting } from './curated-facts.ts';
import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  ConceptDocument,
  DefinitionDocument,
  RelationshipDocument,
  SourcedClassification,
} from './document.ts';

/** A document before its head is computed. */
export type WithoutHead<D extends CatalogDocument = CatalogDocument> = D extends unknown ? Omit<D, 'head'> : never;

type State = HeadClassification['state'];

/** Classifications in the order of their tags, these tags, and those of them that are confirmed. */
interface Effective {
  readonly items: readonly HeadClassification[];
  readonly tags: readonly string[];
  readonly confirmedTags: readonly string[];
}

const unclassified: Effective = { items: [], tags: [], confirmedTags: [] };

/** The higher level; what is suggested is not rejected, whoever has rejected it elsewhere. */
function stronger(a: HeadClassification, b: HeadClassification): HeadClassification {
  const high = (b.level ?? -1) > (a.level ?? -1) ? b : a;
  return high.state === 'rejected' && (a.state === 'suggested' || b.state === 'suggested')
    ? { ...high, state: 'suggested' }
    : high;
}

/**
 * One for each tag that is confirmed, and one for each that somebody merely suggests, beside it: a suggestion of a higher
 * level must go on denying when the same tag is confirmed with a lower one, on another column for example. `rejected`: what
 * is not shown and protects all the same.
 */
function effective(
  items: readonly SourcedClassification[],
  rejected: readonly SourcedClassification[] = [],
): Effective {
  if (items.length === 0 && rejected.length === 0) return unclassified;
  const [confirmed, others] = [new Map<string, HeadClassification>(), new Map<string, HeadClassification>()];
  const add = ({ scheme, name, level, origin }: SourcedClassification, state: State): void => {
    const item = { scheme: normalText(scheme), name: normalText(name), level: level ?? null, origin, state };
    const tag = normalTag(item);
    const byTag = state === 'confirmed' ? confirmed : others;
    const held = byTag.get(tag);
    byTag.set(tag, held === undefined ? item : stronger(held, item));
  };
  for (const item of items) add(item, item.state);
  for (const item of rejected) add(item, 'rejected');
  const confirmedTags = sorted(confirmed);
  const tags = others.size === 0 ? confirmedTags : sortedOnce([...confirmedTags, ...others.keys()]);
  const found: HeadClassification[] = [];
  for (const tag of tags)
    for (const item of [confirmed.get(tag), others.get(tag)]) if (item !== undefined) found.push(item);
  return { items: found, tags, confirmedTags };
}

function sorted(byTag: ReadonlyMap<string, unknown>): readonly string[] {
  return byTag.size <= 1 ? [...byTag.keys()] : [...byTag.keys()].toSorted();
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

/** A policy that names a domain means it in whichever way an entity refers to it. */
function domainOf(named: string | undefined): string | null {
  return named === undefined ? null : conceptName('domain', normalText(named));
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
    domain: domainOf(asset.domain),
    owners: sortedOnce(asset.owners.map((owner) => normalText(owner.id))),
    classifications: own.items,
    columnClassifications: ofColumns.items,
    tags: union(own.tags, ofColumns.tags),
    confirmedTags: union(own.confirmedTags, ofColumns.confirmedTags),
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

function conceptRouting(concept: WithoutHead<ConceptDocument>): Routing {
  const { kind, urn, type, status, parent, relatedTerms = [] } = concept;
  return {
    ...nothing,
    type: normalText(type),
    status,
    domain: domainOf(kind === 'domain' ? urn : concept.domain),
    owners: sortedOnce(concept.owners.map(({ id }) => normalText(id))),
    refs: [...new Set([...(parent === undefined ? [] : [parent]), ...relatedTerms])],
  };
}

function routingOf(document: Exclude<WithoutHead, { readonly kind: 'asset' }>): Routing {
  switch (document.kind) {
    case 'relationship':
      return relationshipRouting(document);
    case 'alert':
      return alertRouting(document);
    case 'definition':
      return definitionRouting(document);
    case 'term':
    case 'domain':
    case 'team':
      return conceptRouting(document);
  }
}

/** The routing image of a whole document. */
export function headOf(document: WithoutHead): Head {
  if (document.kind === 'asset') return assetHead(document);
  const { tenant, urn, kind, connector, name } = document;
  return { tenant, urn, kind, connector, name: normalText(name), ...routingOf(document) };
}
