import { HubError } from '../../../channels/protocol/hub-error.ts';
import { isJsonType, isUtf8, mediaTypeOf } from '../media-type.ts';
import { decodeText, parseJsonBytes } from '../parse-json.ts';
import type { EventData } from './cloud-event.ts';

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/xml' || mediaType.endsWith('+xml');
}

/** Bytes of unknown content are read as JSON when they are JSON. A bound that they break is a fault all the same. */
function guessed(bytes: Uint8Array): EventData {
  try {
    return { kind: 'json', value: parseJsonBytes(bytes) };
  } catch (cause) {
    if (cause instanceof HubError && cause.code === 'invalid-json') return { kind: 'bytes', bytes };
    throw cause;
  }
}

/**
 * Bytes by their content type.
 * @throws HubError invalid-json when they are declared as JSON or text and are not
 */
export function bytesData(bytes: Uint8Array, contentType: string | undefined): EventData {
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === '') return bytes.byteLength === 0 ? { kind: 'none' } : guessed(bytes);
  if (isJsonType(mediaType))
    return bytes.byteLength === 0 ? { kind: 'none' } : { kind: 'json', value: parseJsonBytes(bytes) };
  return isText(mediaType) && isUtf8(contentType)
    ? { kind: 'text', text: decodeText(bytes) }
    : { kind: 'bytes', bytes };
}
