import type { Actor } from '../../../channels/event/hub-event.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { asId, asObject, defined, isAbsent, member, optional } from '../fields.ts';
import { readTags, type TagEntry } from './entity-header.ts';
import type { Notification } from './notification.ts';

/** What a fork of the source adds: exactly what changed, instead of how it is now. */
export interface MutatedDetails {
  readonly tags?: readonly TagEntry[];
  readonly attributes?: JsonObject;
  readonly path: string;
  readonly actor?: Actor;
}

/** Custom metadata is two levels deep: set, then attribute. */
function businessAttributes(sets: JsonObject, path: string): JsonObject {
  const entries = Object.entries(sets).flatMap(([set, held]): readonly (readonly [string, JsonValue])[] => {
    const inner = asObject({ value: held, path: `${path}.${set}` });
    return Object.entries(inner).map(([key, value]) => [`${set}.${key}`, value] as const);
  });
  return Object.fromEntries(entries);
}

/** @throws HubError invalid-message, limit-exceeded */
export function readMutatedDetails({ operation, body, path }: Notification): MutatedDetails | undefined {
  const field = member(body, 'mutatedDetails', path);
  if (isAbsent(field) || operation.startsWith('RELATIONSHIP_')) return undefined;
  if (operation.startsWith('CLASSIFICATION_')) {
    const tags = readTags(field) ?? [];
    return tags.length === 0 ? undefined : { tags, path: field.path };
  }
  const details = asObject(field);
  if (operation === 'BUSINESS_ATTRIBUTE_UPDATE')
    return { attributes: businessAttributes(details, field.path), path: field.path };
  const id = optional(member(details, 'updatedBy', field.path), asId);
  const attributes = optional(member(details, 'attributes', field.path), asObject);
  return { path: `${field.path}.attributes`, ...defined({ attributes, actor: id === undefined ? undefined : { id } }) };
}
