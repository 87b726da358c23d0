import { createHash } from 'node:crypto';

/** Deterministic id of what makes a message itself, as unpadded base64url of its SHA-256. */
export function messageIdOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
