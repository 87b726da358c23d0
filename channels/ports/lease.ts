/** Lets one of several processes do a job at a time. */
export interface Lease {
  /**
   * True if `holder` has it until `ttlMs` from now; the same holder renews by calling again. After a stall two may believe
   * for a moment that they have it: work done under a lease must tolerate that. @throws storage-unavailable
   */
  take(holder: string, ttlMs: number): Promise<boolean>;
  /** Releases it, so that another process need not wait for its expiry. No effect if another process holds it. @throws storage-unavailable */
  release(holder: string): Promise<void>;
  /** The holder; undefined if there is none. @throws storage-unavailable */
  holder(): Promise<string | undefined>;
}

/** Leases of a deployment by their names. Names are stored: the meaning of a name never changes. */
export interface Leases {
  lease(name: string): Lease;
}
