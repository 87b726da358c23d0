import type { ConceptKind, DocumentKind, Head, RefLabels } from '../event/head.ts';
import type { JsonValue } from '../event/json.ts';

/** A tag from a scheme on an asset or column. */
export interface Classification {
  readonly scheme: string;
  readonly name: string;
  readonly level?: number;
  readonly origin: 'manual' | 'propagated' | 'automated' | 'derived' | 'inherited' | 'unknown';
  readonly state: 'confirmed' | 'suggested';
  /** urn of the entity it was propagated from. */
  readonly from?: string;
  readonly attributes?: { readonly [key: string]: JsonValue };
}

/** A classification and the connector that said it. A connector's state replaces only its own. */
export interface SourcedClassification extends Classification {
  readonly connector: string;
}

export interface Column {
  /** Stable, opaque, survives a change of order. */
  readonly key: string;
  readonly name: string;
  readonly type?: string;
  readonly description?: string;
  readonly classifications: readonly SourcedClassification[];
  /** What people say of it; absent if they say nothing. */
  readonly curated?: CuratedColumn;
}

export type Owner = {
  readonly id: string;
  readonly type: 'user' | 'group';
  readonly role?: string;
};

/** Properties are a list, not an object: real keys carry dots and dollars that stores and filters cannot address. */
export type Property = {
  readonly key: string;
  readonly value: JsonValue;
};

/** Last outcome of one named quality check. */
export type QualityResult = {
  readonly check: string;
  readonly status: 'passed' | 'failed' | 'warning';
  readonly message?: string;
  /** RFC 3339 UTC */
  readonly time: string;
};

/** Where an entity is known from, and the mark up to which the connector has told of it: see source-order.ts. */
export interface SourceReference {
  readonly connector: string;
  readonly nativeId: string;
  readonly nativeType?: string;
  /** Newest time of what the connector said of it, by the source's clock. RFC 3339 UTC, as all of these. */
  readonly time: string;
  /** When the source sent the newest state, where it says so. */
  readonly sent?: string;
  /** `<topic>/<partition>` by which the newest came: what comes after it there is newer, whatever the clocks say. */
  readonly place?: string;
  /** When the hub heard the newest; only if the source's clock was ahead of the hub's then. */
  readonly heardAt?: string;
}

/** Who said it, and when: RFC 3339 UTC. */
interface Said {
  readonly by: string;
  readonly at: string;
}

/** What people say of one field. It counts before what the sources say. */
export interface CuratedValue<Value> extends Said {
  /** null: it has none, whatever the sources say. */
  readonly value: Value | null;
  /** The newest of the sources; absent: they say nothing. */
  readonly source?: Value;
}

/** What people say of one member of a list. */
export interface CuratedMember<Item> extends Said {
  readonly key: string;
  /** null: it is not a member, whatever the sources say. */
  readonly value: Item | null;
  /** The member as the sources have it at present. */
  readonly source?: Item;
}

/** What people say of one classification of an element. It hides suggestions of it, also those to come. */
export interface CuratedTag extends Said {
  readonly scheme: string;
  readonly name: string;
  readonly state: 'confirmed' | 'rejected';
  readonly level?: number;
  readonly reason?: string;
  /** Who said it had the right to lower protection: hidden suggestions of it do not protect any more. */
  readonly declassified?: true;
  /** Connectors that have confirmed it since before it was rejected; only who may declassify overrules them. */
  readonly overruled?: readonly string[];
  /** What the sources say of it at present and is not shown: suggestions, and the words of those overruled. */
  readonly hidden: readonly SourcedClassification[];
}

export interface CuratedColumn {
  readonly description?: CuratedValue<string>;
  readonly classifications?: readonly CuratedTag[];
}

/** What people say of an asset, by field; lists are sorted by their keys. The fields of the document have what counts. */
export interface Curated {
  readonly description?: CuratedValue<string>;
  readonly domain?: CuratedValue<string>;
  readonly status?: CuratedValue<'active' | 'deprecated'>;
  readonly owners?: readonly CuratedMember<Owner>[];
  readonly terms?: readonly CuratedMember<string>[];
  readonly properties?: readonly CuratedMember<JsonValue>[];
  readonly classifications?: readonly CuratedTag[];
  /** Of columns that the source does not list at present: it counts again when it does. */
  readonly absentColumns?: readonly (CuratedColumn & { readonly name: string })[];
}

