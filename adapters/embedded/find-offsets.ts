import type { JournalTables } from './journal-tables.ts';
import { firstKey, offsetOfKey, recordKey } from './log-tables.ts';
import { matchingRecords, recordCount } from './term-block.ts';

/** Blocks looked at in one turn of the event loop: a few milliseconds. */
const blocksPerTurn = 200;

export interface OffsetQuery {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly hashes: ReadonlySet<number>;
  readonly limit: number;
}

export interface OffsetPage {
  /** Ascending. */
  readonly offsets: readonly number[];
  /** Everything before it has been looked at. */
  readonly next: number;
}

/** Some of the offsets, in the order of the log, whose records have one of the hashes. */
export function findOffsets(tables: JournalTables, { partition, from, to, hashes, limit }: OffsetQuery): OffsetPage {
  const start = firstKey(tables.blocks, partition, from);
  const blocks = tables.blocks.getRange({ start, end: recordKey(partition, to), limit: blocksPerTurn });
  const offsets: number[] = [];
  let seen = 0;
  let next = to;
  for (const { key, value } of blocks) {
    const first = offsetOfKey(key);
    const matching = matchingRecords(value, hashes).map((place) => first + place);
    offsets.push(...matching.filter((offset) => offset >= from && offset < to));
    if (offsets.length >= limit) return { offsets: offsets.slice(0, limit), next: (offsets[limit - 1] ?? to) + 1 };
    if (++seen === blocksPerTurn) next = first + recordCount(value);
  }
  return { offsets, next };
}
