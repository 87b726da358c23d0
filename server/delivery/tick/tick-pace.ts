import { performance } from 'node:perf_hooks';

/** Above this share of time the event loop counts as saturated: fewer, fuller ticks then do more. */
const saturated = 0.85;
const maxDelayMs = 20;
/** Shorter samples say more about the last tick than about the load: at half load every burst would look saturated. */
const sampleMs = 100;

/**
 * How long to wait before the next tick. One write per socket and tick is the cost that remains when everything else
 * is shared, so a saturated loop gains by coalescing; an idle one loses only latency by it and does not wait.
 *
 * Saturated is what keeps the loop busy and gets the processor for it. On a machine that is shared, a loop that waits
 * for the processor looks busy as well; waiting longer would not help it.
 */
export class TickPace {
  #delayMs = 0;
  #mark = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();

  next(): number {
    const used = performance.eventLoopUtilization(this.#mark);
    const wallMs = used.active + used.idle;
    if (wallMs < sampleMs) return this.#delayMs;
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#mark = performance.eventLoopUtilization();
    this.#cpu = process.cpuUsage();
    const utilization = Math.min(used.utilization, (user + system) / 1000 / wallMs);
    this.#delayMs = utilization > saturated ? Math.min(maxDelayMs, this.#delayMs + 4) : Math.floor(this.#delayMs / 2);
    return this.#delayMs;
  }
}
