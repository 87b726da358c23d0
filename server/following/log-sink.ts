import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Vector } from '../../channels/position/vector.ts';

/** One event of the log, and its position. */
export interface LogEntry {
  readonly partition: number;
  readonly offset: number;
  /** When the log took the record, ms since 1970. */
  readonly appendedAtMs: number;
  readonly event: HubEvent;
  /** `event` as JSON, as it is in the log. */
  readonly text: string;
}

/** A stretch of one partition, read without a hole. `records` are ascending and lie in it; it may have none. */
export interface LogBatch {
  readonly epoch: string;
  readonly partition: number;
  /** First offset of the stretch. */
  readonly from: number;
  /** Offset after its last. */
  readonly to: number;
  readonly records: readonly LogEntry[];
}

/** What a follower copies the log into. */
export interface LogSink {
  /** In log lines: `the journal`. */
  readonly name: string;
  /**
   * Where to continue: the epoch of the log, and for each of its partitions the offset after what the sink has. Asked with
   * each start, so it is read from where the sink writes. @throws storage-unavailable
   */
  from(): Promise<{ readonly epoch: string; readonly vector: Vector }>;
  /**
   * Durable when it resolves, and idempotent: after a fault the same comes again, also in other pieces. Batches of one
   * partition are in order; an empty one says that nothing of the stretch is missing. The log waits for it. What the sink
   * can never take is refused with a fault that is not one of the store: the follower finds the record and passes it over.
   */
  write(batches: readonly LogBatch[]): Promise<void>;
}
