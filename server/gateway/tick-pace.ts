import { performance } from 'node:perf_hooks';

/** Above this share of time the event loop counts as saturated: fewer, fuller ticks then do more. */
const saturated = 0.85;
const relaxed = 0.6;
const maxDelayMs = 20;

/**
 * How long to wait before the next tick. One write per socket and tick is the cost that remains when everything else
 * is shared, so a saturated loop gains by coalescing; an idle one loses only latency by it and does not wait.
 */
export class TickPace {
  #delayMs = 0;
  #mark = performance.eventLoopUtilization();

  next(): number {
    const used = performance.eventLoopUtilization(this.#mark);
    // shorter samples say more about the last tick than about the load
    if (used.active + used.idle < 20) return this.#delayMs;
    this.#mark = performance.eventLoopUtilization();
    if (used.utilization > saturated) this.#delayMs = Math.min(maxDelayMs, this.#delayMs + 2);
    else if (used.utilization < relaxed) this.#delayMs = Math.max(0, this.#delayMs - 2);
    return this.#delayMs;
  }
}
