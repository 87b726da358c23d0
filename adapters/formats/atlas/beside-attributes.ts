import { isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import type { EmptyList } from './terms.ts';

/** Lists and maps next to the attributes that are kept as one property each, so that what is taken out of them goes. */
const kept = ['labels', 'customAttributes', 'meaningNames'] as const;

const besideKeys = [...kept, 'businessAttributes'];
const nothing: JsonObject = {};

/** Custom metadata is two levels deep: set, then attribute. A set of another form is a property itself. */
export function businessAttributes(sets: JsonObject): JsonObject {
  const entries = Object.entries(sets).flatMap(([set, held]): readonly (readonly [string, JsonValue])[] =>
    isJsonObject(held)
      ? Object.entries(held).map(([key, value]) => [`${set}.${key}`, value] as const)
      : [[set, held] as const],
  );
  return Object.fromEntries(entries);
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** What an entity says of itself next to its attributes, as attributes. */
export function beside(entity: JsonObject, empty: EmptyList): JsonObject {
  if (!besideKeys.some((key) => Object.hasOwn(entity, key))) return nothing;
  const entries = kept.flatMap((key): readonly (readonly [string, JsonValue])[] => {
    const value = Object.hasOwn(entity, key) ? entity[key] : undefined;
    if (value === undefined) return [];
    if (!isEmpty(value)) return [[key, value]];
    return empty === 'whole' ? [[key, null]] : [];
  });
  const sets = entity['businessAttributes'];
  return { ...(isJsonObject(sets) ? businessAttributes(sets) : {}), ...Object.fromEntries(entries) };
}
