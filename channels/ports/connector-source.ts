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

export interface SourceRecord extends NativeMessage {
  readonly offset: number;
  /**
   * Why the transport could not read what stands here, with its place, for people; `value` has the bytes as they are.
   * It may stand for several records, the last of which is at `offset`.
   */
  readonly unreadable?: string;
}

export interface ConnectorSourceOptions {
  /** Stored progress; asked at every assignment, because another process may have moved it. undefined: from the beginning. */
  readonly position: (partition: number) => Promise<number | undefined>;
  /**
   * Records of one partition, ascending from the position. The promise resolves when they are durably taken in; a
   * rejection makes the source read the same records again after a pause. Never called twice at once for a partition.
   */
  readonly onRecords: (partition: number, records: readonly SourceRecord[]) => Promise<void>;
  /** Records between the position and the first one that still exists are gone at the source. */
  readonly onGap: (gap: { readonly partition: number; readonly expected: number; readonly found: number }) => void;
  readonly onFault: (error: Error) => void;
}

/** A topic of an outside system, shared between the ingest processes of the hub. */
export interface ConnectorSource {
  start(options: ConnectorSourceOptions): Promise<void>;
  /** Messages not yet read of each partition that this process has; for metrics. */
  lag(): Promise<readonly { readonly partition: number; readonly lag: number }[]>;
  /** Resolves when no callback is running and none will be called. */
  stop(): Promise<void>;
}
