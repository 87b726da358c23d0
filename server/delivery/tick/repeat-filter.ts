/**
 * Recognises repetitions that the reader cannot know: a row of the outbox that a crash left behind may be published again
 * hours after its first time. What was accepted before the reader's memory begins is looked up in the journal; everything
 * else costs a comparison of two texts.
 */
import { documentKey } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { EventJournal, JournalRecord } from '../../../channels/ports/event-journal.ts';
import type { Ring } from '../../../channels/position/ring.ts';
import type { LogReader, QueuedEvent } from './log-reader.ts';

export interface RepeatFilterOptions {
  /** The epoch that is read. */
  readonly epoch: () => string;
  readonly journal: EventJournal;
  readonly ring: () => Ring;
  /** As {@link LogReader} tells it. */
  readonly remembersSinceMs: () => LogReader['remembersSinceMs'];
}

/** The events that were not in the log before; at once where none is suspicious. The others leave the ring. */
export type RepeatFilter = (entries: readonly QueuedEvent[]) => readonly HubEvent[] | Promise<readonly HubEvent[]>;

/** Clocks of nodes differ, and an event waits a moment in the outbox. */
const marginMs = 5000;
const lookUpTimeoutMs = 1000;

function within<Value>(work: Promise<Value>, fallback: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(fallback), lookUpTimeoutMs);
  });
  return Promise.race([work.catch(() => fallback), late]).finally(() => clearTimeout(timer));
}

async function look(
  { epoch, journal }: RepeatFilterOptions,
  suspects: readonly QueuedEvent[],
): Promise<ReadonlyMap<string, JournalRecord>> {
  const urns = new Map<string, Set<string>>();
  for (const { event } of suspects)
    urns.set(event.tenant, (urns.get(event.tenant) ?? new Set<string>()).add(event.subject));
  const found = await Promise.all([...urns].map(([tenant, each]) => journal.latest(epoch(), tenant, [...each])));
  return new Map(found.flat().map((record) => [documentKey(record.event.tenant, record.event.subject), record]));
}

export function createRepeatFilter(options: RepeatFilterOptions): RepeatFilter {
  const { ring, remembersSinceMs } = options;
  return (entries) => {
    const begins = new Date(remembersSinceMs() + marginMs).toISOString();
    const suspects = entries.filter(({ event }) => event.recordedtime < begins);
    if (suspects.length === 0) return entries.map(({ event }) => event);
    // a journal that cannot be asked must not cost an event: a repetition does less harm than a loss
    return within(look(options, suspects), new Map<string, JournalRecord>()).then((known) => {
      const isRepeat = ({ offset, event }: QueuedEvent): boolean => {
        const newest = known.get(documentKey(event.tenant, event.subject));
        return newest !== undefined && newest.offset < offset && newest.event.data.version >= event.data.version;
      };
      const repeats = new Set(suspects.filter(isRepeat));
      // whoever resumes must not get from the ring what is not sent live: it may show what has been hidden since
      for (const { partition, offset } of repeats) ring().withdraw(partition, offset);
      return entries.filter((entry) => !repeats.has(entry)).map(({ event }) => event);
    });
  };
}
