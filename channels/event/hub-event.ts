import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from './head.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** Types of canonical events, without the `.v1` suffix that the wire form carries. */
export const eventTypes = [
  'gov.asset.created',
  'gov.asset.updated',
  'gov.asset.deleted',
  'gov.asset.purged',
  'gov.asset.restored',
  'gov.asset.renamed',
  'gov.asset.retyped',
  'gov.classification.changed',
  'gov.classification.defined',
  'gov.term.changed',
  'gov.owner.changed',
  'gov.domain.changed',
  'gov.documentation.changed',
  'gov.schema.changed',
  'gov.property.changed',
  'gov.deprecation.changed',
  'gov.quality.result',
  'gov.relationship.changed',
  'gov.lineage.observed',
  'gov.incident.changed',
  'gov.term.defined',
  'gov.domain.defined',
  'gov.team.defined',
  'gov.native',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Which part of a document an event touched. */
export type Facet =
  | 'existence'
  | 'name'
  | 'type'
  | 'classification'
  | 'term'
  | 'owner'
  | 'domain'
  | 'documentation'
  | 'schema'
  | 'property'
  | 'status'
  | 'quality'
  | 'relationship'
  | 'incident'
  | 'definition'
  | 'native';

/**
 * How much of the entity the source told: everything (`state`), the routing fields only (`header`),
 * or just what changed (`delta`).
 */
export type Completeness = 'state' | 'header' | 'delta';

/**
 * One change of one value. `path` is a JSON pointer: `/description`, `/owners/<key>`, `/columns/<key>/type`. Elements of
 * lists stand by an opaque key, not by their index, and not by what they hold: that is in `old` and `new`.
 */
export interface Op {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly old?: JsonValue;
  readonly new?: JsonValue;
  /**
   * Of an op inside a column: the tags of that column, by which a mask is decided. Absent for ops on the entity itself,
   * whose tags are in the heads. Stays inside the hub.
   */
  readonly labels?: OpLabels;
}

/** `scheme/name` of every tag, confirmed or suggested, sorted. Empty: never classified. */
export interface OpLabels {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Who did it, as far as the source says. */
export interface Actor {
  readonly id: string;
  readonly display?: string;
  readonly onBehalfOf?: string;
}

/** Where the native message came from. Stays inside the hub. */
export interface Origin {
  readonly system: string;
  readonly transport: 'kafka' | 'http' | 'import';
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly nativeType?: string;
  readonly spooled?: boolean;
}

/**
 * The canonical event: CloudEvents 1.0 with the partitioning, recordedtime, authcontext, correlation and severity
 * extensions by their names. This is the form in the log; clients get an allow-listed wire form of it.
 * Identity downstream is (tenant, subject, data.version); `id` is deterministic from the native message.
 */
export interface HubEvent {
  /** Version of this form, see forms.ts. */
  readonly v: number;
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** `<EventType>.v1` */
  readonly type: `${EventType}.v1`;
  /** urn of the entity. */
  readonly subject: string;
  /** Time at the source, RFC 3339 UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly partitionkey: string;
  /** When the hub accepted it, RFC 3339 UTC with milliseconds; strictly ascending for one entity but for `late` events. */
  readonly recordedtime: string;
  readonly tenant: string;
  readonly authtype: 'user' | 'service_account' | 'system' | 'unknown';
  readonly authid?: string;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly severitynumber?: number;
  /** Revision of the policy that was current where it was ingested: nothing older may judge it. */
  readonly policyfloor?: number;
  readonly data: HubEventData;
}

export interface HubEventData {
  /** Version of the entity's document after this event; 1 for the first. Continues after a deletion. */
  readonly version: number;
  readonly change: {
    readonly facets: readonly Facet[];
    readonly kind: 'created' | 'changed' | 'deleted';
    readonly completeness: Completeness;
    /** True for a first sight in a baseline: nobody is alerted by it. */
    readonly replay: boolean;
    /** True when the source time was older than the entity's last; recorded, not applied. */
    readonly late: boolean;
    readonly ops: readonly Op[];
  };
  readonly heads: { readonly before: Head | null; readonly after: Head | null };
  /**
   * The whole document after the change, where it is small or protection, ownership or status changed; else absent.
   * Its head stands in `heads.after`.
   */
  readonly after?: WithoutHead;
  readonly actor?: Actor;
  /** Attributes of the source's message that have no member of their own here. */
  readonly extensions?: JsonObject;
  readonly origin: Origin;
}
