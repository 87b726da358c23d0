/**
 * A classification as one text, `scheme/name`, as channels and filters name it. A `/` in the scheme is written `%2F`,
 * and a `%` as `%25`, so that two classifications never share a text.
 */
export function tagText(scheme: string, name: string): string {
  return `${scheme.replaceAll('%', '%25').replaceAll('/', '%2F')}/${name}`;
}

/** Kinds of what people define to describe assets by: one shape, see concept.ts. */
export const conceptKinds = ['term', 'domain', 'team'] as const;
export type ConceptKind = (typeof conceptKinds)[number];

export const documentKinds = ['asset', 'alert', 'relationship', 'definition', ...conceptKinds] as const;
/** What kind of document a head stands for. */
export type DocumentKind = (typeof documentKinds)[number];

/** A classification as policy and filters see it. */
export type HeadClassification = {
  readonly scheme: string;
  readonly name: string;
  readonly level: number | null;
  readonly origin: string;
  /** `rejected`: a suggestion that people have decided and that is not shown, but still protects: it denies like any other. */
  readonly state: 'confirmed' | 'suggested' | 'rejected';
};

/**
 * The small routing image of a document: a pure function of the whole document, stored in it. Channels, filters and
 * policy read only heads, so live events, snapshots and searches cannot disagree.
 */
export type Head = {
  readonly tenant: string;
  readonly urn: string;
  readonly kind: DocumentKind;
  /** Asset type (`table`, `column`, ...), relationship or alert type, classification scheme, or type of a term, domain or team. */
  readonly type: string;
  readonly name: string;
  readonly fqn: string | null;
  readonly platform: string | null;
  /** Id of the connector that owns the entity. */
  readonly connector: string;
  /** Id of the business domain; a domain is in itself. */
  readonly domain: string | null;
  /** Owners of an asset, assignees of an alert. */
  readonly owners: readonly string[];
  /** On the asset itself, whoever said it: one per (scheme, name) that is confirmed, and one that is not. */
  readonly classifications: readonly HeadClassification[];
  /** The set of all classifications on any column. */
  readonly columnClassifications: readonly HeadClassification[];
  /** `scheme/name` of both lists above, sorted, each once. */
  readonly tags: readonly string[];
  /** Those of `tags` that somebody has confirmed, on the asset or on a column: only these can grant. */
  readonly confirmedTags: readonly string[];
  /** Asset: `active`, `deprecated`, `deleted`, `purged`; alert: `open`, `acknowledged`, `assigned`, `resolved`; term: `draft`, `approved`, `deprecated`. */
  readonly status: string;
  /** Alerts only: 1 (trace) to 24 (fatal), as the CloudEvents severity extension counts. */
  readonly severity: number | null;
  /** Urns of the entities that this one is about: the ends of a relationship, the subject of an alert, the parent of a term. */
  readonly refs: readonly string[];
  /** Relationships and alerts only: what the hub knew of the entities in `refs` when this document was written. */
  readonly refLabels?: RefLabels;
};

/** Of all entities that a document refers to, each value once, sorted. */
export interface RefLabels {
  readonly domains: readonly string[];
  /** As {@link Head.tags}. */
  readonly tags: readonly string[];
  /** As {@link Head.confirmedTags}: what grants. */
  readonly confirmedTags: readonly string[];
  /** The hub does not know one of them, so nobody can say what it has. */
  readonly unknown?: true;
}
