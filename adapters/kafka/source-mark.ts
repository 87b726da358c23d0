import { createHash } from 'node:crypto';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';

/**
 * Kafka says nowhere that a topic was deleted and created again under its name: offsets go on to be valid, and stand for
 * other records. When a record was written and what is in it tells one topic from the other.
 */
export function markOf({ timestampMs, key, value }: SourceRecord): string {
  const hash = createHash('sha256');
  hash.update(`${key === null ? -1 : Buffer.byteLength(key)}|${key ?? ''}|`);
  hash.update(value ?? 'null');
  return `${timestampMs}|${hash.digest('base64url').slice(0, 22)}`;
}
