import { gunzipSync } from 'node:zlib';
import { codeOf } from '../../channels/base/thrown.ts';
import { invalid, tooLarge } from './faults.ts';

/** Bytes of base64 text; anything that is not exactly base64 is refused. @throws HubError invalid-message */
export function decodeBase64(text: string, path: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.slice(0, text.length - padding);
  // a negated class does not backtrack, however long the text
  if (text.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(digits)) throw invalid(path, 'must be base64 text');
  return Buffer.from(text, 'base64');
}

/**
 * Inflates without ever holding more than `maxBytes`, so that a small bomb stays small.
 * @throws HubError invalid-message, message-too-large
 */
export function gunzip(bytes: Uint8Array, maxBytes: number, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`${path}, inflated,`, maxBytes);
    throw invalid(path, 'must be base64 text of gzip data', cause);
  }
}
