import { erasureOf, isErased } from '../../channels/catalog/erasure.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog, LogGap } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import type { LogBatch, LogSink } from '../following/log-sink.ts';

export interface JournalSinkOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly clock: Clock;
  /** What is older need not be written any more. */
  readonly retentionMs: number;
  readonly onHole: (gap: LogGap) => void;
}

interface Place {
  readonly epoch: string;
  readonly vector: Vector;
}

/** The journal as a follower of the log writes it. What comes after a hole replaces the coverage by itself. */
export function createJournalSink({ log, journal, clock, retentionMs, onHole }: JournalSinkOptions): LogSink {
  /** Where the journal ends; but nothing that is gone from the log, or would be removed at once. */
  const from = async (): Promise<Place> => {
    const { epoch } = log;
    const covered = new Map((await journal.coverage(epoch)).map((each) => [each.partition, each.high]));
    const [starts, wanted] = await Promise.all([log.starts(), log.offsetsAt(clock.now() - retentionMs)]);
    if (log.epoch !== epoch) return from();
    const vector = wanted.map((offset, partition) => Math.max(offset, covered.get(partition) ?? 0));
    for (const [partition, found] of starts.entries()) {
      const expected = covered.get(partition);
      if (expected !== undefined && expected < found) onHole({ partition, expected, found });
    }
    const marked = [...vector.entries()].filter(([partition, offset]) => covered.get(partition) !== offset);
    // covers the places where the partitions begin, so that one in which nothing happens is covered, too
    await journal.write(marked.map(([partition, at]) => ({ epoch, partition, from: at, to: at, records: [] })));
    return { epoch, vector };
  };

  /** What a purge erases goes before the purge is written, so that after a crash both are done again. */
  const withoutErased = async (batches: readonly LogBatch[]): Promise<readonly LogBatch[]> => {
    const erasures = batches.flatMap(({ records }) => records.flatMap(({ event }) => erasureOf(event) ?? []));
    if (erasures.length === 0) return batches;
    await journal.erase(erasures);
    return batches.map((batch) => ({
      ...batch,
      records: batch.records.filter(({ event }) => !isErased(event, erasures)),
    }));
  };

  return { name: 'the journal', from, write: async (batches) => journal.write(await withoutErased(batches)) };
}
