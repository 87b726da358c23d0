/** A message that arrives in parts, until it is complete. Guarded by `version` like a document. */
export interface PartialMessage {
  /** `connector|message id` */
  readonly id: string;
  readonly connector: string;
  readonly tenant: string;
  readonly version: number;
  readonly count: number;
  /** index -> text of the part */
  readonly parts: Readonly<Record<string, string>>;
  /** Of the texts as JSON in UTF-8, which is how they are stored. */
  readonly bytes: number;
  /** ISO time of the first part. */
  readonly firstAt: string;
}

/** Progress in one partition of one connector's topic: `next` is the first offset not yet ingested. */
export interface SourcePosition {
  readonly connector: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
  /** Fingerprint of the record before `next`. Absent if none was read. */
  readonly mark?: string;
  /** Why the partition is not read: its topic was recreated or truncated. Stays until an operator resets the position. */
  readonly refused?: string;
}

/** State of the sources: how far they were ingested, and partial messages. Every method rejects with `storage-unavailable`. */
export interface IntakeStore {
  positionsOf(connector: string): Promise<readonly SourcePosition[]>;
  /** Marks a position that is still at `next` as refused. */
  refusePosition(position: SourcePosition, reason: string): Promise<void>;
  /** An operator's decision: replaces all positions of the topic; none: it is read from its beginning. */
  resetPositions(
    source: { readonly connector: string; readonly topic: string },
    positions: readonly { readonly partition: number; readonly next: number }[],
  ): Promise<void>;
  /** Of the given ids, those already ingested. */
  knownMessages(connector: string, ids: readonly string[]): Promise<readonly string[]>;
  partialsOf(ids: readonly string[]): Promise<readonly (PartialMessage | undefined)[]>;
  /** Ids of partial messages whose first part is older than `beforeIso`, oldest first: each may have megabytes. */
  partialsBefore(beforeIso: string, limit: number): Promise<readonly string[]>;
}
