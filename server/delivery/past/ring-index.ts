/**
 * Finds what of the ring can concern a selection.
 *
 * The ring is text. Reading all of it for each room of a mass reconnect would cost the ring times the rooms; keeping it
 * parsed or indexed all the time would cost every event. So the stretch that is asked for is read once, when the first
 * client asks, and forgotten when nobody has asked for a while.
 */
import { readEvent } from '../../../channels/event/upgrade-event.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { inTurns } from '../../turns/in-turns.ts';
import type { Ring, RingEntry } from '../../../channels/position/ring.ts';
import type { Vector } from '../../../channels/position/vector.ts';
import { isSelective, type Term, termsOf, termText } from '../../../channels/subscription/term.ts';

const idleMs = 10_000;
/** Read at once, where a stretch is so short. */
const fewEntries = 50;

interface IndexedStretch {
  from: number;
  to: number;
  /** `tenant|term` -> entries, in no order. */
  readonly byTerm: Map<string, RingEntry[]>;
}

/** The ring has dropped what was to be read: it moved on meanwhile. */
export class RingOverrun extends Error {
  constructor() {
    super('the ring no longer reaches back');
  }
}

/** What is not indexed yet, and what it will extend. */
interface Gap {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly target: IndexedStretch;
  readonly entries: readonly RingEntry[];
}

function keysOf(event: HubEvent): ReadonlySet<string> {
  const { before, after } = event.data.heads;
  const terms = [before, after].flatMap((head) => (head === null ? [] : termsOf(head).filter(isSelective)));
  return new Set(terms.map((term) => `${event.tenant}|${termText(term)}`));
}

export class RingIndex {
  readonly #ring: () => Ring;
  readonly #turns: Turns;
  #of: Ring | undefined;
  #partitions = new Map<number, IndexedStretch>();
  /** Entity -> its newest entry in what is indexed. */
  #newest = new Map<string, RingEntry>();
  #work: Promise<void> = Promise.resolve();
  #covering = 0;
  #forget: NodeJS.Timeout | undefined;

  constructor(ring: () => Ring, turns: Turns) {
    this.#ring = ring;
    this.#turns = turns;
  }

  /** Makes `candidates` and `newest` complete between the vectors, in turns of the tenant that asks. @throws RingOverrun */
  async extend(from: Vector, to: Vector, tenant: string): Promise<void> {
    this.#covering += 1;
    const work = this.#work.then(() => this.#cover(from, to, tenant)).finally(() => (this.#covering -= 1));
    this.#work = work.catch(() => undefined);
    return work;
  }

  /** Like `cover`, at once; false if that would take long: then nothing has been done. */
  extendNow(from: Vector, to: Vector): boolean {
    if (!this.#reaches(from, to)) return false;
    const gaps = this.#gaps(from, to);
    if (gaps.length === 0) return true;
    // a stretch that is being read is not yet marked as such
    if (this.#covering > 0 || gaps.flatMap(({ entries }) => entries).length > fewEntries) return false;
    for (const gap of gaps) {
      for (const entry of gap.entries) this.#add(entry, gap.target);
      this.#commit(gap);
    }
    return true;
  }

  /** Entries of a tenant that may concern the terms; all of them where there are no terms. Ascending. @throws RingOverrun */
  candidates(
    partition: number,
    range: { readonly from: number; readonly to: number },
    tenant: string,
    terms: readonly Term[] | undefined,
  ): readonly RingEntry[] {
    const { from, to } = range;
    if (terms === undefined) {
      if (from < to && from < (this.#ring().floors[partition] ?? 0)) throw new RingOverrun();
      const prefix = `${tenant}|`;
      return this.#ring()
        .between(partition, from, to)
        .filter(({ entity }) => entity.startsWith(prefix));
    }
    const held = this.#partitions.get(partition);
    if (from < to && (held === undefined || held.from > from || held.to < to)) throw new RingOverrun();
    const found = new Set(terms.flatMap((term) => held?.byTerm.get(`${tenant}|${termText(term)}`) ?? []));
    return [...found]
      .filter(({ offset }) => offset >= from && offset < to)
      .toSorted((one, other) => one.offset - other.offset);
  }

  /** The newest entry of an entity in what is covered. */
  newest(entity: string): RingEntry | undefined {
    return this.#newest.get(entity);
  }

  stop(): void {
    clearTimeout(this.#forget);
    this.#clear();
  }

  async #cover(from: Vector, to: Vector, tenant: string): Promise<void> {
    this.#touch();
    if (!this.#reaches(from, to)) throw new RingOverrun();
    const gaps = this.#gaps(from, to);
    const ring = this.#of;
    for (const gap of gaps) {
      const { entries, target } = gap;
      await inTurns({ turns: this.#turns, tenant }, entries, (entry) => this.#add(entry, target));
      if (ring === this.#ring()) this.#commit(gap);
    }
  }

  #reaches(from: Vector, to: Vector): boolean {
    const { floors } = this.#ring();
    return from.every((low, partition) => low >= (to[partition] ?? low) || low >= (floors[partition] ?? 0));
  }

  #gaps(from: Vector, to: Vector): readonly Gap[] {
    const ring = this.#ring();
    if (ring !== this.#of) this.#clear();
    this.#of = ring;
    return from.flatMap((low, partition): Gap[] => {
      const high = Math.max(low, to[partition] ?? low);
      const held = this.#partitions.get(partition);
      const gap = (start: number, end: number, target: IndexedStretch): Gap[] =>
        start < end ? [{ partition, from: start, to: end, target, entries: ring.between(partition, start, end) }] : [];
      if (held === undefined || high < held.from || low > held.to)
        return gap(low, high, { from: low, to: low, byTerm: new Map() });
      return [...gap(low, held.from, held), ...gap(held.to, high, held)];
    });
  }

  #commit({ partition, from, to, target }: Gap): void {
    target.from = Math.min(target.from, from);
    target.to = Math.max(target.to, to);
    this.#partitions.set(partition, target);
  }

  #add(entry: RingEntry, { byTerm }: IndexedStretch): void {
    const newest = this.#newest.get(entry.entity);
    if (newest === undefined || newest.version < entry.version) this.#newest.set(entry.entity, entry);
    for (const key of keysOf(readEvent(entry.text))) {
      const held = byTerm.get(key);
      if (held === undefined) byTerm.set(key, [entry]);
      else held.push(entry);
    }
  }

  #touch(): void {
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => (this.#covering > 0 ? this.#touch() : this.#clear()), idleMs);
    this.#forget.unref();
  }

  #clear(): void {
    this.#partitions = new Map();
    this.#newest = new Map();
  }
}
