import type { Stopwatch } from '../../channels/ports/clock.ts';

/** Lets `ratePerSecond` through on average and bursts up to `burst`. */
export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  readonly #stopwatch: Stopwatch;
  #tokens: number;
  #atMs: number;

  constructor(options: { readonly ratePerSecond: number; readonly burst: number; readonly stopwatch: Stopwatch }) {
    this.#ratePerSecond = options.ratePerSecond;
    this.#burst = options.burst;
    this.#stopwatch = options.stopwatch;
    this.#tokens = options.burst;
    this.#atMs = options.stopwatch.elapsedMs();
  }

  /** Takes one. 0: taken; otherwise the ms after which one will be there. */
  take(): number {
    const nowMs = this.#stopwatch.elapsedMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#ratePerSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / this.#ratePerSecond);
    this.#tokens -= 1;
    return 0;
  }
}
