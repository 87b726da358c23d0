import type { HubEvent } from '../event/hub-event.ts';

/** A committed event that may not be in the log yet. Identity is `event.tenant | event.subject | event.data.version`. */
export interface OutboxRow {
  /** `tenant|urn|version`, version zero-padded to 12 digits so that text order is version order. */
  readonly id: string;
  readonly event: HubEvent;
}

/** A page of the outbox ends with the row that reaches this number of characters. */
export const maxOutboxPageLength = 10_000_000;

/** Unpublished rows, in the order in which they were stored as far as the store knows it. */
export interface OutboxQuery {
  /** Rows of a page, at least one if there is any; fewer if they are large. */
  readonly limit: number;
  /** Only rows of at least this age, by the clock of the store. */
  readonly minAgeMs?: number;
  /** Keys of entities whose rows are skipped. */
  readonly except?: ReadonlySet<string>;
  /** `next` of the previous page. */
  readonly after?: string;
}

/** Unpublished events. A row that cannot be read is left out with those of its entity after it; the store reports it. */
export interface OutboxPage {
  /** Version order within each entity of the page. */
  readonly rows: readonly OutboxRow[];
  /** Start of the next page; undefined if there is none. A page may have no rows and a next one. */
  readonly next: string | undefined;
}

/** Committed events that may not be in the log yet. Every method rejects with `storage-unavailable`. */
export interface Outbox {
  outboxPending(query: OutboxQuery): Promise<OutboxPage>;
  /** Number of unpublished rows of all processes, and age of the oldest. */
  outboxState(): Promise<{ readonly rows: number; readonly oldestAgeMs: number }>;
  /** Unpublished rows of these entities, version order within each, up to one that cannot be read. */
  outboxOf(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]>;
  /** Deletes rows that the log has confirmed. Unknown ids are ignored. */
  outboxRemove(ids: readonly string[]): Promise<void>;
}

/** Id of an outbox row: text order within an entity is version order. */
export function outboxId(event: HubEvent): string {
  return `${event.tenant}|${event.subject}|${String(event.data.version).padStart(12, '0')}`;
}
