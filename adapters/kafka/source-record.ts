import type { KafkaMessage } from 'kafkajs';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';

/** A message of kafkajs as connectors get it. Of a header that stands several times the last one counts. */
export function toSourceRecord({ offset, timestamp, key, value, headers }: KafkaMessage): SourceRecord {
  const entries = Object.entries(headers ?? {}).map(([name, found]) => {
    const one = Array.isArray(found) ? found.at(-1) : found;
    return [name.toLowerCase(), one === undefined ? '' : one.toString()];
  });
  return {
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key: key === null ? null : key.toString(),
    value,
    headers: Object.fromEntries(entries) as Record<string, string>,
  };
}
