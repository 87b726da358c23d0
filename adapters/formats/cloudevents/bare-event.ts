import { isJsonList, isJsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { isJsonType } from '../media-type.ts';
import { parseJsonBytes } from '../parse-json.ts';

/** Content types under which senders post an event without saying that it is one. */
export function mayBeBare(mediaType: string): boolean {
  return mediaType === 'text/plain' || isJsonType(mediaType);
}

function isEvent(value: JsonValue): boolean {
  return isJsonObject(value) && Object.hasOwn(value, 'specversion');
}

/**
 * An event in the JSON format, or a list of such, whose transport does not say that it is one: it is known by its
 * `specversion`, which nothing else has. undefined: it is none.
 * @throws HubError invalid-message for JSON that breaks a bound
 */
export function bareEvent(bytes: Uint8Array): JsonValue | undefined {
  try {
    const value = parseJsonBytes(bytes);
    const events = isJsonList(value) ? value : [value];
    return events.every(isEvent) ? value : undefined;
  } catch (error) {
    if (error instanceof HubError && error.code === 'invalid-json') return undefined;
    throw error;
  }
}
