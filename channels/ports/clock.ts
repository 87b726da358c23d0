/** Time, so that tests can control it. */
export interface Clock {
  /** Wall clock, ms since 1970; may step in either direction at any moment. For dates only. */
  now(): number;
}

/** For every duration, rate and deadline: a wall clock that is set back would extend them. */
export interface Stopwatch {
  /** Monotonic clock, ms since an arbitrary moment of this process; never steps, never goes back. */
  elapsedMs(): number;
}
