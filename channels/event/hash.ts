import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const length = Math.min(3, bytes.length - i) + 1;
    for (let digit = 0; digit < length; digit++) text += alphabet[(chunk >> (18 - 6 * digit)) & 63];
  }
  return text;
}

/** SHA-256 of UTF-8 text as base64url, 43 characters. Runs wherever JavaScript does. */
export function sha256Text(text: string): string {
  return base64url(sha256(utf8ToBytes(text)));
}

/**
 * 64 bits of a text as two unsigned numbers (cyrb53), the same everywhere. Quick and well spread, for keys of which two
 * may be alike; not for secrets.
 */
export function spreadHash(text: string): readonly [number, number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  const mixedA = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const mixedB = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(mixedA ^ (mixedA >>> 13), 3266489909);
  return [mixedA >>> 0, mixedB >>> 0];
}
