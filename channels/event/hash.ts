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
