import type { JsonObject, JsonValue } from '../../channels/event/json.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import { exceeded, invalid } from './faults.ts';
import { asObject, type Field } from './fields.ts';
import { formatLimits } from './limits.ts';

function assertStorable(value: JsonValue, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalid(path, 'must not hold a number beyond the range of a double');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    // stores end a key at NUL: two different keys would become one
    if (key.includes('\0')) throw invalid(path, 'must not hold a key with a NUL character');
    assertStorable(inner as JsonValue, path);
  }
}

/** Bytes of the value's JSON text, once it is known to be storable. @throws HubError invalid-message */
export function jsonBytes({ value, path }: Field): number {
  if (value === undefined) return 0;
  assertStorable(value, path);
  return Buffer.byteLength(JSON.stringify(value));
}

/** @throws HubError invalid-message, limit-exceeded */
export function asJson(field: Field, maxBytes: number = formatLimits.maxValueBytes): JsonValue {
  if (jsonBytes(field) > maxBytes) throw exceeded(field.path, `${maxBytes} bytes of JSON`);
  return field.value ?? null;
}

/** @throws HubError invalid-message, limit-exceeded */
export function asJsonObject(field: Field, maxBytes?: number): JsonObject {
  asJson(field, maxBytes);
  return asObject(field);
}

export function assertPropertyKey(key: string, path: string): void {
  if (key === '' || key.includes('\0')) throw invalid(path, 'must not have an empty key or one with a NUL character');
  if (key.length > documentLimits.idLength)
    throw exceeded(`each key of ${path}`, `${documentLimits.idLength} characters`);
}

/** Properties as a sender of our own form gives them. @throws HubError invalid-message, limit-exceeded */
export function asProperties(field: Field): JsonObject {
  const object = asJsonObject(field, formatLimits.maxPropertyBytes);
  const keys = Object.keys(object);
  if (keys.length > documentLimits.properties) throw exceeded(field.path, `${documentLimits.properties} entries`);
  for (const key of keys) {
    assertPropertyKey(key, field.path);
    asJson({ value: object[key], path: `${field.path}.${key}` });
  }
  return object;
}
