/** Lets each owner run a few jobs at once; only its own further jobs wait for those. */
export class OwnedTurns {
  readonly #max: number;
  readonly #owners = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Jobs that run or wait. */
  get size(): number {
    let size = 0;
    for (const { running, waiting } of this.#owners.values()) size += running + waiting.length;
    return size;
  }

  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    const held = this.#owners.get(owner) ?? { running: 0, waiting: [] };
    this.#owners.set(owner, held);
    if (held.running < this.#max) held.running += 1;
    else await new Promise<void>((resolve) => held.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = held.waiting.shift();
      if (next === undefined) held.running -= 1;
      else next();
      if (held.running === 0) this.#owners.delete(owner);
    }
  }
}
