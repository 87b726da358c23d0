interface QueueEntry {
  readonly resolve: () => void;
  readonly reject: (error: NotWanted) => void;
  readonly isWanted: () => boolean;
}

/** Whoever asked is gone. */
export class NotWanted extends Error {
  constructor() {
    super('nothing waits for it any more');
  }
}

/** Lets a few expensive jobs run at once; the others wait, tenants taking turns so that one cannot starve another. */
export class AdmissionQueue {
  readonly #maxRunning: number;
  readonly #waiting = new Map<string, QueueEntry[]>();
  #running = 0;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  get waiting(): number {
    let count = 0;
    for (const queue of this.#waiting.values()) count += queue.length;
    return count;
  }

  /**
   * Runs `work` when it is the tenant's turn. What nobody wants any more by then is not run: the promise rejects with
   * NotWanted.
   */
  async run<Result>(tenant: string, work: () => Promise<Result>, isWanted = (): boolean => true): Promise<Result> {
    if (this.#running >= this.#maxRunning) await this.#turn(tenant, isWanted);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(tenant: string, isWanted: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(tenant) ?? [];
      queue.push({ resolve, reject, isWanted });
      this.#waiting.set(tenant, queue);
    });
  }

  /** The place goes to the tenant that has waited longest for its turn. */
  #next(): void {
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      if (first.isWanted()) return first.resolve();
      first.reject(new NotWanted());
    }
    this.#running -= 1;
  }

  #first(): QueueEntry | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [tenant, queue] = first;
    const waiting = queue.shift();
    this.#waiting.delete(tenant);
    if (queue.length > 0) this.#waiting.set(tenant, queue);
    return waiting;
  }
}
