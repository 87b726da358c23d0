import type { LogRecord } from '../../channels/ports/event-log.ts';
import type { EmbeddedEnvironment, Table } from './embedded-environment.ts';

/** What the log knows of one partition; changes in the same transaction as the records. */
export interface PartitionState {
  /** First offset still kept. */
  readonly start: number;
  /** Offset of the next record. */
  readonly next: number;
  readonly lastAtMs: number;
}

/** Eight bytes of append time, then the event as JSON text: the fastest form that LMDB can give back. */
type StoredRecord = Buffer;
const timeBytes = 8;

/** The tables of the log. The journal reads the same records, and removes them when they are old. */
export interface LogTables {
  /** `partition|offset` */
  readonly records: Table<StoredRecord>;
  readonly partitions: Table<PartitionState>;
}

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

export function encodeRecord(appendedAtMs: number, value: string): StoredRecord {
  const record = Buffer.allocUnsafe(timeBytes + Buffer.byteLength(value));
  record.writeDoubleBE(appendedAtMs, 0);
  record.write(value, timeBytes);
  return record;
}

/** When the record was appended; undefined where there is none. */
export function recordTime({ records }: LogTables, partition: number, offset: number): number | undefined {
  return records.get(recordKey(partition, offset))?.readDoubleBE(0);
}

/** The record at an offset; undefined where there is none. */
export function storedRecord({ records }: LogTables, partition: number, offset: number): LogRecord | undefined {
  const record = records.get(recordKey(partition, offset));
  return record === undefined ? undefined : decode(partition, offset, record);
}

/** Records of `from <= offset < to`, ascending. Read them in the turn in which you ask. */
export function* storedRecords(
  { records }: LogTables,
  partition: number,
  from: number,
  to: number,
): Generator<LogRecord> {
  for (const { key, value } of records.getRange({ start: recordKey(partition, from), end: recordKey(partition, to) }))
    yield decode(partition, Number(key.slice(key.indexOf('|') + 1)), value);
}

function decode(partition: number, offset: number, record: StoredRecord): LogRecord {
  return { partition, offset, appendedAtMs: record.readDoubleBE(0), value: record.toString('utf8', timeBytes) };
}
