import type { LogRecord } from '../../channels/ports/event-log.ts';
import type { EmbeddedEnvironment, Table } from './embedded-environment.ts';
import { chunkCount, chunkTime, decodeChunk } from './record-chunk.ts';

/** What the log knows of one partition; changes in the same transaction as the records. */
export interface PartitionState {
  /** First offset still kept. */
  readonly start: number;
  /** Offset of the next record. */
  readonly next: number;
  readonly lastAtMs: number;
}

/** The tables of the log. The journal reads the same records, and removes them when they are old. */
export interface LogTables {
  /** `partition|offset of the first record` -> a run of records, see record-chunk.ts */
  readonly records: Table<Buffer>;
  readonly partitions: Table<PartitionState>;
}

/** Stands in the place of a text that was erased: an empty one, which is no event. */
export const erasedValue = '';

const emptyPartition: PartitionState = { start: 0, next: 0, lastAtMs: 0 };

export function openLogTables(environment: EmbeddedEnvironment): LogTables {
  return {
    records: environment.table('log-records', { encoding: 'binary' }),
    partitions: environment.table('log-partitions', { encoding: 'json' }),
  };
}

export function stateOf({ partitions }: LogTables, partition: number): PartitionState {
  return partitions.get(String(partition)) ?? emptyPartition;
}

/** Text order of the keys is (partition, offset) order. */
export function recordKey(partition: number, offset: number): string {
  return `${String(partition).padStart(4, '0')}|${String(offset).padStart(16, '0')}`;
}

export function offsetOfKey(key: string): number {
  return Number(key.slice(key.indexOf('|') + 1));
}

/** Key of the run that holds an offset, or of the next one. */
export function firstKey(table: Table<Buffer>, partition: number, offset: number): string {
  const wanted = recordKey(partition, offset);
  const beforeAll = wanted.slice(0, wanted.indexOf('|') + 1);
  const [before] = table.getKeys({ start: wanted, end: beforeAll, reverse: true, limit: 1 });
  return before ?? wanted;
}

function chunkAt(tables: LogTables, partition: number, offset: number): { chunk: Buffer; index: number } | undefined {
  const key = firstKey(tables.records, partition, offset);
  const chunk = tables.records.get(key);
  const index = offset - offsetOfKey(key);
  return chunk === undefined || index < 0 || index >= chunkCount(chunk) ? undefined : { chunk, index };
}

/** When the record was appended; undefined where there is none. */
export function recordTime(tables: LogTables, partition: number, offset: number): number | undefined {
  const found = chunkAt(tables, partition, offset);
  return found === undefined ? undefined : chunkTime(found.chunk, found.index);
}

/** The record at an offset; undefined where there is none. */
export function storedRecord(tables: LogTables, partition: number, offset: number): LogRecord | undefined {
  for (const record of storedRecords(tables, partition, offset, offset + 1)) return record;
  return undefined;
}

/** Records of `from <= offset < to`, ascending. Read them in the turn in which you ask. */
export function* storedRecords(
  { records }: LogTables,
  partition: number,
  from: number,
  to: number,
): Generator<LogRecord> {
  if (from >= to) return;
  const range = { start: firstKey(records, partition, from), end: recordKey(partition, to) };
  for (const { key, value: chunk } of records.getRange(range)) {
    const first = offsetOfKey(key);
    if (first + chunkCount(chunk) <= from) continue;
    const { times, values } = decodeChunk(chunk);
    for (const [index, value] of values.entries()) {
      const offset = first + index;
      if (offset >= from && offset < to) yield { partition, offset, appendedAtMs: times[index] ?? 0, value };
    }
  }
}
