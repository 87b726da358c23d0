import type { Head } from '../../channels/event/head.ts';
import type { JournalBatch, JournalRecord } from '../../channels/ports/event-journal.ts';
import { sampleAsset, sampleEvent } from './samples.ts';

/** The epoch that the tests write. */
export const sampleEpoch = 'one';

export interface SampleRecord {
  readonly partition?: number;
  readonly offset: number;
  readonly tenant?: string;
  readonly urn?: string;
  readonly version?: number;
  readonly atMs?: number;
  readonly domain?: string;
  readonly owners?: readonly string[];
  /** null: the event created the entity. */
  readonly before?: Partial<Head> | null;
}

/** A record of the log; by default of an entity of its own, appended at 1000 ms and one more for each offset. */
export function sampleRecord({
  partition = 0,
  offset,
  tenant = 'acme',
  urn = `urn:p${partition}:${offset}`,
  version = 1,
  atMs = 1000 + offset,
  domain,
  owners = [],
  before = null,
}: SampleRecord): JournalRecord {
  const document = sampleAsset(tenant, urn, { version, owners: [], ...(domain === undefined ? {} : { domain }) });
  const after = { ...document.head, owners };
  const event = sampleEvent(document);
  const heads = { before: before === null ? null : { ...after, ...before }, after };
  const told = { ...event, data: { ...event.data, heads } };
  return { partition, offset, appendedAtMs: atMs, event: told, text: JSON.stringify(told) };
}

/** Records of offsets `from` to `to`, each of an entity of its own. */
export function sampleRecords(from: number, to: number, fields: Omit<SampleRecord, 'offset'> = {}): JournalRecord[] {
  return Array.from({ length: to - from }, (_, index) => sampleRecord({ ...fields, offset: from + index }));
}

/** The batch that consists of these records, or of the bounds given. */
export function batchOf(records: readonly JournalRecord[], fields: Partial<JournalBatch> = {}): JournalBatch {
  return {
    epoch: sampleEpoch,
    partition: records[0]?.partition ?? 0,
    from: records[0]?.offset ?? 0,
    to: (records.at(-1)?.offset ?? -1) + 1,
    records,
    ...fields,
  };
}

/** A batch of `sampleRecords`. */
export function batch(from: number, to: number, fields: Omit<SampleRecord, 'offset'> = {}): JournalBatch {
  return batchOf(sampleRecords(from, to, fields), { from, to, partition: fields.partition ?? 0 });
}
