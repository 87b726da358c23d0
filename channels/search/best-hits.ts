/** Keeps the first `limit` of what it is given, in order, without sorting the rest. */
export class BestHits<Item> {
  readonly #limit: number;
  readonly #compare: (one: Item, other: Item) => number;
  readonly #items: Item[] = [];

  constructor(limit: number, compare: (one: Item, other: Item) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** The last that would be kept; undefined while there is room. */
  get worst(): Item | undefined {
    return this.#items.length < this.#limit ? undefined : this.#items.at(-1);
  }

  add(item: Item): void {
    const { worst } = this;
    if (worst !== undefined && this.#compare(item, worst) >= 0) return;
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const held = this.#items[middle];
      if (held !== undefined && this.#compare(held, item) < 0) low = middle + 1;
      else high = middle;
    }
    this.#items.splice(low, 0, item);
    if (this.#items.length > this.#limit) this.#items.pop();
  }

  get items(): readonly Item[] {
    return this.#items;
  }
}