/** What all documents share. `_id` in a store is `tenant + "|" + urn`. */
export type DocumentBase = {
  readonly kind: DocumentKind;
  readonly tenant: string;
  readonly urn: string;
  /** 1 for the first; one more for each accepted event. A deleted document stays as a tombstone and keeps counting. */
  readonly version: number;
  readonly connector: string;
  readonly name: string;
  readonly sources: readonly SourceReference[];
  /** RFC 3339 UTC, set by the hub. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly head: Head;
};

export type AssetDocument = DocumentBase & {
  readonly kind: 'asset';
  readonly type: string;
  readonly fqn?: string;
  readonly platform?: string;
  readonly parent?: string;
  readonly description?: string;
  readonly domain?: string;
  readonly owners: readonly Owner[];
  readonly aliases: readonly string[];
  readonly classifications: readonly SourcedClassification[];
  readonly columns: readonly Column[];
  readonly terms: readonly string[];
  readonly properties: readonly Property[];
  readonly quality: readonly QualityResult[];
  readonly status: 'active' | 'deprecated' | 'deleted' | 'purged';
  /** What people say; absent if they say nothing. The other members have what counts. */
  readonly curated?: Curated;
  /** Last message of a type that has no mapping, kept as it came (`gov.native`). */
  readonly native?: {
    readonly type: string;
    readonly contentType: string;
    readonly data: JsonValue;
    /** Further attributes of the message. */
    readonly attributes?: { readonly [key: string]: JsonValue };
  };
};

/** An edge between two entities; lineage when a process is one end. */
export type RelationshipDocument = DocumentBase & {
  readonly kind: 'relationship';
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly lineage: boolean;
  readonly properties: readonly Property[];
  readonly refLabels?: RefLabels;
  readonly status: 'active' | 'deleted';
};

export type AlertDocument = DocumentBase & {
  readonly kind: 'alert';
  readonly type: string;
  readonly subject: string;
  readonly severity: number;
  readonly message: string;
  readonly assignees: readonly string[];
  readonly reason?: string;
  readonly refLabels?: RefLabels;
  readonly status: 'open' | 'acknowledged' | 'assigned' | 'resolved' | 'deleted';
};

/** A classification's own definition: its place in the scheme. */
export type DefinitionDocument = DocumentBase & {
  readonly kind: 'definition';
  readonly scheme: string;
  /** Names of the classifications that this one implies, in the same scheme. */
  readonly parents: readonly string[];
  /** Higher is more sensitive. */
  readonly level?: number;
  readonly description?: string;
  readonly status: 'active' | 'deleted';
};

/** A term of a glossary, a business domain or a team: what people define to describe assets by. concept.ts says which has what. */
export type ConceptDocument = DocumentBase & {
  readonly kind: ConceptKind;
  /** @default the kind */
  readonly type: string;
  readonly description?: string;
  /** urn of the one above it, of the same kind. */
  readonly parent?: string;
  readonly owners: readonly Owner[];
  readonly status: 'draft' | 'approved' | 'active' | 'deprecated' | 'deleted';
  /** Terms: name of the glossary. */
  readonly glossary?: string;
  /** Terms: as that of an asset. */
  readonly domain?: string;
  /** Terms: other words for the same. */
  readonly synonyms?: readonly string[];
  /** Terms: urns of others. */
  readonly relatedTerms?: readonly string[];
  /** Domains: ids of people. */
  readonly experts?: readonly string[];
  /** Teams: ids of people. */
  readonly members?: readonly string[];
  /** Teams: where to reach it, such as an address or a channel. */
  readonly contact?: string;
};

export type CatalogDocument =
  | AssetDocument
  | RelationshipDocument
  | AlertDocument
  | DefinitionDocument
  | ConceptDocument;

/** True for a tombstone. Takes a head as well: both carry the status. */
export function isGone({ status }: { readonly status: string }): boolean {
  return status === 'deleted' || status === 'purged';
}

/** Key of a document inside a store; tenants cannot contain `|`. */
export function documentKey(tenant: string, urn: string): string {
  return `${tenant}|${urn}`;
}

/** The urn under which the definition of a classification is kept. */
export function definitionUrn(scheme: string, name: string): string {
  return `urn:gov:classification:${encodeURIComponent(scheme)}:${encodeURIComponent(name)}`;
}
