import type { Erasure } from '../catalog/erasure.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { Term } from '../subscription/term.ts';

/** One event of the log as stored in the journal. */
export interface JournalRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the record was appended, ms since 1970. */
  readonly appendedAtMs: number;
  readonly event: HubEvent;
  /** `event` as JSON, as it is in the log. */
  readonly text: string;
}

/** A range of one partition, read from the log without a gap. `records` are ascending and inside it; it may have none. */
export interface JournalBatch {
  readonly epoch: string;
  readonly partition: number;
  /** First offset of the range. */
  readonly from: number;
  /** Offset after its last. */
  readonly to: number;
  readonly records: readonly JournalRecord[];
}

/** What the journal has of one partition: everything with `low <= offset < high`. Empty if they are equal. */
export interface Coverage {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** A stretch of one partition, `from <= offset < to`, as one tenant may see it. */
export interface JournalQuery {
  readonly epoch: string;
  readonly partition: number;
  /** First offset to read. */
  readonly from: number;
  /** Offset after the last one to read. */
  readonly to: number;
  readonly tenant: string;
  /**
   * Only events with one of these terms in one of their heads; all must be selective ({@link isSelective}).
   * undefined: all events of the tenant.
   */
  readonly terms?: readonly Term[];
  /** Maximum number of records. */
  readonly limit: number;
}

/** Name of the lease of the journal writer; two concurrent writers are harmless because writes are idempotent. */
export const journalLease = 'writer';

/** For people and metrics. */
export interface JournalStatus {
  /** When the oldest event of the epoch in the journal was appended; undefined while it has none. */
  readonly oldestAtMs: number | undefined;
}

/**
 * The queryable, retained copy of the log, keyed by position and by term.
 *
 * - `write` is idempotent and durable when it resolves. The log may contain duplicates; the journal keeps one of them,
 *   by (epoch, tenant, subject, version): the first that is written.
 * - Coverage of a partition is one interval. A batch that starts at or before its end extends it; one that starts
 *   after the end, with a gap between, replaces it: older events can no longer be proven complete. `low` never decreases:
 *   older records written again by a late writer do not count.
 * - Retention raises `low` before it removes anything, so a reader whose range is still covered *after*
 *   a read knows that the read was complete.
 * - Records outside of the coverage may be read, and may be missing.
 * - Every method rejects with `storage-unavailable` when the store cannot be reached.
 * - The creator of the journal closes it.
 */
export interface EventJournal {
  /**
   * True if log and journal are one: an appended event is in both, once, and is covered at once. It does not
   * have to be copied then, the log has no duplicates, and a gateway need not read anything back when it starts.
   */
  readonly isLog: boolean;
  write(batches: readonly JournalBatch[]): Promise<void>;
  /** Of every partition ever written in this epoch, in order. */
  coverage(epoch: string): Promise<readonly Coverage[]>;
  /**
   * Ascending by offset; fewer than `limit` only if there are no more. May return events that match no term (a
   * reader evaluates the heads), never leaves out one that does.
   */
  read(query: JournalQuery): Promise<readonly JournalRecord[]>;
  /**
   * The newest event of each entity in the journal in this epoch, in any order; entities without any are left
   * out.
   */
  latest(epoch: string, tenant: string, urns: readonly string[]): Promise<readonly JournalRecord[]>;
  /**
   * Removes events appended before `beforeMs`, of every epoch, the oldest of a partition first; resolves with their
   * number, at most `limit`. Events that the coverage has not reached yet stay: their writer still relies on them.
   */
  retain(beforeMs: number, limit: number): Promise<number>;
  /**
   * Erases the content of these events permanently, in every epoch; their offsets stay covered, and `read` and `latest`
   * omit them. Idempotent; erased events are not written again. A consumer that copies the log calls it *before* it
   * writes the event that requests it: what a crash interrupts is repeated with that event.
   */
  erase(erasures: readonly Erasure[]): Promise<void>;
  status(epoch: string): Promise<JournalStatus>;
  close(): Promise<void>;
}
