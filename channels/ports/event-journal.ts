import type { Erasure } from '../catalog/erasure.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { Term } from '../subscription/term.ts';

/** One event of the log as the journal keeps it. */
export interface JournalRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the log took the record, ms since 1970. */
  readonly appendedAtMs: number;
  readonly event: HubEvent;
  /** `event` as JSON, as it stands in the log. */
  readonly text: string;
}

/** A stretch of one partition, read from the log without a hole. `records` are ascending and lie in it; it may have none. */
export interface JournalBatch {
  readonly epoch: string;
  readonly partition: number;
  /** First offset of the stretch. */
  readonly from: number;
  /** Offset after its last. */
  readonly to: number;
  readonly records: readonly JournalRecord[];
}

/** What the journal has of one partition: everything with `low <= offset < high`. Empty where they are equal. */
export interface Coverage {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** A stretch of one partition, `from <= offset < to`, as one tenant may see it. */
export interface JournalQuery {
  readonly epoch: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly from: number;
  /** Offset after the last one wanted. */
  readonly to: number;
  readonly tenant: string;
  /**
   * Only events of which one of the heads has one of these terms; all must be selective ({@link isSelective}).
   * undefined: all events of the tenant.
   */
  readonly terms?: readonly Term[];
  /** At most so many records. */
  readonly limit: number;
}

/** Of the lease under which one process at a time writes the journal; two at once are made harmless by its idempotence. */
export const journalLease = 'writer';

/** For people and metrics. */
export interface JournalStatus {
  /** When the oldest event that the journal has of the epoch was appended; undefined while it has none. */
  readonly oldestAtMs: number | undefined;
}

/**
 * The queryable, retained copy of the log, keyed by position and by term.
 *
 * - `write` is idempotent and durable when it resolves. The log may hold an event twice; the journal keeps one of them,
 *   by (epoch, tenant, subject, version): the first that it is given.
 * - Coverage of a partition is one interval. A batch that begins at or before its end extends it; one that begins
 *   behind the end, with a hole between, replaces it: what is older can no longer be proven complete. `low` never falls:
 *   what a late writer brings once more from before it does not count.
 * - Retention raises `low` before it removes anything, so a reader that finds the coverage still reaching back *after*
 *   a read knows that the read was complete.
 * - What lies outside of the coverage may be read, and may be missing.
 * - Every method rejects with `storage-unavailable` when the store cannot be reached.
 * - Whoever created the journal closes it.
 */
export interface EventJournal {
  /**
   * True where log and journal are one: an event is in both from its append on, once, and is covered at once. Nobody
   * has to copy it then, the log has no repetitions, and a gateway need not read anything back when it starts.
   */
  readonly isLog: boolean;
  write(batches: readonly JournalBatch[]): Promise<void>;
  /** Of every partition that was ever written in this epoch, in their order. */
  coverage(epoch: string): Promise<readonly Coverage[]>;
  /**
   * Ascending by offset; fewer than `limit` only where there are no more. May return events that match no term (a
   * reader evaluates the heads), never leaves out one that does.
   */
  read(query: JournalQuery): Promise<readonly JournalRecord[]>;
  /**
   * The newest event of each entity that the journal has in this epoch, in any order; entities without any are left
   * out.
   */
  latest(epoch: string, tenant: string, urns: readonly string[]): Promise<readonly JournalRecord[]>;
  /**
   * Removes events appended before `beforeMs`, of every epoch, the oldest of a partition first; resolves with their
   * number, at most `limit`. What the coverage has not reached yet stays: its writer still counts on it.
   */
  retain(beforeMs: number, limit: number): Promise<number>;
  /**
   * Takes the content of these events away for good, in every epoch; their places stay covered, and `read` and `latest`
   * leave them out. Idempotent, and what was erased is not written again. Whoever copies the log calls it *before* it
   * writes the event that asks for it: what a crash interrupts is done again with that event.
   */
  erase(erasures: readonly Erasure[]): Promise<void>;
  status(epoch: string): Promise<JournalStatus>;
  close(): Promise<void>;
}
