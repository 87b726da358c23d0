/** Bounds of the delay between two attempts. */
export interface BackoffBounds {
  /** Upper bound of the delay after the first failure, in milliseconds. */
  readonly minMs: number;
  /** Upper bound of every delay, in milliseconds. */
  readonly maxMs: number;
}

/** 0.5 s feels instant after a short disconnect; 20 s keeps ten thousand clients below 1000 attempts a second. */
export const defaultBackoff: BackoffBounds = { minMs: 500, maxMs: 20_000 };

/**
 * Full jitter: anything from 0 to `minMs * 2^(failures-1)`, at most `maxMs`. A fixed delay, or a small jitter,
 * would make all clients of a restarted node reconnect in waves.
 *
 * @param failures failures in a row, 1 or more
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number, bounds: BackoffBounds): number {
  const ceilingMs = Math.min(bounds.maxMs, bounds.minMs * 2 ** (failures - 1));
  return Math.floor(random * ceilingMs);
}
