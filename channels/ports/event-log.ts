import type { HubEvent } from '../event/hub-event.ts';
import type { Vector } from '../position/vector.ts';
import type { LogEpoch } from './epoch-store.ts';

/** One record of the log as a reader gets it. `value` is the event as JSON text; empty when its content was erased. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the log took the record, ms since 1970. */
  readonly appendedAtMs: number;
  readonly value: string;
  /** What `value` says, where the log has it at hand: this process has just appended it. */
  readonly event?: HubEvent;
}

/** What became of one appended event. */
export type AppendResult =
  | { readonly ok: true; readonly partition: number; readonly offset: number }
  | { readonly ok: false; readonly error: Error };

/** Records between `expected` and `found` are gone: the reader cannot have them. */
export interface LogGap {
  readonly partition: number;
  readonly expected: number;
  readonly found: number;
}

/** The log goes on in a new epoch, with offsets from 0. */
export interface EpochChange {
  readonly epoch: string;
  readonly partitionCount: number;
  /** Everything of the epoch before was delivered. False: some of it may be lost. */
  readonly complete: boolean;
}

/** Where a tail begins, and what it calls; only `onRecords` and `onEpoch` hold up the reading. */
export interface TailOptions {
  /** First offset wanted of each partition. */
  readonly from: Vector;
  /** The epoch that `from` belongs to. Default: the one in force. */
  readonly epoch?: string;
  /**
   * Records of one partition, ascending and without a hole. The tail does not deliver more of that partition until
   * the returned promise resolves: this is the back-pressure.
   */
  readonly onRecords: (partition: number, records: readonly LogRecord[]) => void | Promise<void>;
  /** Told before the records that follow the hole. */
  readonly onGap: (gap: LogGap) => void;
  /**
   * Told before the first record of a new epoch, when nothing of the one before will come any more. Reading goes on from
   * 0 when the returned promise resolves.
   */
  readonly onEpoch?: (change: EpochChange) => void | Promise<void>;
  /** Told whenever the log could be read (also when it was idle): at least once a second while it is reachable. */
  readonly onContact?: () => void;
  /** A fault that the tail survives by itself, for the log. */
  readonly onFault?: (error: Error) => void;
}

/** A running reader of the log, from {@link EventLog}. It survives faults of the log by itself until it is closed. */
export interface LogTail {
  /** Stops delivery. Resolves when no callback is running and none will be called. */
  close(): Promise<void>;
}

/**
 * The partitioned, durable, append-only sequence of events. It goes through epochs: within one, positions mean the same
 * to everybody; the next one begins anew at 0.
 *
 * - Order: offsets of a partition ascend; all events of one entity go to `partitionOf(entity)`.
 * - Durability: an append that reports `ok` survives the crash of every process; a tail shows only such records.
 * - Epochs: a new one may begin while the log is open, because an operator wants it or because the log was lost. Where
 *   it was not lost, a tail delivers everything that was appended to the old one before anything of the new one.
 * - At least once: the caller repeats what did not report `ok`, so an event may stand twice. Readers recognise the
 *   second by (tenant, subject, version).
 * - A log need not support deletion, transactions, or reading by key.
 */
export interface EventLog {
  /** Name of the epoch that is appended to now. A new epoch means: older positions mean nothing. */
  readonly epoch: string;
  /** Of that epoch; fixed for it. */
  readonly partitionCount: number;
  /** Name of its topic, where the log has one. */
  readonly topic: string | undefined;
  /**
   * Appends in the given order per partition. Resolves with one result per event, in order; it rejects only when
   * nothing can be said of any of them. @throws storage-unavailable, log-mismatch
   */
  append(events: readonly HubEvent[]): Promise<readonly AppendResult[]>;
  /** Offset that the next record of each partition will get. @throws storage-unavailable */
  ends(): Promise<Vector>;
  /** First offset still kept of each partition. @throws storage-unavailable */
  starts(): Promise<Vector>;
  /** First offset whose append time is >= `timeMs`, or the head where there is none. @throws storage-unavailable */
  offsetsAt(timeMs: number): Promise<Vector>;
  /**
   * Begins a new epoch, with as many partitions as the one before unless told otherwise. Resolves with the one in force
   * afterwards, which another process may have begun. @throws storage-unavailable, log-mismatch, invalid-request (this
   * log has one epoch for ever)
   */
  beginEpoch(options?: { readonly partitionCount?: number }): Promise<LogEpoch>;
  /** Starts reading. Any number of tails may run at once, each independent. */
  tail(options: TailOptions): Promise<LogTail>;
  /** Closes all tails and the connection. Whoever created the log closes it. */
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
