/** A native message that could not be ingested, kept whole, or truncated to what a store accepts. */
export interface DeadLetter {
  /** Deterministic from connector, position, headers and bytes, so that a repeated delivery stays one dead letter. */
  readonly id: string;
  readonly tenant: string;
  readonly connector: string;
  readonly code: string;
  readonly reason: string;
  /** ISO time when it became a dead letter. */
  readonly at: string;
  readonly origin: {
    readonly transport: 'kafka' | 'http' | 'import';
    readonly topic?: string;
    readonly partition?: number;
    readonly offset?: number;
  };
  readonly headers: Readonly<Record<string, string>>;
  /** Base64 of the native bytes; null for a Kafka tombstone. */
  readonly bytes: string | null;
  readonly attempts: number;
  /** Original size of the message in bytes, headers included. */
  readonly size: number;
  /** What was truncated: bytes at the end of the message, and headers. Such a dead letter cannot be retried. */
  readonly cut?: { readonly bytes: number; readonly headers: number };
}

/** A dead letter without its content, which may be large. */
export type DeadLetterSummary = Omit<DeadLetter, 'bytes' | 'headers'>;

/** A page of the dead letters of one tenant. */
export interface DeadLetterQuery {
  readonly tenant: string;
  readonly connector?: string;
  readonly limit: number;
  /** Id of the last one of the previous page. */
  readonly after?: string;
}

/** Retention of dead letters. */
export interface DeadLetterLimits {
  /** Older ones are removed. */
  readonly beforeIso: string;
  /** Per connector; beyond it the oldest are removed. */
  readonly maxCount: number;
  /** Sum of `size`, per connector; beyond it the oldest are removed. */
  readonly maxBytes: number;
}

/** Dead letters of one connector after trimming, and how many were removed. */
export interface DeadLetterUsage {
  readonly tenant: string;
  readonly connector: string;
  readonly count: number;
  readonly bytes: number;
  readonly expired: number;
  readonly displaced: number;
}

/** Whether what was stored says what a list needs. */
export function isDeadLetterSummary(value: object): value is DeadLetterSummary {
  if (!('id' in value && 'tenant' in value && 'connector' in value && 'at' in value && 'size' in value)) return false;
  const { id, tenant, connector, at, size } = value;
  return [id, tenant, connector, at].every((each) => typeof each === 'string') && typeof size === 'number';
}

/** Messages that could not be ingested. Every method rejects with `storage-unavailable`. */
export interface DeadLetterStore {
  /** Newest first. One that cannot be read is left out, and the store reports it; it is removed when it is old enough. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterSummary[]>;
  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined>;
  deadLetterCount(): Promise<number>;
  deadLetterRemove(tenant: string, id: string): Promise<void>;
  /** Removes what exceeds the limits; returns what each connector has left. */
  deadLetterTrim(limits: DeadLetterLimits): Promise<readonly DeadLetterUsage[]>;
}
