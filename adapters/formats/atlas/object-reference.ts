import { isJsonObject, type JsonValue } from '../../../channels/event/json.ts';

/** guid of an AtlasObjectId or of a nested Referenceable; undefined for anything else. */
export function referencedGuid(value: JsonValue | undefined): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const guid = value['guid'] ?? (isJsonObject(value['id']) ? value['id']['id'] : value['id']);
  // negative guids are placeholders that mean something inside one message only
  return typeof guid === 'string' && guid !== '' && !guid.startsWith('-') ? guid : undefined;
}
