import { hash } from 'node:crypto';

/** Deterministic id of what makes a message itself, as unpadded base64url of its SHA-256. */
export function messageIdOf(parts: readonly string[]): string {
  return hash('sha256', parts.join('\n'), 'base64url');
}
