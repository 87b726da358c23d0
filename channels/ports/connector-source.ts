/** One native message as the transport gave it. */
export interface NativeMessage {
  /** null: a Kafka tombstone. */
  readonly value: Uint8Array | null;
  readonly key: string | null;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the transport took it, ms since 1970. */
  readonly timestampMs: number;
}

/** A native message at its place in a partition of the source: `offset` is unique there and ascends. */
export interface SourceRecord extends NativeMessage {
  readonly offset: number;
  /**
   * Why the transport could not read what stands here, with its place, for people; `value` has the bytes as they are.
   * It may stand for several records, the last of which is at `offset`.
   */
  readonly unreadable?: string;
}

/** How far a partition was taken in. */
export interface StoredProgress {
  /** First offset not yet taken in. */
  readonly next: number;
  /** {@link ConnectorSource.markOf} the record before it. */
  readonly mark?: string;
  /** Why it is not read on until an operator has decided. */
  readonly refused?: string;
}

/**
 * Where a source begins, and what it calls: callbacks of one partition come one after another, those of others may come
 * between.
 */
export interface ConnectorSourceOptions {
  /** Stored progress; asked at every assignment, because another process may have moved it. undefined: from the beginning. */
  readonly position: (partition: number) => Promise<StoredProgress | undefined>;
  /**
   * Records of one partition, ascending from the position. The promise resolves when they are durably taken in; a
   * rejection makes the source read the same records again after a pause. Never called twice at once for a partition.
   */
  readonly onRecords: (partition: number, records: readonly SourceRecord[]) => Promise<void>;
  /** Records between the position and the first one that still exists are gone at the source. */
  readonly onGap: (gap: { readonly partition: number; readonly expected: number; readonly found: number }) => void;
  /**
   * The partition is not the one that was read: the record before the position is another one, or the partition ends
   * before it. Nothing of it is delivered while its progress is refused; the progress is asked for again and again.
   */
  readonly onRefused: (partition: number, reason: string) => Promise<void>;
  readonly onFault: (error: Error) => void;
}

/** A topic of an outside system, shared between the ingest processes of the hub. */
export interface ConnectorSource {
  start(options: ConnectorSourceOptions): Promise<void>;
  /** Text by which the record is recognised when it is read again. */
  markOf(record: SourceRecord): string;
  /** The offset behind the last message of each partition, asked of the source; also before it is started. */
  ends(): Promise<readonly { readonly partition: number; readonly next: number }[]>;
  /** Messages not yet read of each partition that this process has; for metrics. */
  lag(): Promise<readonly { readonly partition: number; readonly lag: number }[]>;
  /** Resolves when no callback is running and none will be called. */
  stop(): Promise<void>;
}
