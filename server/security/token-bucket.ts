import type { Clock } from '../../channels/ports/clock.ts';

/** Lets `ratePerSecond` through on average and bursts up to `burst`. */
export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  constructor(options: { readonly ratePerSecond: number; readonly burst: number; readonly clock: Clock }) {
    this.#ratePerSecond = options.ratePerSecond;
    this.#burst = options.burst;
    this.#clock = options.clock;
    this.#tokens = options.burst;
    this.#atMs = options.clock.now();
  }

  /** Takes one. 0: taken; otherwise the ms after which one will be there. */
  take(): number {
    const nowMs = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#ratePerSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / this.#ratePerSecond);
    this.#tokens -= 1;
    return 0;
  }
}
