import type { EventJournal, JournalQuery, JournalRecord } from '../../channels/ports/event-journal.ts';
import { sampleEpoch } from './journal-samples.ts';

export interface OpenedJournal {
  readonly journal: EventJournal;
  /** The same store as another process sees it; the same object where only one process can have it. */
  readonly second: EventJournal;
  /** Makes the store unreachable. */
  readonly cut: () => Promise<void>;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

/** What a test works with: a journal of its own. */
export interface JournalContext extends Pick<OpenedJournal, 'journal' | 'second' | 'cut'> {
  /** Reads all of a partition for tenant acme unless told otherwise. */
  readonly read: (query?: Partial<JournalQuery>) => Promise<readonly JournalRecord[]>;
  /** `low-high` of each partition. */
  readonly covered: (epoch?: string) => Promise<readonly string[]>;
}

export function offsets(records: readonly JournalRecord[]): readonly number[] {
  return records.map(({ offset }) => offset);
}

/** Of whatever journal is open when a test asks. */
export function contextOf(opened: () => OpenedJournal): JournalContext {
  return {
    get journal() {
      return opened().journal;
    },
    get second() {
      return opened().second;
    },
    cut: () => opened().cut(),
    read: (query) =>
      opened().journal.read({
        epoch: sampleEpoch,
        partition: 0,
        from: 0,
        to: 1_000_000,
        tenant: 'acme',
        limit: 10_000,
        ...query,
      }),
    covered: async (epoch = sampleEpoch) =>
      (await opened().journal.coverage(epoch)).map(({ partition, low, high }) => `${partition}: ${low}-${high}`),
  };
}
