/** Lets a few expensive jobs run at once; the others wait, tenants taking turns so that one cannot starve another. */
export class AdmissionQueue {
  readonly #maxRunning: number;
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  get waiting(): number {
    let count = 0;
    for (const queue of this.#waiting.values()) count += queue.length;
    return count;
  }

  /** Runs `work` when it is the tenant's turn. */
  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#maxRunning) {
      await new Promise<void>((resolve) => {
        const queue = this.#waiting.get(tenant) ?? [];
        queue.push(resolve);
        this.#waiting.set(tenant, queue);
      });
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** The place goes to the tenant that has waited longest for its turn. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running -= 1;
      return;
    }
    const [tenant, queue] = first;
    const resume = queue.shift();
    this.#waiting.delete(tenant);
    if (queue.length > 0) this.#waiting.set(tenant, queue);
    resume?.();
  }
}
