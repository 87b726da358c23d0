import type { Coverage, JournalBatch } from '../ports/event-journal.ts';

/**
 * The coverage after a batch is durable. It grows only upwards: what begins below `low` is a late repetition, and
 * retention may already have removed what it wrote.
 */
export function coverageAfter(
  held: Coverage | undefined,
  { partition, from, to }: Pick<JournalBatch, 'partition' | 'from' | 'to'>,
): Coverage {
  if (held === undefined || from > held.high) return { partition, low: from, high: to };
  return { partition, low: held.low, high: Math.max(held.high, to) };
}
