import type { Actor, Completeness, Origin } from '../event/hub-event.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';
import type { ConceptKind } from '../event/head.ts';
import type {
  AlertDocument,
  AssetDocument,
  Classification,
  ConceptDocument,
  Owner,
  QualityResult,
} from './document.ts';

/** Reserved id of the connector whose changes are the commands of people. */
export const hubConnector = 'hub';
/** Prefix of the urns of assets that people create. */
export const hubNamespace = 'urn:gov:hub';

/** Either the connector's whole current list, or what was added and removed. */
export type ListChange<Item, Key> =
  | { readonly mode: 'state'; readonly list: readonly Item[] }
  | { readonly mode: 'delta'; readonly add: readonly Item[]; readonly remove: readonly Key[] };

export type ClassificationKey = Pick<Classification, 'scheme' | 'name'>;
export type ClassificationChange = ListChange<Classification, ClassificationKey>;

export interface ColumnPatch {
  readonly name: string;
  readonly type?: string | null;
  readonly description?: string | null;
  readonly classifications?: ClassificationChange;
}

/** What somebody says of one member of a list; null: it is not one, or of a classification: people say nothing of it. */
export interface Word<Value> {
  readonly key: string;
  readonly value: Value | null;
}

/** What somebody says of a classification of an element. */
export interface TagWord {
  readonly state: 'confirmed' | 'rejected';
  readonly level?: number;
  readonly reason?: string;
}

export interface CurationOfTag {
  readonly scheme: string;
  readonly name: string;
  /** null: people say nothing of it. */
  readonly word: TagWord | null;
}

export interface CurationOfColumn {
  readonly name: string;
  /** As that of the asset. */
  readonly description?: string | null;
  readonly classifications?: readonly CurationOfTag[];
}

/**
 * What people say of an asset, over what its sources say. Absent: unchanged. Of a single value `null` means that people say
 * nothing of it, so that the source's counts, and the empty text that it has none.
 */
export interface CurationPatch {
  readonly description?: string | null;
  readonly domain?: string | null;
  readonly status?: 'active' | 'deprecated' | null;
  readonly owners?: readonly Word<Owner>[];
  readonly terms?: readonly Word<string>[];
  readonly properties?: readonly Word<JsonValue>[];
  readonly classifications?: readonly CurationOfTag[];
  readonly columns?: readonly CurationOfColumn[];
  /** People say nothing but this: whatever is not named here is removed. */
  readonly replaces?: boolean;
  /** Whoever says it may lower protection. */
  readonly mayDeclassify?: boolean;
}

/** What a source says of an asset. Absent: unchanged. `null`: removed. */
export interface AssetPatch {
  readonly type?: string;
  readonly name?: string;
  readonly fqn?: string | null;
  readonly platform?: string | null;
  readonly parent?: string | null;
  readonly description?: string | null;
  readonly domain?: string | null;
  readonly status?: 'active' | 'deprecated';
  readonly owners?: ListChange<Owner, string>;
  readonly aliases?: readonly string[];
  readonly terms?: ListChange<string, string>;
  readonly classifications?: ClassificationChange;
  /** `state` replaces the list of columns, `delta` adds or patches by name and removes by name. */
  readonly columns?: ListChange<ColumnPatch, string>;
  /** Merged by key; `null` removes the key. */
  readonly properties?: { readonly [key: string]: JsonValue | null };
  /** Merged by `check`. */
  readonly quality?: readonly QualityResult[];
  readonly native?: AssetDocument['native'];
  /** What people say: only in changes of the connector {@link hubConnector}. */
  readonly curated?: CurationPatch;
}

export interface RelationshipPatch {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly lineage: boolean;
  readonly properties?: { readonly [key: string]: JsonValue | null };
}

export interface AlertPatch {
  readonly type?: string;
  readonly name?: string;
  readonly subject?: string;
  readonly severity?: number;
  readonly message?: string;
  readonly assignees?: readonly string[];
  readonly reason?: string | null;
  readonly status?: Exclude<AlertDocument['status'], 'deleted'>;
}

export interface DefinitionPatch {
  readonly scheme: string;
  readonly name: string;
  readonly parents?: readonly string[];
  readonly level?: number | null;
  readonly description?: string | null;
}

/** What is said of a term, domain or team; concept.ts says which kind has what. Absent: unchanged. `null`: removed. */
export interface ConceptPatch {
  readonly type?: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly parent?: string | null;
  readonly glossary?: string | null;
  readonly domain?: string | null;
  readonly contact?: string | null;
  readonly owners?: ListChange<Owner, string>;
  readonly synonyms?: ListChange<string, string>;
  readonly relatedTerms?: ListChange<string, string>;
  readonly experts?: ListChange<string, string>;
  readonly members?: ListChange<string, string>;
  readonly status?: Exclude<ConceptDocument['status'], 'deleted'>;
}

/**
 * Property that says what a document had no place for: how many attributes, or the limit that they met. Only for
 * changes that `mayCut`.
 */
export const leftOutKey = 'pursight.leftOut';

interface ChangeBase {
  readonly tenant: string;
  readonly connector: string;
  /** CloudEvents `source` of the resulting event, e.g. `/atlas/prod`. */
  readonly source: string;
  readonly urn: string;
  /** Deterministic id of the native message (the same message gives the same id, whenever and wherever it is read). */
  readonly messageId: string;
  /** Position of this change among those of its message. */
  readonly ordinal: number;
  /** When it happened at the source, RFC 3339 UTC. */
  readonly time: string;
  /** When the source sent it, where it says so: the order of its messages. RFC 3339 UTC. */
  readonly sent?: string;
  readonly completeness: Completeness;
  readonly replay: boolean;
  readonly nativeId: string;
  readonly nativeType?: string;
  readonly actor?: Actor;
  readonly authtype: 'user' | 'service_account' | 'system' | 'unknown';
  readonly correlationid?: string;
  readonly causationid?: string;
  /** Attributes of the message that have no member here; they go with the event. */
  readonly extensions?: JsonObject;
  readonly origin: Origin;
}

/** One normalised request to alter the catalog. */
export type Change = ChangeBase &
  (
    | {
        readonly target: 'asset';
        readonly action: 'upsert';
        readonly patch: AssetPatch;
        /**
         * The source cannot be asked to send less: beyond the limits of a document only what protects the asset is
         * taken of the patch, instead of refusing it.
         */
        readonly mayCut?: boolean;
      }
    | { readonly target: 'asset'; readonly action: 'delete'; readonly purge: boolean }
    | { readonly target: 'relationship'; readonly action: 'upsert'; readonly patch: RelationshipPatch }
    | { readonly target: 'alert'; readonly action: 'upsert'; readonly patch: AlertPatch }
    | { readonly target: 'definition'; readonly action: 'upsert'; readonly patch: DefinitionPatch }
    | { readonly target: ConceptKind; readonly action: 'upsert'; readonly patch: ConceptPatch }
    | {
        readonly target: 'relationship';
        readonly action: 'delete';
        /** What is known of it, for one that is deleted before it was ever seen. */
        readonly patch?: RelationshipPatch;
      }
    | { readonly target: 'alert' | 'definition' | ConceptKind; readonly action: 'delete' }
  );
