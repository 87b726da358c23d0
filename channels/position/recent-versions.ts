export interface RecentVersionsOptions {
  /** From where the log is read, ms since 1970. */
  readonly sinceMs: number;
  /** At least so long each entity is remembered. */
  readonly keepMs: number;
  /** Beyond twice as many entities the older half is forgotten early. */
  readonly maxEntities: number;
}

/**
 * The newest version of each entity in the recent past of the log, longer than its records are kept: a record that the
 * log holds twice is recognised. Two tables take turns, so forgetting costs nothing.
 */
export class RecentVersions {
  readonly #options: RecentVersionsOptions;
  #current = new Map<string, number>();
  #previous = new Map<string, number>();
  #currentSinceMs: number;
  #sinceMs: number;

  constructor(options: RecentVersionsOptions) {
    this.#options = options;
    this.#currentSinceMs = options.sinceMs;
    this.#sinceMs = options.sinceMs;
  }

  /** False when this version of the entity or a later one is known. `appendedAtMs`: by the log, ms since 1970. */
  add(entity: string, version: number, appendedAtMs: number): boolean {
    const known = this.of(entity);
    this.#rotate(appendedAtMs);
    this.#current.set(entity, Math.max(known, version));
    return version > known;
  }

  /** The newest version that is known; 0 for none. */
  of(entity: string): number {
    return this.#current.get(entity) ?? this.#previous.get(entity) ?? 0;
  }

  /** What the log took since then is known, ms since 1970. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** All that is known. */
  get all(): ReadonlyMap<string, number> {
    return new Map([...this.#previous, ...this.#current]);
  }

  #rotate(nowMs: number): void {
    const { keepMs, maxEntities } = this.#options;
    if (nowMs - this.#currentSinceMs <= keepMs && this.#current.size < maxEntities) return;
    this.#sinceMs = this.#currentSinceMs;
    this.#currentSinceMs = Math.max(this.#currentSinceMs, nowMs);
    this.#previous = this.#current;
    this.#current = new Map();
  }
}
