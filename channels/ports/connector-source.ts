/** One native message as received from the transport. */
export interface NativeMessage {
  /** null: a Kafka tombstone. */
  readonly value: Uint8Array | null;
  readonly key: string | null;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the transport accepted it, ms since 1970. */
  readonly timestampMs: number;
}

/** A native message at its place in a partition of the source: `offset` is unique there and ascends. */
export interface SourceRecord extends NativeMessage {
  readonly offset: number;
  /**
   * Why the transport could not read this record, with its position, for people; `value` has the raw bytes.
   * It may represent several records, the last of which is at `offset`.
   */
  readonly unreadable?: string;
}

/** How far a partition was ingested. */
export interface StoredProgress {
  /** First offset not yet ingested. */
  readonly next: number;
  /** {@link ConnectorSource.markOf} the record before it. */
  readonly mark?: string;
  /** Why it is not read until an operator resets its position. */
  readonly refused?: string;
}

/**
 * Where a source begins, and what it calls: callbacks of one partition come one after another, those of others may come
 * between.
 */
export interface ConnectorSourceOptions {
  /** Stored progress; read at every assignment, because another process may have moved it. undefined: from the beginning. */
  readonly position: (partition: number) => Promise<StoredProgress | undefined>;
  /**
   * Records of one partition, ascending from the position. The promise resolves when they are durably ingested; a
   * rejection makes the source ask for the position and read from there after a pause. Never called concurrently for a
   * partition. `stored`: the progress that was asked for, or that the records before these made; null: none yet.
   */
  readonly onRecords: (partition: number, records: readonly SourceRecord[], stored: number | null) => Promise<void>;
  /** The source has deleted the records between the position and the first one that still exists. */
  readonly onGap: (gap: { readonly partition: number; readonly expected: number; readonly found: number }) => void;
  /**
   * The topic was recreated or truncated: the record before the position is another one, or the partition ends
   * before it. Nothing of it is delivered while its progress is refused; the progress is polled. `next`: as stored.
   */
  readonly onRefused: (partition: number, reason: string, next: number) => Promise<void>;
  readonly onFault: (error: Error) => void;
}

/** A topic of an outside system, shared between the ingest processes of the hub. */
export interface ConnectorSource {
  start(options: ConnectorSourceOptions): Promise<void>;
  /** Fingerprint by which the record is recognised when it is read again. */
  markOf(record: SourceRecord): string;
  /** The end offset of each partition, requested from the source; also before it is started. */
  ends(): Promise<readonly { readonly partition: number; readonly next: number }[]>;
  /** Consumer lag of each partition assigned to this process; for metrics. */
  lag(): Promise<readonly { readonly partition: number; readonly lag: number }[]>;
  /** Resolves when no callback is running and none will be called. */
  stop(): Promise<void>;
}
