import { parseEvent } from '../../channels/event/parse-event.ts';
import type { JournalBatch } from '../../channels/ports/event-journal.ts';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import { coverageAfter } from '../../channels/position/coverage.ts';
import { lookupKeysOf } from '../../channels/subscription/lookup-keys.ts';
import { checkedKey } from './catalog-tables.ts';
import { entityKey, type JournalTables } from './journal-tables.ts';
import type { Table } from './embedded-environment.ts';
import { erasedValue, type LogTables, offsetOfKey, recordKey, stateOf } from './log-tables.ts';
import { chunkCount } from './record-chunk.ts';
import { encodeBlock, keyHash, maxBlockRecords, recordCount } from './term-block.ts';

interface PreparedRecord {
  readonly offset: number;
  readonly version: number;
  readonly entity: string;
  readonly hashes: readonly number[];
}

export interface PreparedBatch {
  readonly batch: JournalBatch;
  readonly records: readonly PreparedRecord[];
}

/** Everything that can throw. @throws limit-exceeded when a urn is too long for a key */
export function prepareBatch(batch: JournalBatch, maxKeyBytes: number): PreparedBatch {
  const records = batch.records.map(({ offset, event }) => ({
    offset,
    version: event.data.version,
    entity: checkedKey('subject of event', entityKey(event), maxKeyBytes),
    hashes: lookupKeysOf(event).map(keyHash),
  }));
  return { batch, records };
}

/** Of consecutive offsets, so that blocks never overlap and only the first offset need be stored. */
function runsOf(records: readonly PreparedRecord[]): readonly (readonly PreparedRecord[])[] {
  const runs: PreparedRecord[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    if (run !== undefined && run.length < maxBlockRecords && run.at(-1)?.offset === record.offset - 1) run.push(record);
    else runs.push([record]);
  }
  return runs;
}

/**
 * In the write transaction. The events of an entity stand in the order of their versions: a lower one is a repetition.
 * What retention has removed stays so: written once more it would stand in the place of the block that holds its neighbours.
 */
export function writeBatch(tables: JournalTables, { batch, records }: PreparedBatch): void {
  writeRecords(tables, batch, records);
}

/** In the write transaction: the records of one stretch. */
export function writeRecords(
  tables: JournalTables,
  stretch: Pick<JournalBatch, 'partition' | 'from' | 'to'>,
  records: readonly PreparedRecord[],
): void {
  const { partition } = stretch;
  const low = tables.coverage.get(String(partition))?.low ?? 0;
  const fresh = records.filter(({ entity, offset, version }) => {
    if (offset < low) return false;
    if ((tables.entities.get(entity)?.version ?? 0) >= version) return false;
    void tables.entities.put(entity, { partition, offset, version });
    return true;
  });
  for (const run of runsOf(fresh)) {
    const block = encodeBlock(run.map(({ hashes }) => hashes));
    void tables.blocks.put(recordKey(partition, run[0]?.offset ?? 0), block);
  }
  const key = String(partition);
  void tables.coverage.put(key, coverageAfter(tables.coverage.get(key), stretch));
}

export interface OldRecord {
  readonly offset: number;
  /** undefined for what was erased: something newer of its entity is known. */
  readonly entity: string | undefined;
}

/** @throws NewerForm: what this release cannot read it does not remove */
export function prepareOld({ offset, value }: LogRecord): OldRecord {
  return { offset, entity: value === erasedValue ? undefined : entityOf(value) };
}

/** Undefined for a damaged record, which must not keep all those after it: its entity points to nothing from then on. */
function entityOf(value: string): string | undefined {
  const event = parseEvent(value);
  return event === undefined ? undefined : entityKey(event);
}

/**
 * In the write transaction: journal and log forget the records together. `old` are the first of the partition. What is
 * stored together goes when all of it is old; the rest of it is hidden by the start of the partition until then.
 */
export function removeOld(tables: JournalTables, log: LogTables, partition: number, old: readonly OldRecord[]): void {
  const start = (old.at(-1)?.offset ?? -1) + 1;
  const key = String(partition);
  const coverage = tables.coverage.get(key);
  if (coverage !== undefined) void tables.coverage.put(key, { ...coverage, low: Math.max(coverage.low, start) });
  const state = stateOf(log, partition);
  void log.partitions.put(key, { ...state, start: Math.max(state.start, start) });
  for (const { offset, entity } of old) {
    const newest = entity === undefined ? undefined : tables.entities.get(entity);
    if (entity !== undefined && newest?.partition === partition && newest.offset === offset)
      void tables.entities.remove(entity);
  }
  removeRuns(log.records, partition, start, chunkCount);
  removeRuns(tables.blocks, partition, start, recordCount);
}

/** Those that end before `start`. */
function removeRuns(table: Table<Buffer>, partition: number, start: number, count: (run: Buffer) => number): void {
  const range = { start: recordKey(partition, 0), end: recordKey(partition, start) };
  const over = [...table.getRange(range)].filter(({ key, value }) => offsetOfKey(key) + count(value) <= start);
  for (const { key } of over) void table.remove(key);
}
