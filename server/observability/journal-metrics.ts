import type { Counter, Gauge } from 'prom-client';

/** Registers a counter of the hub; `name` without the prefix of all. */
export type MakeCounter = <Label extends string = never>(
  name: string,
  help: string,
  labels?: Label[],
) => Counter<Label>;
/** The same for a gauge. */
export type MakeGauge = <Label extends string = never>(name: string, help: string, labels?: Label[]) => Gauge<Label>;

export interface JournalMetrics {
  readonly journalWriting: Gauge;
  readonly journalLag: Gauge;
  readonly journalRows: Counter;
  readonly journalOldestAge: Gauge;
  readonly journalHoles: Counter;
}

export function createJournalMetrics(counter: MakeCounter, gauge: MakeGauge): JournalMetrics {
  return {
    journalWriting: gauge('journal_writing', '1 on the worker that writes the journal.'),
    journalLag: gauge(
      'journal_lag',
      'Consumer lag of the journal: events in the log that are not in the journal yet, as seen by a worker.',
    ),
    journalRows: counter('journal_rows_total', 'Events written to the journal by this node.'),
    journalOldestAge: gauge('journal_oldest_age_seconds', 'Age of the oldest event in the journal; 0 if it is empty.'),
    journalHoles: counter(
      'journal_holes_total',
      'Times the log lost events before they were journaled; nothing before the last gap can be resumed.',
    ),
  };
}
