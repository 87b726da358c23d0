/** Ids of about 45 characters; a log may hold an event twice, close behind one another, and 1024 of them are 0.1 MB. */
const leastIds = 1024;
/** A hub sends a cursor at most once a second. */
const leastCursors = 10;

/**
 * Recognises repeated ids, exactly over reconnects: what a hub sends again begins at the cursor that it is shown, so no
 * id may be forgotten that came after that. One cursor would not do, because the next node may be behind the last: it
 * has been shown the last cursor and been live at once, and what the last node brought beyond that comes after its
 * first cursors. So an id is known until 10 cursors have come after it and 1024 other ids. That is what 20 s bring, or
 * the one replay of a link that catches up, and costs nothing per id: two sets take turns, where one with an age list
 * would move every entry.
 */
export class SeenIds {
  readonly #leastIds: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #cursors = 0;

  constructor(least: number = leastIds) {
    this.#leastIds = least;
  }

  /** True if the id is new; it is known from now on. */
  add(id: string): boolean {
    if (this.#current.has(id) || this.#previous.has(id)) return false;
    this.#current.add(id);
    return true;
  }

  /** There is a new cursor. */
  rotate(): void {
    this.#cursors += 1;
    if (this.#cursors < leastCursors || this.#current.size < this.#leastIds) return;
    this.#cursors = 0;
    this.#previous = this.#current;
    this.#current = new Set();
  }
}
