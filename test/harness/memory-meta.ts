/** The settings of a catalog, in memory. */
export class MemoryMeta {
  readonly #values = new Map<string, string>();

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  async getMeta(key: string): Promise<string | undefined> {
    return this.#values.get(key);
  }

  async putMetaIfAbsent(key: string, value: string): Promise<string> {
    const stored = this.#values.get(key) ?? value;
    this.#values.set(key, stored);
    return stored;
  }

  async replaceMeta(key: string, expected: string, value: string): Promise<boolean> {
    if (this.#values.get(key) !== expected) return false;
    this.#values.set(key, value);
    return true;
  }
}
