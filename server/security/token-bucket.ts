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

  /** Takes `cost`, at most the burst. 0: taken; otherwise the ms after which that much will be there. */
  take(cost = 1): number {
    const nowMs = this.#stopwatch.elapsedMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#ratePerSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < cost) return Math.ceil(((cost - this.#tokens) * 1000) / this.#ratePerSecond);
    this.#tokens -= cost;
    return 0;
  }
}
