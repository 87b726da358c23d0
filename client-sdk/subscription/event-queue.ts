interface Waiter<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** A bounded queue between the socket, which cannot be paused in a browser, and an application that reads at its own pace. */
export class EventQueue<Item> {
  readonly #limit: number;
  /** How many items wait or waited that do not count; forgotten when the queue is empty. */
  #extra = 0;
  #items: Item[] = [];
  #waiters: Waiter<Item>[] = [];
  #ended: { error: Error | null } | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False if the queue is full; the item is not taken then. An `extra` one is taken always and widens the limit. */
  push(item: Item, isExtra = false): boolean {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return true;
    }
    if (this.#items.length === 0) this.#extra = 0;
    if (isExtra) this.#extra += 1;
    else if (this.#items.length >= this.#limit + this.#extra) return false;
    this.#items.push(item);
    return true;
  }

  /** Takes everything out. */
  drain(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** No more items. What is in the queue can still be read; after that comes the error, once, or the end. */
  end(error: Error | null): void {
    if (this.#ended !== null) return;
    this.#ended = { error };
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) this.#settleEnd(waiter);
  }

  /** The next item, in order. Waits if there is none. */
  next(): Promise<IteratorResult<Item, undefined>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item !== undefined) resolve({ done: false, value: item });
      else if (this.#ended !== null) this.#settleEnd({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  #settleEnd({ resolve, reject }: Waiter<Item>): void {
    const error = this.#ended?.error ?? null;
    this.#ended = { error: null };
    if (error === null) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
