/** Time, so that tests can hold it. */
export interface Clock {
  /** ms since 1970 */
  now(): number;
}
