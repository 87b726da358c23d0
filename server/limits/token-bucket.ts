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

  /** Takes `cost` even if it exceeds the tokens: the debt is paid afterwards. */
  spend(cost: number): void {
    this.#fill();
    this.#tokens -= cost;
  }

  /** How long until nothing is owed any more, in ms. */
  owedMs(): number {
    this.#fill();
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#ratePerSecond);
  }

  /** Takes `cost`, at most the burst. 0: taken; otherwise the ms after which that much will be there. */
  take(cost = 1): number {
    this.#fill();
    if (this.#tokens < cost) return Math.ceil(((cost - this.#tokens) * 1000) / this.#ratePerSecond);
    this.#tokens -= cost;
    return 0;
  }

  #fill(): void {
    const nowMs = this.#stopwatch.elapsedMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#ratePerSecond) / 1000);
    this.#atMs = nowMs;
  }
}
