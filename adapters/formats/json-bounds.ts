import type { JsonObject, JsonValue } from '../../channels/event/json.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import { exceeded, invalid } from './faults.ts';
import { asObject, type Field } from './fields.ts';
import { formatLimits } from './limits.ts';

/** What a store cannot keep of it, if anything: a number that is none, or keys that would become one. */
function storageFault(value: JsonValue): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return 'must not contain a number beyond the range of a double';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries<JsonValue>(value)) {
    // stores end a key at NUL: two different keys would become one
    if (key.includes('\0')) return 'must not contain a key with a NUL character';
    const fault = storageFault(inner);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Bytes of the value's JSON text. */
export function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** @throws HubError invalid-message, limit-exceeded */
export function asJson({ value, path }: Field, maxBytes: number = formatLimits.maxValueBytes): JsonValue {
  if (value === undefined) return null;
  const fault = storageFault(value);
  if (fault !== undefined) throw invalid(path, fault);
  if (jsonBytes(value) > maxBytes) throw exceeded(path, `${maxBytes} bytes of JSON`);
  return value;
}

/** @throws HubError invalid-message, limit-exceeded */
export function asJsonObject(field: Field, maxBytes?: number): JsonObject {
  asJson(field, maxBytes);
  return asObject(field);
}

/** What stands for a value that is too long to keep: its size as JSON text. */
export function cut(bytes: number): JsonObject {
  return { cutBytes: bytes };
}

/**
 * A value of a source that cannot be asked to send less: kept as it is while `maxBytes` lasts, else replaced by its
 * size. `bytes` is what the kept value takes.
 */
export function keptOrCut<Value extends JsonValue>(
  value: Value,
  maxBytes: number,
): { readonly value: Value | JsonObject; readonly bytes: number } {
  const bytes = jsonBytes(value);
  return bytes > maxBytes || storageFault(value) !== undefined ? { value: cut(bytes), bytes: 0 } : { value, bytes };
}

/** A key that a store can keep as it is. */
export function isPropertyKey(key: string): boolean {
  return key !== '' && !key.includes('\0') && key.length <= documentLimits.idLength;
}

function assertPropertyKey(key: string, path: string): void {
  if (!isPropertyKey(key))
    throw invalid(
      `each key of ${path}`,
      `must have 1 to ${documentLimits.idLength} characters, and no NUL character among them`,
    );
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
