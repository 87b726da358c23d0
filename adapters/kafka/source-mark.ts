import { createHash } from 'node:crypto';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';

/**
 * Kafka does not report that a topic was deleted and recreated under its name: offsets stay valid, and point to
 * other records. The time and content of a record tell one topic from the other.
 */
export function markOf({ timestampMs, key, value }: SourceRecord): string {
  const hash = createHash('sha256');
  hash.update(`${key === null ? -1 : Buffer.byteLength(key)}|${key ?? ''}|`);
  hash.update(value ?? 'null');
  return `${timestampMs}|${hash.digest('base64url').slice(0, 22)}`;
}
