import type { Counter, Gauge } from 'prom-client';
import type { MakeCounter, MakeGauge } from './journal-metrics.ts';

/** The way from a source to the log. */
export interface IntakeMetrics {
  readonly messagesIn: Counter<'connector' | 'result'>;
  readonly eventsIn: Counter<'connector'>;
  readonly connectorLag: Gauge<'connector' | 'partition'>;
  readonly connectorRefused: Gauge<'connector' | 'partition'>;
  readonly outboxRows: Gauge;
  readonly outboxOldestAge: Gauge;
  readonly deadLetters: Counter<'connector' | 'code'>;
  readonly deadLettersHeld: Gauge;
  readonly deadLetterBytes: Gauge<'connector'>;
  readonly deadLettersDropped: Counter<'connector' | 'reason'>;
}

export function createIntakeMetrics(counter: MakeCounter, gauge: MakeGauge): IntakeMetrics {
  return {
    messagesIn: counter(
      'messages_in_total',
      'Native messages read, by result: accepted, unchanged, duplicate, part, rejected.',
      ['connector', 'result'],
    ),
    eventsIn: counter('events_in_total', 'Canonical events created from native messages.', ['connector']),
    connectorLag: gauge(
      'connector_lag',
      'Consumer lag at the source: messages not yet read, by connector and partition.',
      ['connector', 'partition'],
    ),
    connectorRefused: gauge(
      'connector_refused',
      '1 while a partition is not read because its topic was recreated or truncated; an operator must reset its position.',
      ['connector', 'partition'],
    ),
    outboxRows: gauge(
      'outbox_rows',
      'Committed events in the outbox, waiting to be published to the log, of all nodes.',
    ),
    outboxOldestAge: gauge('outbox_oldest_age_seconds', 'Age of the oldest event in the outbox.'),
    deadLetters: counter('dead_letters_total', 'Native messages that became dead letters, by error code.', [
      'connector',
      'code',
    ]),
    deadLettersHeld: gauge('dead_letters_held', 'Dead letters in the store.'),
    deadLetterBytes: gauge('dead_letter_bytes', 'Size of the dead letters in the store.', ['connector']),
    deadLettersDropped: counter(
      'dead_letters_dropped_total',
      'Dead letters removed without being ingested, by reason: age, quota, discarded.',
      ['connector', 'reason'],
    ),
  };
}
