/** Small settings of the deployment (`epoch`, ...). Every method rejects with `storage-unavailable`. */
export interface MetaStore {
  /** Returns what is stored afterwards. */
  putMetaIfAbsent(key: string, value: string): Promise<string>;
  getMeta(key: string): Promise<string | undefined>;
  /**
   * Compare-and-set: true when `expected` was stored and `value` is now. Of several callers at once with the same
   * `expected` one succeeds. False, without a change, if another value or none is stored.
   */
  replaceMeta(key: string, expected: string, value: string): Promise<boolean>;
}
