import type { CatalogDocument } from '../catalog/document.ts';
import type { KeptRevocation, RevocationRecord } from '../control/revocation.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { DocumentKind } from '../event/head.ts';
import type { Filter } from '../subscription/filter.ts';

/** A committed event that may not yet stand in the log. Identity is `event.tenant | event.subject | event.data.version`. */
export interface OutboxRow {
  /** `tenant|urn|version`, version zero-padded to 12 digits so that text order is version order. */
  readonly id: string;
  readonly event: HubEvent;
}

/** A native message that could not be taken in, kept whole, or cut where it is more than a store takes. */
export interface DeadLetter {
  /** Deterministic from connector, place, headers and bytes, so that a repeated delivery stays one dead letter. */
  readonly id: string;
  readonly tenant: string;
  readonly connector: string;
  readonly code: string;
  readonly reason: string;
  /** ISO time when it was set aside. */
  readonly at: string;
  readonly origin: {
    readonly transport: 'kafka' | 'http' | 'import';
    readonly topic?: string;
    readonly partition?: number;
    readonly offset?: number;
  };
  readonly headers: Readonly<Record<string, string>>;
  /** Base64 of the native bytes; null for a Kafka tombstone. */
  readonly bytes: string | null;
  readonly attempts: number;
  /** Bytes of the message as it came, its headers included. */
  readonly size: number;
  /** What could not be kept: bytes at the end of the message, and headers. Such a letter cannot be retried. */
  readonly cut?: { readonly bytes: number; readonly headers: number };
}

/** A dead letter without its content, which may be large. */
export type DeadLetterSummary = Omit<DeadLetter, 'bytes' | 'headers'>;

export interface DeadLetterQuery {
  readonly tenant: string;
  readonly connector?: string;
  readonly limit: number;
  /** Id of the last one of the page before. */
  readonly after?: string;
}

/** How many dead letters are kept. */
export interface DeadLetterLimits {
  /** Those set aside before go. */
  readonly beforeIso: string;
  /** For each connector; beyond, its oldest go. */
  readonly maxCount: number;
  /** Of `size` together, for each connector; beyond, its oldest go. */
  readonly maxBytes: number;
}

/** A page of the outbox ends with the row that brings its texts to so many characters. */
export const maxOutboxPageLength = 10_000_000;

/** What one connector has of dead letters after they were trimmed, and what went. */
export interface DeadLetterUsage {
  readonly tenant: string;
  readonly connector: string;
  readonly count: number;
  readonly bytes: number;
  readonly expired: number;
  readonly displaced: number;
}

/** A message that arrives in parts, until all are there. Guarded by `version` like a document. */
export interface PartialMessage {
  /** `connector|message id` */
  readonly id: string;
  readonly connector: string;
  readonly tenant: string;
  readonly version: number;
  readonly count: number;
  /** index -> text of the part */
  readonly parts: Readonly<Record<string, string>>;
  /** Of the texts as JSON in UTF-8, which is how they are stored. */
  readonly bytes: number;
  /** ISO time of the first part. */
  readonly firstAt: string;
}

/** Progress in one partition of one connector's topic: `next` is the first offset not yet taken in. */
export interface SourcePosition {
  readonly connector: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
  /** By which the source recognises the record before `next`. Absent where none was read. */
  readonly mark?: string;
  /** Why the source is not read on: it is not the one that was read. Stays until an operator decides. */
  readonly refused?: string;
}

