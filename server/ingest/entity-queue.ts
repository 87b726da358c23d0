/**
 * Batches of one process that change the same entity, one after the other. The store would let only the first of them in and
 * make the others fold again, each time for nothing; batches that have no entity in common continue next to each other.
 */
export class EntityQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all that came before for any of the entities is done. Rejects with what `work` throws. */
  async run<Result>(entities: ReadonlySet<string>, work: () => Promise<Result>): Promise<Result> {
    const before = [...entities].flatMap((entity) => this.#last.get(entity) ?? []);
    let done: () => void = () => undefined;
    const last = new Promise<void>((resolve) => (done = resolve));
    for (const entity of entities) this.#last.set(entity, last);
    try {
      // a batch enters all of its entities in one turn of the event loop, so that no two wait for each other
      await Promise.all(before);
      return await work();
    } finally {
      for (const entity of entities) if (this.#last.get(entity) === last) this.#last.delete(entity);
      done();
    }
  }
}
