import { type EventJournal, journalLease } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';

export interface PartitionReport {
  readonly partition: number;
  /** Everything from here on ... */
  readonly low: number;
  /** ... up to the record before this one can be read from the journal. */
  readonly high: number;
  /** Events that the log has and the journal has not. */
  readonly lag: number;
}

export interface JournalReport {
  readonly epoch: string;
  /** The node that writes the journal; null when none does. */
  readonly holder: string | null;
  readonly oldestAtMs: number | null;
  readonly partitions: readonly PartitionReport[];
}

/** How far the journal is, compared with the log. @throws storage-unavailable */
export async function journalReport({
  log,
  journal,
  leases,
}: {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
}): Promise<JournalReport> {
  const { epoch } = log;
  // the journal first: it never seems to be ahead of the log then
  const [coverage, { oldestAtMs }, holder] = await Promise.all([
    journal.coverage(epoch),
    journal.status(epoch),
    leases.lease(journalLease).holder(),
  ]);
  const [starts, heads] = await Promise.all([log.starts(), log.ends()]);
  const partitions = heads.map((head, partition) => {
    const start = starts[partition] ?? 0;
    const { low, high } = coverage.find((each) => each.partition === partition) ?? { low: start, high: start };
    return { partition, low, high, lag: Math.max(0, head - Math.max(high, start)) };
  });
  return { epoch, holder: holder ?? null, oldestAtMs: oldestAtMs ?? null, partitions };
}
