/**
 * One event of the log as a node holds it in memory: as text. Parsed events would take several times the memory, and
 * the garbage collector would walk through all of them again and again.
 */
export interface RingEntry {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  /** `tenant|urn` */
  readonly entity: string;
  readonly version: number;
  /** JSON of the event. */
  readonly text: string;
}

export interface RingLimits {
  /** Per partition. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

class RingPartition {
  #entries: RingEntry[] = [];
  #first = 0;
  #bytes = 0;
  readonly #limits: RingLimits;
  readonly #dropped: (entry: RingEntry) => void;

  constructor(limits: RingLimits, dropped: (entry: RingEntry) => void) {
    this.#limits = limits;
    this.#dropped = dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): RingEntry | undefined {
    return this.#entries[this.#first];
  }

  get size(): number {
    return this.#entries.length - this.#first;
  }

  push(entry: RingEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.text.length;
    while (this.#bytes > this.#limits.maxBytes && this.size > 1) this.#shift();
    this.trim(entry.appendedAtMs - this.#limits.maxAgeMs);
  }

  trim(olderThanMs: number): void {
    for (
      let entry = this.oldest;
      entry !== undefined && entry.appendedAtMs < olderThanMs && this.size > 1;
      entry = this.oldest
    )
      this.#shift();
  }

  since(offset: number): readonly RingEntry[] {
    return this.#entries.slice(this.#first).filter((entry) => entry.offset >= offset);
  }

  #shift(): void {
    const entry = this.#entries[this.#first];
    if (entry === undefined) return;
    this.#first += 1;
    this.#bytes -= entry.text.length;
    this.#dropped(entry);
    // give the memory back once half of the array is history; amortised one move per entry
    if (this.#first > 1024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

/**
 * The in-memory tail of the log on one node: bounded by bytes and age per partition, and keyed by entity, so that a
 * record that the log holds twice is recognised.
 */
export class Ring {
  readonly #partitions: readonly RingPartition[];
  readonly #lastVersions = new Map<string, number>();

  constructor(partitionCount: number, limits: RingLimits) {
    const dropped = (entry: RingEntry): void => this.#forget(entry);
    this.#partitions = Array.from({ length: partitionCount }, () => new RingPartition(limits, dropped));
  }

  /** False when the ring already holds this version of the entity or a later one: the record is a repetition. */
  push(entry: RingEntry): boolean {
    const { entity, version } = entry;
    if ((this.#lastVersions.get(entity) ?? 0) >= version) return false;
    this.#lastVersions.set(entity, version);
    this.#partitions[entry.partition]?.push(entry);
    return true;
  }

  /** Entries of a partition from `offset` on, or undefined when the ring does not reach back that far. */
  since(partition: number, offset: number): readonly RingEntry[] | undefined {
    const ring = this.#partitions[partition];
    if (ring === undefined) return undefined;
    const { oldest } = ring;
    return oldest !== undefined && oldest.offset <= offset ? ring.since(offset) : undefined;
  }

  get bytes(): number {
    return this.#partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  }

  get size(): number {
    return this.#partitions.reduce((sum, partition) => sum + partition.size, 0);
  }

  #forget(entry: RingEntry): void {
    if (this.#lastVersions.get(entry.entity) === entry.version) this.#lastVersions.delete(entry.entity);
  }
}
