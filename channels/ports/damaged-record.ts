/** A stored record that cannot be read, although no newer release wrote it: it was changed or cut by something else. */
export interface DamagedRecord {
  readonly kind: 'outbox' | 'dead-letter' | 'document';
  /** Its key in the store. */
  readonly id: string;
  /** Why it cannot be read; undefined where it can be parsed and is not such a record. */
  readonly error?: unknown;
}

/**
 * Called with each damaged record that a read has left out, again with each read. It stays where it is stored, and the
 * records beside it are read.
 */
export type OnDamaged = (record: DamagedRecord) => void;
