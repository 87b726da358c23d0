/** What each key holds; a key that holds nothing takes no room. */
export class KeyedCounts {
  readonly #counts = new Map<string, number>();

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** `by` may be negative. */
  add(key: string, by: number): void {
    const count = this.get(key) + by;
    if (count <= 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
