import type { AnyWireEvent } from '../../channels/protocol/down.ts';

/** Entries of about 150 characters; a log may hold an event twice, close behind one another, and 1024 of them are 0.3 MB. */
const leastEntities = 1024;
/** A hub sends a cursor every five seconds. */
const leastCursors = 10;

/**
 * Detects duplicates and late events, across reconnects: `recordedtime` ascends strictly for each
 * entity, so an event that is not newer than the newest of its entity is one of the two. Ids would detect only
 * duplicates. But a replay omits the changes of an entity that is out of view at that time, and reports that it left; a
 * later replay, from the same cursor, may contain what was omitted.
 *
 * What a hub sends again begins at the cursor that it is shown, so no entity may be forgotten that changed after that.
 * One cursor would not do, because the next node may be behind the last: it has been shown the last cursor and been
 * live at once, and what the last node brought beyond that comes after its first cursors. So an entity is known until
 * 10 cursors have come after its last event and 1024 other entities. That is what 50 s bring, or the one replay of a
 * link that catches up, and costs nothing per event: two maps take turns, where one with an age list would move every
 * entry.
 */
export class NewestSeen {
  readonly #leastEntities: number;
  /** `recordedtime` by urn; all have the same form, so texts compare as times do. */
  #current = new Map<string, string>();
  #previous = new Map<string, string>();
  #cursors = 0;

  constructor(least: number = leastEntities) {
    this.#leastEntities = least;
  }

  /** True if the event is newer than all of its entity before it; it is the newest from now on. */
  add({ subject, recordedtime }: Pick<AnyWireEvent, 'subject' | 'recordedtime'>): boolean {
    const newest = this.#current.get(subject) ?? this.#previous.get(subject);
    if (newest !== undefined && recordedtime <= newest) return false;
    this.#current.set(subject, recordedtime);
    return true;
  }

  /** There is a new cursor. */
  rotate(): void {
    this.#cursors += 1;
    if (this.#cursors < leastCursors || this.#current.size < this.#leastEntities) return;
    this.#cursors = 0;
    this.#previous = this.#current;
    this.#current = new Map();
  }
}
