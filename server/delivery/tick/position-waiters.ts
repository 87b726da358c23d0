import { covers, type Vector } from '../../../channels/position/vector.ts';

interface Waiter {
  readonly target: Vector;
  readonly resolve: (reached: boolean) => void;
}

/** Those who wait until everything before a position has been published. */
export class PositionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** True once the position is reached; false if that does not come in time, or is given up. */
  until(target: Vector, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const waiter: Waiter = { target, resolve: settle };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  reached(vector: Vector): void {
    for (const waiter of this.#waiters) if (covers(vector, waiter.target)) waiter.resolve(true);
  }

  /** The positions that are waited for will not come. */
  giveUp(): void {
    for (const waiter of this.#waiters) waiter.resolve(false);
  }
}
