import type { CatalogDocument } from '../catalog/document.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { DocumentKind } from '../event/head.ts';
import type { Filter } from '../subscription/filter.ts';
import type { DeadLetter } from './dead-letter-store.ts';
import type { PartialMessage, SourcePosition } from './intake-store.ts';

/** All changes of one batch of native messages; committed as a whole or not at all. */
export interface CommitBatch {
  /** Written only if the stored version is exactly `expectedVersion` (0: no such document). One entry per document. */
  readonly documents: readonly { readonly document: CatalogDocument; readonly expectedVersion: number }[];
  readonly outbox: readonly HubEvent[];
  /** Compare-and-set: `expected` must be the stored `next` (null: none stored). */
  readonly positions: readonly (SourcePosition & { readonly expected: number | null })[];
  /** Ids of messages that their source may send again; refused if already stored. */
  readonly messageIds: readonly { readonly connector: string; readonly id: string; readonly expiresAtMs: number }[];
  readonly deadLetters: readonly DeadLetter[];
  readonly partials: readonly { readonly partial: PartialMessage; readonly expectedVersion: number }[];
  /** Ids of partial messages that are complete now. */
  readonly completedPartials: readonly { readonly id: string; readonly expectedVersion: number }[];
}

/**
 * `version`: a document or partial was changed by another writer: reload and fold again. `position`: another process has
 * taken over the connector's partition: reload the stored position. `message`: `ids` are already stored: leave them out.
 */
export type CommitResult =
  | {
      readonly ok: true;
      /** The events are already in the log: store and log are one, and there is nothing to publish. */
      readonly appended?: true;
    }
  | { readonly ok: false; readonly conflict: 'version' | 'position' }
  | { readonly ok: false; readonly conflict: 'message'; readonly ids: readonly string[] };

/** A query for a page of documents. */
export interface FindQuery {
  readonly tenant: string;
  readonly filter: Filter;
  /** Exclusive: documents whose urn is greater. Documents come in ascending urn order. */
  readonly afterUrn?: string;
  readonly limit: number;
  /** Ends the page after the document that exceeds this size; returns at least one document. */
  readonly maxBytes: number;
  /** Deleted documents are left out unless requested. */
  readonly includeDeleted?: boolean;
}

/** The result, in ascending order of urn; fewer than requested only if the page got too large or there are no more. */
export interface FoundPage {
  readonly documents: readonly CatalogDocument[];
  /** `afterUrn` of the next page; undefined when there is none. */
  readonly next: string | undefined;
}

/**
 * The documents of the catalog, and the commit that changes them together with
 * outbox, positions of the sources, dead letters and parts of messages.
 *
 * - `commit` is atomic and durable when it resolves; conflicts are results, not errors.
 * - Reads see every commit that resolved before they started (read your writes, across processes).
 * - A store need not be fast at `find` for filters without equality.
 * - Every method rejects with `storage-unavailable` when the store cannot be reached; nothing is partially applied then.
 */
export interface DocumentStore {
  getMany(
    keys: readonly { readonly tenant: string; readonly urn: string }[],
  ): Promise<readonly (CatalogDocument | undefined)[]>;
  find(query: FindQuery): Promise<FoundPage>;
  /** Those that have or had documents, in any order. */
  tenants(): Promise<readonly string[]>;
  /** Number of documents of a tenant, deleted ones not counted. */
  count(tenant: string, kind?: DocumentKind): Promise<number>;
  commit(batch: CommitBatch): Promise<CommitResult>;
}
