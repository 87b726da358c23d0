import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { EventJournal } from '../../../channels/ports/event-journal.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { ResumeReason } from '../../../channels/protocol/up.ts';
import { loadDocuments } from '../tick/event-encoder.ts';
import type { Room } from '../outlet/room.ts';
import { NotWanted } from './admission-queue.ts';
import type { ReplayEntry } from './replay-entry.ts';
import type { Stretch } from './resume-plan.ts';
import { encodePast, lookUpTerms, needsDocument } from './room-history.ts';
import { inTurns } from '../../turns/in-turns.ts';
import { charactersOf } from './text-slices.ts';

export interface JournalHistoryOptions {
  readonly journal: EventJournal;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly room: Room;
  readonly wireId: (event: HubEvent) => string;
  readonly epoch: string;
  /** At most so many may concern the room. */
  readonly maxEvents: number;
  /** Of the texts that concern the room. */
  readonly maxBytes: number;
  /**
   * False when it is no longer needed, or takes too long: then it stops. How many records are read has no limit of its own:
   * it would tell how much happens that the room may not see.
   */
  readonly isWanted: () => boolean;
}

export type JournalHistory =
  | {
      readonly ok: true;
      readonly entries: readonly ReplayEntry[];
      /** The newest event of each entity of `entries` that the journal knows. */
      readonly newest: ReadonlyMap<string, HubEvent>;
    }
  | { readonly ok: false; readonly reason: ResumeReason };

/** Held at once: the port counts records, and an event may have 900 KiB. */
const pageRecords = 200;
/** Asked for at once by name. */
const latestAtOnce = 1000;

class TooLarge extends Error {}

async function readStretch(options: JournalHistoryOptions, stretch: Stretch, budget: Budget): Promise<ReplayEntry[]> {
  const { journal, room, epoch, store, turns } = options;
  const terms = lookUpTerms(room);
  const entries: ReplayEntry[] = [];
  for (let from = stretch.from; from < stretch.to;) {
    if (!options.isWanted()) throw new NotWanted();
    const records = await journal.read({
      epoch,
      partition: stretch.partition,
      from,
      to: stretch.to,
      tenant: room.policyClass.tenant,
      limit: pageRecords,
      ...(terms === undefined ? {} : { terms }),
    });
    const documents = await loadDocuments(
      records.map(({ event }) => event).filter((event) => needsDocument(room, event)),
      store,
    );
    await inTurns({ turns, tenant: room.policyClass.tenant }, records, (record) => {
      const found = encodePast(options, [record], documents);
      budget.take(found.length, charactersOf(found));
      entries.push(...found);
    });
    const last = records.at(-1);
    if (last === undefined || records.length < pageRecords) break;
    from = last.offset + 1;
  }
  return entries;
}

class Budget {
  #events: number;
  #bytes: number;

  constructor(options: Pick<JournalHistoryOptions, 'maxEvents' | 'maxBytes'>) {
    this.#events = options.maxEvents;
    this.#bytes = options.maxBytes;
  }

  take(count: number, bytes: number): void {
    this.#events -= count;
    this.#bytes -= bytes;
    if (this.#events < 0 || this.#bytes < 0) throw new TooLarge();
  }
}

async function newestOf(
  options: JournalHistoryOptions,
  entries: readonly ReplayEntry[],
): Promise<Map<string, HubEvent>> {
  const { tenant } = options.room.policyClass;
  const entities = [...new Set(entries.map(({ entity }) => entity))];
  const urns = entities.map((entity) => entity.slice(tenant.length + 1));
  const newest = new Map<string, HubEvent>();
  for (let start = 0; start < urns.length; start += latestAtOnce) {
    const records = await options.journal.latest(options.epoch, tenant, urns.slice(start, start + latestAtOnce));
    for (const { event } of records) newest.set(`${tenant}|${event.subject}`, event);
  }
  return newest;
}

/**
 * What a room would have got of stretches that the ring no longer has. Proven complete: the coverage is checked again
 * after reading, because retention may have been at work meanwhile. @throws storage-unavailable
 */
export async function readJournalHistory(
  options: JournalHistoryOptions,
  stretches: readonly Stretch[],
): Promise<JournalHistory> {
  const budget = new Budget(options);
  try {
    const entries: ReplayEntry[] = [];
    for (const stretch of stretches) entries.push(...(await readStretch(options, stretch, budget)));
    const newest = await newestOf(options, entries);
    const coverage = await options.journal.coverage(options.epoch);
    const lost = stretches.some(
      ({ partition, from }) => (coverage.find((each) => each.partition === partition)?.low ?? from + 1) > from,
    );
    return lost ? { ok: false, reason: 'coverage' } : { ok: true, entries, newest };
  } catch (error) {
    if (error instanceof TooLarge) return { ok: false, reason: 'too-large' };
    throw error;
  }
}