/** Unpublished rows, in the order in which they were stored as far as the store knows it. */
export interface OutboxQuery {
  /** Rows of a page, at least one where there is any; fewer where they are large. */
  readonly limit: number;
  /** Only rows that were stored so long ago, by the clock of the store. */
  readonly minAgeMs?: number;
  /** Keys of entities whose rows are passed over. */
  readonly except?: ReadonlySet<string>;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface OutboxPage {
  /** Version order within each entity of the page. */
  readonly rows: readonly OutboxRow[];
  /** Where the next page begins; undefined when there is none. A page may have no rows and a next one. */
  readonly next: string | undefined;
}

/** Everything that one batch of native messages changes; all of it or nothing. */
export interface CommitBatch {
  /** Written only if the stored version is exactly `expectedVersion` (0: no such document). One entry per document. */
  readonly documents: readonly { readonly document: CatalogDocument; readonly expectedVersion: number }[];
  readonly outbox: readonly HubEvent[];
  /** Compare-and-set: `expected` must be the stored `next` (null: none stored). */
  readonly positions: readonly (SourcePosition & { readonly expected: number | null })[];
  /** Ids of messages that their source may send again; refused when already known. */
  readonly messageIds: readonly { readonly connector: string; readonly id: string; readonly expiresAtMs: number }[];
  readonly deadLetters: readonly DeadLetter[];
  readonly partials: readonly { readonly partial: PartialMessage; readonly expectedVersion: number }[];
  /** Ids of partial messages that are complete now. */
  readonly completedPartials: readonly { readonly id: string; readonly expectedVersion: number }[];
}

/**
 * `version`: a document or partial was changed by another writer: reload and fold again. `position`: another process has
 * taken the connector's partition over: read the stored position again. `message`: `ids` are known already: leave them out.
 */
export type CommitResult =
  | {
      readonly ok: true;
      /** The events stand in the log already: store and log are one, and there is nothing to publish. */
      readonly appended?: true;
    }
  | { readonly ok: false; readonly conflict: 'version' | 'position' }
  | { readonly ok: false; readonly conflict: 'message'; readonly ids: readonly string[] };

export interface FindQuery {
  readonly tenant: string;
  readonly filter: Filter;
  /** Exclusive: documents whose urn is greater. Documents come in ascending urn order. */
  readonly afterUrn?: string;
  readonly limit: number;
  /** Ends the page behind the document with which it gets larger than that; at least one document comes. */
  readonly maxBytes: number;
  /** Deleted documents are left out unless asked for. */
  readonly includeDeleted?: boolean;
}

export interface FoundPage {
  readonly documents: readonly CatalogDocument[];
  /** `afterUrn` of the next page; undefined when there is none. */
  readonly next: string | undefined;
}

export interface RevocationQuery {
  readonly nowMs: number;
  readonly tenant?: string;
  readonly sinceIso?: string;
}

/**
 * The catalog as documents, with the outbox, connector positions, dead letters and partial messages that must change
 * together with them.
 *
 * - `commit` is atomic and durable when it resolves; conflicts are results, not errors.
 * - Reads see every commit that resolved before they started (read your writes, across processes).
 * - Every method rejects with `storage-unavailable` when the store cannot be reached; nothing is half done then.
 * - Whoever created the store closes it. A store need not be fast at `find` for filters without equality.
 */
export interface CatalogStore {
  getMany(
    keys: readonly { readonly tenant: string; readonly urn: string }[],
  ): Promise<readonly (CatalogDocument | undefined)[]>;
  find(query: FindQuery): Promise<FoundPage>;
  /** Number of documents of a tenant, deleted ones not counted. */
  count(tenant: string, kind?: DocumentKind): Promise<number>;
  commit(batch: CommitBatch): Promise<CommitResult>;

  outboxPending(query: OutboxQuery): Promise<OutboxPage>;
  /** How much waits to be published, of all processes, and for how long the oldest of it has. */
  outboxState(): Promise<{ readonly rows: number; readonly oldestAgeMs: number }>;
  /** Unpublished rows of these entities, version order within each. */
  outboxOf(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]>;
  /** Forgets rows that the log has confirmed. Unknown ids are ignored. */
  outboxRemove(ids: readonly string[]): Promise<void>;

  positionsOf(connector: string): Promise<readonly SourcePosition[]>;
  /** Marks a position that still stands at `next` as refused. */
  refusePosition(position: SourcePosition, reason: string): Promise<void>;
  /** An operator's decision: these are all that is known of the topic from now on; none: it is read from its beginning. */
  resetPositions(
    source: { readonly connector: string; readonly topic: string },
    positions: readonly { readonly partition: number; readonly next: number }[],
  ): Promise<void>;
  /** Of the given ids, those already taken in. */
  knownMessages(connector: string, ids: readonly string[]): Promise<readonly string[]>;
  partialsOf(ids: readonly string[]): Promise<readonly (PartialMessage | undefined)[]>;
  /** Ids of partial messages whose first part is older than `beforeIso`, oldest first: each may have megabytes. */
  partialsBefore(beforeIso: string, limit: number): Promise<readonly string[]>;

  /** Newest first. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterSummary[]>;
  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined>;
  deadLetterCount(): Promise<number>;
  deadLetterRemove(tenant: string, id: string): Promise<void>;
  /** Removes what is beyond the limits; says what each connector has then. */
  deadLetterTrim(limits: DeadLetterLimits): Promise<readonly DeadLetterUsage[]>;

  /** Stored for good when it resolves, with every field that it has; the same id again changes nothing. */
  putRevocation(revocation: RevocationRecord): Promise<void>;
  /** Those that count at `nowMs`, as they were put, oldest first; of all tenants unless one is named, and made at `sinceIso` or later. */
  revocations(query: RevocationQuery): Promise<readonly KeptRevocation[]>;

  /** Small settings of the deployment (`epoch`, ...). `putMetaIfAbsent` returns what is stored afterwards. */
  putMetaIfAbsent(key: string, value: string): Promise<string>;
  getMeta(key: string): Promise<string | undefined>;
  /**
   * Compare-and-set: true when `expected` was stored and `value` is now. Of several callers at once with the same
   * `expected` one succeeds. False, and nothing changes, when something else or nothing is stored.
   */
  replaceMeta(key: string, expected: string, value: string): Promise<boolean>;
  /** Cheap reachability check for /readyz. */
  ping(): Promise<void>;
  /** Drops what has passed its time (message ids, revocations). Called now and then by the hub. */
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Id of an outbox row: text order within an entity is version order. */
export function outboxId(event: HubEvent): string {
  return `${event.tenant}|${event.subject}|${String(event.data.version).padStart(12, '0')}`;
}
