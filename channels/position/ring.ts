import type { Mark } from './cursor.ts';
import { recordHash } from './cursor.ts';
import type { Vector } from './vector.ts';

/**
 * One event of the log as a node holds it in memory: as text. Parsed events would take several times the memory, and
 * the garbage collector would walk through all of them repeatedly.
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
  #floor: number;
  readonly #limits: RingLimits;
  readonly #dropped: (entry: RingEntry) => void;

  constructor(floor: number, limits: RingLimits, dropped: (entry: RingEntry) => void) {
    this.#floor = floor;
    this.#limits = limits;
    this.#dropped = dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** From this offset on every record that the log has is here, but for repetitions. */
  get floor(): number {
    return this.#floor;
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
      let entry = this.#entries[this.#first];
      entry !== undefined && entry.appendedAtMs < olderThanMs && this.size > 1;
      entry = this.#entries[this.#first]
    )
      this.#shift();
  }

  /** Takes one entry out, wherever it stands. */
  remove(offset: number): RingEntry | undefined {
    const index = this.#indexOf(offset);
    const entry = this.#entries[index];
    if (entry?.offset !== offset) return undefined;
    this.#entries.splice(index, 1);
    this.#bytes -= entry.text.length;
    return entry;
  }

  /** Nothing before `offset` counts any more. */
  cut(offset: number): void {
    while (this.size > 0 && (this.#entries[this.#first]?.offset ?? offset) < offset) this.#shift();
    this.#floor = Math.max(this.#floor, offset);
  }

  /** Entries with `from <= offset < to`. */
  between(from: number, to: number): readonly RingEntry[] {
    return this.#entries.slice(this.#indexOf(from), this.#indexOf(to));
  }

  /** The last entry before `offset`. */
  before(offset: number): RingEntry | undefined {
    const index = this.#indexOf(offset) - 1;
    return index < this.#first ? undefined : this.#entries[index];
  }

  /** Index of the first entry at or after `offset`. */
  #indexOf(offset: number): number {
    let low = this.#first;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #shift(): void {
    const entry = this.#entries[this.#first];
    if (entry === undefined) return;
    this.#first += 1;
    this.#bytes -= entry.text.length;
    this.#floor = entry.offset + 1;
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
  readonly #newest = new Map<string, RingEntry>();

  /** `from`: where reading begins, so what the ring reaches back to while it is empty. */
  constructor(from: Vector, limits: RingLimits) {
    const dropped = (entry: RingEntry): void => this.#forget(entry);
    this.#partitions = from.map((floor) => new RingPartition(floor, limits, dropped));
  }

  /** False when the ring already holds this version of the entity or a later one: the record is a repetition. */
  push(entry: RingEntry): boolean {
    const { entity, version } = entry;
    if ((this.#newest.get(entity)?.version ?? 0) >= version) return false;
    this.#newest.set(entity, entry);
    this.#partitions[entry.partition]?.push(entry);
    return true;
  }

  /** Takes a record out that turned out to be a repetition of one that the ring no longer held. */
  withdraw(partition: number, offset: number): void {
    const entry = this.#partitions[partition]?.remove(offset);
    if (entry !== undefined) this.#forget(entry);
  }

  /** First offset of each partition from which the ring has everything. */
  get floors(): Vector {
    return this.#partitions.map(({ floor }) => floor);
  }

  /** Entries with `from <= offset < to`, as far as the ring reaches back. */
  between(partition: number, from: number, to: number): readonly RingEntry[] {
    return this.#partitions[partition]?.between(from, to) ?? [];
  }

  /** The last record before `offset` that the ring holds, to recognise the log by. */
  markBefore(partition: number, offset: number): Mark | undefined {
    const entry = this.#partitions[partition]?.before(offset);
    return entry === undefined ? undefined : { offset: entry.offset, hash: recordHash(entry.entity, entry.version) };
  }

  /** The newest version of an entity that the ring holds; 0 for none. */
  versionOf(entity: string): number {
    return this.#newest.get(entity)?.version ?? 0;
  }

  /** The newest event of an entity that the ring holds. */
  newest(entity: string): RingEntry | undefined {
    return this.#newest.get(entity);
  }

  /** There is a gap before `offset`: nothing before it can be resumed. */
  cut(partition: number, offset: number): void {
    this.#partitions[partition]?.cut(offset);
  }

  get bytes(): number {
    return this.#partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  }

  get size(): number {
    return this.#partitions.reduce((sum, partition) => sum + partition.size, 0);
  }

  #forget(entry: RingEntry): void {
    if (this.#newest.get(entry.entity) === entry) this.#newest.delete(entry.entity);
  }
}
