/** What one of several processes does at a time. */
export interface Lease {
  /**
   * True if `holder` has it until `ttlMs` from now; the same holder renews by asking again. After a stall two may believe
   * for a moment that they have it: what is done under a lease must stand that. @throws storage-unavailable
   */
  take(holder: string, ttlMs: number): Promise<boolean>;
  /** Gives it up, so that another need not wait for its end. Of no effect on that of another. @throws storage-unavailable */
  release(holder: string): Promise<void>;
  /** Who has it; undefined when nobody does. @throws storage-unavailable */
  holder(): Promise<string | undefined>;
}

/** Leases of a deployment by their names. Names are stored: one that was given is never given another meaning. */
export interface Leases {
  lease(name: string): Lease;
}
