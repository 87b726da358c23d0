import type { KafkaMessage } from 'kafkajs';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';
import type { DecodedRecord } from './record-batch.ts';

/** Of a header that occurs several times the last one counts; one without a value is empty. */
function headerText(found: unknown): string {
  const one: unknown = Array.isArray(found) ? found.at(-1) : found;
  return Buffer.isBuffer(one) || typeof one === 'string' ? one.toString() : '';
}

/** A message of kafkajs as connectors get it. Takes whatever a broker may hand out. */
export function toSourceRecord(message: KafkaMessage & Pick<DecodedRecord, 'unreadable'>): SourceRecord {
  const { offset, timestamp, key, value, headers, unreadable } = message;
  const entries = Object.entries(headers ?? {}).map(([name, found]): [string, string] => [
    name.toLowerCase(),
    headerText(found),
  ]);
  return {
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key: key === null ? null : key.toString(),
    value,
    headers: Object.fromEntries(entries),
    ...(unreadable === undefined ? {} : { unreadable: unreadable.reason }),
  };
}
