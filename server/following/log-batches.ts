import { parseEvent } from '../../channels/event/parse-event.ts';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import type { LogBatch, LogEntry } from './log-sink.ts';

export interface WriteLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** undefined for a record of the log that is not from a hub. */
function parse({ value: text, ...place }: LogRecord): LogEntry | undefined {
  const event = parseEvent(text);
  return event === undefined ? undefined : { ...place, event, text };
}

/** The records cut so that each slice keeps within the limits, or is one record. */
function slices(records: readonly LogRecord[], { maxRecords, maxBytes }: WriteLimits): LogRecord[][] {
  const found: LogRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const slice = found.at(-1);
    bytes += record.value.length;
    if (slice !== undefined && slice.length < maxRecords && bytes <= maxBytes) slice.push(record);
    else {
      found.push([record]);
      bytes = record.value.length;
    }
  }
  return found;
}

/**
 * Consecutive records of one partition as batches, each within the limits. Records that are not events are skipped and
 * reported: no client ever got them, so the batch covers their offsets.
 */
export function logBatches(
  epoch: string,
  records: readonly LogRecord[],
  limits: WriteLimits,
  onForeign: (record: LogRecord) => void,
): readonly LogBatch[] {
  return slices(records, limits).flatMap((slice) => {
    const [first, last] = [slice[0], slice.at(-1)];
    if (first === undefined || last === undefined) return [];
    const parsed = slice.flatMap((record) => {
      const event = parse(record);
      if (event === undefined) onForeign(record);
      return event ?? [];
    });
    return { epoch, partition: first.partition, from: first.offset, to: last.offset + 1, records: parsed };
  });
}

/** The same in two steps; undefined where there is one record or none. */
export function halved(batches: readonly LogBatch[]): readonly (readonly LogBatch[])[] | undefined {
  if (batches.length > 1) {
    const middle = Math.ceil(batches.length / 2);
    return [batches.slice(0, middle), batches.slice(middle)];
  }
  const [batch] = batches;
  const middle = Math.ceil((batch?.records.length ?? 0) / 2);
  const border = batch?.records[middle];
  if (batch === undefined || border === undefined) return undefined;
  const { records } = batch;
  return [
    [{ ...batch, to: border.offset, records: records.slice(0, middle) }],
    [{ ...batch, from: border.offset, records: records.slice(middle) }],
  ];
}
