import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { readEvent } from '../../../channels/event/upgrade-event.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { RingEntry } from '../../../channels/position/ring.ts';
import type { Vector } from '../../../channels/position/vector.ts';
import { coverOf, isSelective, type Term } from '../../../channels/subscription/term.ts';
import { type Documents, EventEncoder, loadDocuments, showsDocument } from '../tick/event-encoder.ts';
import type { Room } from '../outlet/room.ts';
import { transitionFor } from '../tick/room-registry.ts';
import { entityKeyOf, type PastEvent, type ReplayEntry } from './replay-entry.ts';
import type { RingIndex } from './ring-index.ts';
import { charactersOf, textSlices } from './text-slices.ts';

export interface RoomHistoryOptions {
  readonly room: Room;
  readonly index: RingIndex;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly wireId: (event: HubEvent) => string;
}

interface Known {
  readonly from: number;
  readonly to: number;
  /** Ascending. */
  readonly entries: readonly ReplayEntry[];
}

const noDocuments: Documents = new Map();
/** What is parsed at once: parsed, an event takes several times its text. */
const sliceLimits = { maxItems: 25, maxCharacters: 64 * 1024 };

/** Terms under which the past of a room is looked up; undefined: all of its tenant's. */
export function lookUpTerms(room: Room): readonly Term[] | undefined {
  const terms = coverOf(room.selection.filter);
  return terms !== undefined && terms.every(isSelective) ? terms : undefined;
}

/**
 * What one room would have got of the ring. Encoded once, however many of its members come back and wherever each of
 * them stands.
 */
export class RoomHistory {
  readonly #options: RoomHistoryOptions;
  readonly #terms: readonly Term[] | undefined;
  readonly #partitions = new Map<number, Known>();
  #work: Promise<void> = Promise.resolve();
  #working = 0;
  #bytes = 0;

  constructor(options: RoomHistoryOptions) {
    this.#options = options;
    this.#terms = lookUpTerms(options.room);
  }

  /** Of the texts that it holds, as characters. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Makes `between` complete.
   * @throws storage-unavailable when documents are needed and cannot be read, RingOverrun
   */
  async extend(from: Vector, to: Vector): Promise<void> {
    this.#working += 1;
    const work = this.#work.then(() => this.#cover(from, to)).finally(() => (this.#working -= 1));
    this.#work = work.then(
      () => undefined,
      () => undefined,
    );
    return work;
  }

  /** Like `cover`, at once; false where it would take long or needs the store. */
  extendNow(from: Vector, to: Vector): boolean {
    const missing = this.#missing(from, to);
    if (!this.#options.index.extendNow(from, to) || (missing.length > 0 && this.#working > 0)) return false;
    const candidates = missing.map((each) => this.#candidates(each));
    const { maxItems, maxCharacters } = sliceLimits;
    if (candidates.flat().length > maxItems || charactersOf(candidates.flat()) > maxCharacters) return false;
    const events = missing.map((each, index) => parsed(each.partition, candidates[index] ?? []));
    if (events.flat().some(({ event }) => needsDocument(this.#options.room, event))) return false;
    missing.forEach((each, index) => this.#add(each, encodePast(this.#options, events[index] ?? [], noDocuments)));
    return true;
  }

  /** Entries with `from <= offset < to`, ascending by offset within each partition. */
  between(from: Vector, to: Vector): readonly ReplayEntry[] {
    return from.flatMap((low, partition) => {
      const entries = this.#partitions.get(partition)?.entries ?? [];
      const high = to[partition] ?? low;
      return entries.filter(({ offset }) => offset >= low && offset < high);
    });
  }

  async #cover(from: Vector, to: Vector): Promise<void> {
    const { room, index, store, turns } = this.#options;
    const { tenant } = room.policyClass;
    await index.extend(from, to, tenant);
    // all at once: while something is waited for the ring moves on. Only texts: they are the ring's own
    const past = this.#missing(from, to).map((missing) => ({ missing, candidates: this.#candidates(missing) }));
    for (const { missing, candidates } of past) {
      const entries: ReplayEntry[] = [];
      for (const slice of textSlices(candidates, sliceLimits)) {
        if (turns.isOver) await turns.next(tenant);
        const events = parsed(missing.partition, slice);
        const needed = events.map(({ event }) => event).filter((event) => needsDocument(room, event));
        const documents = needed.length === 0 ? noDocuments : await loadDocuments(needed, store);
        entries.push(...encodePast(this.#options, events, documents));
      }
      this.#add(missing, entries);
    }
  }

  #missing(from: Vector, to: Vector): readonly MissingStretch[] {
    return from.flatMap((low, partition): MissingStretch[] => {
      const high = Math.max(low, to[partition] ?? low);
      const held = this.#partitions.get(partition);
      if (held === undefined || high < held.from || low > held.to)
        return low < high ? [{ partition, from: low, to: high, place: 'alone' }] : [];
      return [
        { partition, from: low, to: held.from, place: 'before' } as const,
        { partition, from: held.to, to: high, place: 'after' } as const,
      ].filter((each) => each.from < each.to);
    });
  }

  #candidates({ partition, from, to }: MissingStretch): readonly RingEntry[] {
    const { room, index } = this.#options;
    return index.candidates(partition, { from, to }, room.policyClass.tenant, this.#terms);
  }

  #add({ partition, from, to, place }: MissingStretch, entries: readonly ReplayEntry[]): void {
    const held = this.#partitions.get(partition);
    this.#bytes += charactersOf(entries);
    if (held === undefined || place === 'alone') return void this.#partitions.set(partition, { from, to, entries });
    this.#partitions.set(
      partition,
      place === 'before'
        ? { from, to: held.to, entries: [...entries, ...held.entries] }
        : { from: held.from, to, entries: [...held.entries, ...entries] },
    );
  }
}

function parsed(partition: number, entries: readonly RingEntry[]): readonly PastEvent[] {
  return entries.map(({ offset, appendedAtMs, text }) => ({
    ...{ partition, offset, appendedAtMs },
    event: readEvent(text),
  }));
}

interface MissingStretch {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly place: 'alone' | 'before' | 'after';
}

/** An event that does not carry the document which the room is to be shown. */
export function needsDocument(room: Room, event: HubEvent): boolean {
  if (event.data.after !== undefined) return false;
  const transition = transitionFor(room, event);
  return transition !== undefined && showsDocument(room, transition);
}

/** What the room gets of these events; those that say nothing to it are left out. */
export function encodePast(
  { room, wireId }: Pick<RoomHistoryOptions, 'room' | 'wireId'>,
  events: readonly PastEvent[],
  documents: Documents,
): readonly ReplayEntry[] {
  return events.flatMap(({ partition, offset, appendedAtMs, event }): ReplayEntry[] => {
    const transition = transitionFor(room, event);
    if (transition === undefined) return [];
    const text = new EventEncoder(event, wireId(event)).text(room, transition, documents);
    if (text === undefined) return [];
    return [
      { partition, offset, appendedAtMs, entity: entityKeyOf(event), version: event.data.version, transition, text },
    ];
  });
}
