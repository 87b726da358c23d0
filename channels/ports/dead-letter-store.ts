/** A native message that could not be taken in, kept whole, or cut where it is more than a store takes. */
export interface DeadLetter {
  /** Deterministic from connector, place, headers and bytes, so that a repeated delivery stays one dead letter. */
  readonly id: string;
  readonly tenant: string;
  readonly connector: string;
  readonly code: string;
  readonly reason: string;
  /** ISO time when it was set aside. */
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
  /** Bytes of the message as it came, its headers included. */
  readonly size: number;
  /** What could not be kept: bytes at the end of the message, and headers. Such a letter cannot be retried. */
  readonly cut?: { readonly bytes: number; readonly headers: number };
}

/** A dead letter without its content, which may be large. */
export type DeadLetterSummary = Omit<DeadLetter, 'bytes' | 'headers'>;

/** A page of the dead letters of one tenant. */
export interface DeadLetterQuery {
  readonly tenant: string;
  readonly connector?: string;
  readonly limit: number;
  /** Id of the last one of the page before. */
  readonly after?: string;
}

/** How many dead letters are kept. */
export interface DeadLetterLimits {
  /** Those set aside before go. */
  readonly beforeIso: string;
  /** For each connector; beyond, its oldest go. */
  readonly maxCount: number;
  /** Of `size` together, for each connector; beyond, its oldest go. */
  readonly maxBytes: number;
}

/** What one connector has of dead letters after they were trimmed, and what went. */
export interface DeadLetterUsage {
  readonly tenant: string;
  readonly connector: string;
  readonly count: number;
  readonly bytes: number;
  readonly expired: number;
  readonly displaced: number;
}

/** Messages that could not be taken in. Every method rejects with `storage-unavailable`. */
export interface DeadLetterStore {
  /** Newest first. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterSummary[]>;
  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined>;
  deadLetterCount(): Promise<number>;
  deadLetterRemove(tenant: string, id: string): Promise<void>;
  /** Removes what is beyond the limits; says what each connector has then. */
  deadLetterTrim(limits: DeadLetterLimits): Promise<readonly DeadLetterUsage[]>;
}
