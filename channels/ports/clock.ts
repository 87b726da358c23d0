/** Time, so that tests can hold it. */
export interface Clock {
  /** ms since 1970, as the machine believes; may step in either direction at any moment. For dates only. */
  now(): number;
}

/** For every duration, rate and deadline: a wall clock that is set back would stretch them without end. */
export interface Stopwatch {
  /** ms since a moment that only this process knows; never steps, never goes back. */
  elapsedMs(): number;
}
