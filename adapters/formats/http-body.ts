import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { tooLarge } from './faults.ts';
import { formatLimits } from './limits.ts';
import { arrayElements, decodeText, parseJson } from './parse-json.ts';

const encoder = new TextEncoder();

/**
 * A message of an HTTP body, ingested at `timestampMs`. Of the headers only those that say
 * something of the message stay with it: messages are stored, and a token must not be.
 */
export function httpMessage(
  value: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timestampMs: number,
): NativeMessage {
  const own = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));
  return { value, key: null, headers: Object.fromEntries(own), timestampMs };
}

/** @throws HubError unsupported-media-type */
export function unsupportedMediaType(contentType: string | undefined, accepted: string): HubError {
  const given = contentType === undefined ? 'none was given' : `it is ${contentType.slice(0, 200)}`;
  return new HubError('unsupported-media-type', `content-type must be ${accepted}; ${given}`);
}

/**
 * One message for each element of a JSON array, or the whole body when it is not an array.
 * @throws HubError invalid-json, invalid-message, message-too-large
 */
export function jsonMessages(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timestampMs: number,
): readonly NativeMessage[] {
  const text = decodeText(body);
  const value = parseJson(text);
  if (!Array.isArray(value)) return [httpMessage(body, headers, timestampMs)];
  if (value.length > formatLimits.maxBatch) {
    throw new HubError('message-too-large', `the body must have at most ${formatLimits.maxBatch} messages`);
  }
  return arrayElements(text).map((element) => httpMessage(encoder.encode(element), headers, timestampMs));
}

/** @throws HubError message-too-large */
export function assertBodySize(body: Uint8Array): void {
  if (body.byteLength > formatLimits.maxMessageBytes) throw tooLarge('the body', formatLimits.maxMessageBytes);
}
