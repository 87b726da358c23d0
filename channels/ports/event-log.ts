import type { HubEvent } from '../event/hub-event.ts';
import type { Vector } from '../position/vector.ts';
import type { LogEpoch } from './epoch-store.ts';

/** One record of the log as read. `value` is the event as JSON text; empty when its content was erased. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the record was appended, ms since 1970. */
  readonly appendedAtMs: number;
  readonly value: string;
  /** The parsed `value`, if the log has it in memory because this process has just appended it. */
  readonly event?: HubEvent;
}

/** Result of one appended event. */
export type AppendResult =
  | { readonly ok: true; readonly partition: number; readonly offset: number }
  | { readonly ok: false; readonly error: Error };

/** Records between `expected` and `found` are missing: they cannot be read. */
export interface LogGap {
  readonly partition: number;
  readonly expected: number;
  readonly found: number;
}

/** The log continues in a new epoch, with offsets from 0. */
export interface EpochChange {
  readonly epoch: string;
  readonly partitionCount: number;
  /** Everything of the previous epoch was delivered. False: some of it may be lost. */
  readonly complete: boolean;
}

/** Where a tail begins, and what it calls; only `onRecords` and `onEpoch` hold up the reading. */
export interface TailOptions {
  /** First offset to read of each partition. */
  readonly from: Vector;
  /** The epoch of `from`. Default: the current one. */
  readonly epoch?: string;
  /**
   * Records of one partition, ascending and without a gap. The tail does not deliver more of that partition until
   * the returned promise resolves: this is the back-pressure.
   */
  readonly onRecords: (partition: number, records: readonly LogRecord[]) => void | Promise<void>;
  /** Called before the records that follow the gap. */
  readonly onGap: (gap: LogGap) => void;
  /**
   * Called before the first record of a new epoch, when nothing of the previous one will follow. Reading continues from
   * 0 when the returned promise resolves.
   */
  readonly onEpoch?: (change: EpochChange) => void | Promise<void>;
  /** Called whenever the log could be read (also when it was idle): at least once a second while it is reachable. */
  readonly onContact?: () => void;
  /** An error from which the tail recovers by itself, for logging. */
  readonly onFault?: (error: Error) => void;
}

/** A running reader of the log, from {@link EventLog}. It survives faults of the log by itself until it is closed. */
export interface LogTail {
  /** Stops delivery. Resolves when no callback is running and none will be called. */
  close(): Promise<void>;
}

/**
 * The partitioned, durable, append-only sequence of events. It consists of epochs: within one, offsets mean the same
 * to every process; the next one starts again at 0.
 *
 * - Order: offsets of a partition ascend; all events of one entity go to `partitionOf(entity)`.
 * - Durability: an append that reports `ok` survives the crash of every process; a tail shows only such records.
 * - Epochs: a new one may begin while the log is open, because an operator began it or because the log was lost. If
 *   it was not lost, a tail delivers everything appended to the old one before anything of the new one.
 * - At least once: the caller retries what did not report `ok`, so events may be duplicated. Readers detect duplicates
 *   by (tenant, subject, version).
 * - A log need not support deletion, transactions, or reading by key.
 */
export interface EventLog {
  /** Name of the current epoch. Positions of older epochs are not valid in it. */
  readonly epoch: string;
  /** Of that epoch; fixed for it. */
  readonly partitionCount: number;
  /** Name of its topic, if the log has one. */
  readonly topic: string | undefined;
  /**
   * Appends in the given order per partition. Resolves with one result per event, in order; it rejects only when
   * the result of all of them is unknown. @throws storage-unavailable, log-mismatch
   */
  append(events: readonly HubEvent[]): Promise<readonly AppendResult[]>;
  /** Offset that the next record of each partition will get. @throws storage-unavailable */
  ends(): Promise<Vector>;
  /** First offset of each partition that is still in the log. @throws storage-unavailable */
  starts(): Promise<Vector>;
  /** First offset whose append time is >= `timeMs`, or the end offset if there is none. @throws storage-unavailable */
  offsetsAt(timeMs: number): Promise<Vector>;
  /**
   * Begins a new epoch, by default with as many partitions as the previous one. Resolves with the current one
   * afterwards, which another process may have begun. @throws storage-unavailable, log-mismatch, invalid-request (this
   * log has only one epoch)
   */
  beginEpoch(options?: { readonly partitionCount?: number }): Promise<LogEpoch>;
  /** Starts reading. Any number of tails may run at once, each independent. */
  tail(options: TailOptions): Promise<LogTail>;
  /** Closes all tails and the connection. Called by the creator of the log. */
  close(): Promise<void>;
}

/** Default partitioner: FNV-1a of `tenant|urn`, the same in every implementation and process. */
export function partitionOf(tenant: string, urn: string, partitionCount: number): number {
  const key = `${tenant}|${urn}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % partitionCount;
}
