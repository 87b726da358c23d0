import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { bothWords, type EventWords, eventWords } from '../../../channels/search/event-words.ts';

/** What events that were delivered changed in one document. */
export interface PendingChange {
  readonly urn: string;
  /** Of the last of them. */
  readonly version: number;
  /** Before the first. */
  readonly before: Head | null;
  readonly after: Head | null;
  readonly words: EventWords;
  /** After the last, or later; of one that is gone what is left of it. undefined: it has to be loaded. */
  readonly document: WithoutHead | undefined;
}

function changeBy(event: HubEvent, earlier: PendingChange | undefined): PendingChange {
  const { version, heads, after: document } = event.data;
  // what came before a purge may have been erased, and is not known
  const said = eventWords(event);
  const words = event.type === 'gov.asset.purged.v1' ? { ...said, isComplete: false } : said;
  return {
    urn: event.subject,
    version,
    before: earlier === undefined ? heads.before : earlier.before,
    after: heads.after,
    words: earlier === undefined ? words : bothWords(earlier.words, words),
    document,
  };
}

/**
 * Changes that wait to be judged for the searches of a tenant, each document once, as the last event says: nothing is ever
 * said of a document that is older than an event that a client has.
 */
export class PendingChanges {
  readonly #changes = new Map<string, PendingChange>();

  get size(): number {
    return this.#changes.size;
  }

  add(event: HubEvent): void {
    const earlier = this.#changes.get(event.subject);
    // an event that is delivered twice
    if (earlier !== undefined && earlier.version >= event.data.version) return;
    // behind the others: it has to be judged again
    this.#changes.delete(event.subject);
    this.#changes.set(event.subject, changeBy(event, earlier));
  }

  /** Those that can be judged, oldest first; what is taken before the next is not given. */
  *ready(): Generator<PendingChange> {
    for (const change of this.#changes.values()) if (change.document !== undefined) yield change;
  }

  /** Some whose documents have to be loaded. */
  toLoad(limit: number): readonly PendingChange[] {
    const found: PendingChange[] = [];
    for (const change of this.#changes.values())
      if (change.document === undefined && found.push(change) >= limit) break;
    return found;
  }

  /**
   * The document of a change, as it was loaded. One that is older than the change waits for another look, and so does a
   * change to which another has come since: its event may have been delivered with a document that is newer.
   */
  loaded(change: PendingChange, document: WithoutHead, after: Head | null): void {
    if (this.#changes.get(change.urn) !== change || change.version > document.version) return;
    this.#changes.set(document.urn, { ...change, version: document.version, after, document });
  }

  take(change: PendingChange): void {
    if (this.#changes.get(change.urn) === change) this.#changes.delete(change.urn);
  }

  /** A newer state of the document waits here, or one of which it is not known how new it is. */
  has(urn: string, newerThan: number): boolean {
    const change = this.#changes.get(urn);
    return change !== undefined && (change.version > newerThan || change.document === undefined);
  }

  clear(): void {
    this.#changes.clear();
  }
}
