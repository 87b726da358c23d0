/**
 * Recognises repeated ids with bounded memory: remembers at least the last `capacity` ids and at most twice as many.
 * Two sets that take turns cost nothing per id, where one set with an age list would move every entry.
 */
export class SeenIds {
  readonly #capacity: number;
  #current = new Set<string>();
  #previous = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True if the id is new; it is known from now on. */
  add(id: string): boolean {
    if (this.#current.has(id) || this.#previous.has(id)) return false;
    if (this.#current.size >= this.#capacity) {
      this.#previous = this.#current;
      this.#current = new Set();
    }
    this.#current.add(id);
    return true;
  }

  clear(): void {
    this.#current.clear();
    this.#previous.clear();
  }
}
