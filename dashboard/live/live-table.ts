/** One row of a table on the screen. */
export interface TableRow<Item> {
  readonly key: string;
  /** Undefined: it has left, and its place is kept until the order may move again. Nothing of what it was is kept. */
  readonly item: Item | undefined;
}

export interface TableChange {
  readonly entered: readonly string[];
  readonly updated: readonly string[];
  readonly left: readonly string[];
}

export interface LiveTableOptions<Item> {
  readonly keyOf: (item: Item) => string;
  /** Of two different items never 0. */
  readonly compare: (one: Item, other: Item) => number;
}

/**
 * Sorted rows that follow a view. While the order is held nothing moves: values change where they are, what leaves keeps its
 * place as a strip, and what comes waits. A change costs its own places, not a sort of all.
 */
export class LiveTable<Item> {
  readonly #options: LiveTableOptions<Item>;
  readonly #items = new Map<string, Item>();
  readonly #waiting = new Set<string>();
  #rows: readonly TableRow<Item>[] = [];
  #isHeld = false;

  constructor(options: LiveTableOptions<Item>) {
    this.#options = options;
  }

  /** Another array after each change. */
  get rows(): readonly TableRow<Item>[] {
    return this.#rows;
  }

  /** How many came while the order was held. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Replaces everything. */
  reset(items: readonly Item[]): void {
    this.#items.clear();
    for (const item of items) this.#items.set(this.#options.keyOf(item), item);
    this.#sortAll();
  }

  /** @param itemOf the item that an entity has now */
  apply({ entered, updated, left }: TableChange, itemOf: (key: string) => Item | undefined): void {
    const rows = this.#rows.slice();
    for (const key of left) this.#remove(rows, key);
    for (const key of updated) this.#put(rows, key, itemOf(key));
    for (const key of entered) this.#put(rows, key, itemOf(key));
    this.#rows = rows;
  }

  /** Held, nothing moves. Let go, all takes its place. */
  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld) this.#sortAll();
  }

  /** Lets what waits take its place once, and holds on. */
  settle(): void {
    this.#sortAll();
  }

  #sortAll(): void {
    this.#waiting.clear();
    const sorted = [...this.#items].sort(([, one], [, other]) => this.#options.compare(one, other));
    this.#rows = sorted.map(([key, item]) => ({ key, item }));
  }

  #remove(rows: TableRow<Item>[], key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    if (this.#waiting.delete(key)) return;
    if (this.#isHeld) rows[placeOf(rows, key)] = { key, item: undefined };
    else rows.splice(this.#sortedPlaceOf(rows, item), 1);
  }

  #put(rows: TableRow<Item>[], key: string, item: Item | undefined): void {
    if (item === undefined) return;
    const before = this.#items.get(key);
    this.#items.set(key, item);
    if (this.#isHeld) {
      const at = placeOf(rows, key);
      if (at === -1) this.#waiting.add(key);
      else rows[at] = { key, item };
      return;
    }
    if (before !== undefined) rows.splice(this.#sortedPlaceOf(rows, before), 1);
    rows.splice(this.#sortedPlaceOf(rows, item), 0, { key, item });
  }

  /** By halving, while the order is not held: then no row has left, and all are sorted. */
  #sortedPlaceOf(rows: readonly TableRow<Item>[], item: Item): number {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = rows[middle]?.item;
      if (other !== undefined && this.#options.compare(other, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** While the order is held values may have changed without their places. */
function placeOf(rows: readonly TableRow<unknown>[], key: string): number {
  return rows.findIndex((each) => each.key === key);
}
