import { isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import { exceeded, invalid } from './faults.ts';
import { unprintable } from './text-bounds.ts';

/** A value and where it stands in the message, so that a fault can name it. `undefined`: not there. */
export interface Field {
  readonly value: JsonValue | undefined;
  readonly path: string;
}

/** A member of an object; inherited members such as `constructor` are not there. */
export function member(object: JsonObject, key: string, path: string): Field {
  return { value: Object.hasOwn(object, key) ? object[key] : undefined, path: path === '' ? key : `${path}.${key}` };
}

export function isAbsent({ value }: Field): boolean {
  return value === undefined || value === null;
}

/** @throws HubError invalid-message */
export function asObject({ value, path }: Field): JsonObject {
  if (!isJsonObject(value)) throw invalid(path, 'must be an object');
  return value;
}

/** @throws HubError invalid-message, limit-exceeded */
export function asList({ value, path }: Field, maxLength: number): readonly Field[] {
  if (!Array.isArray(value)) throw invalid(path, 'must be a list');
  if (value.length > maxLength) throw exceeded(path, `${maxLength} entries`);
  return value.map((item: JsonValue, index) => ({ value: item, path: `${path}[${index}]` }));
}

/** Any text. @throws HubError invalid-message, limit-exceeded */
export function asText({ value, path }: Field, maxLength: number = documentLimits.textLength): string {
  if (typeof value !== 'string') throw invalid(path, 'must be a string');
  if (value.length > maxLength) throw exceeded(path, `${maxLength} characters`);
  return value;
}

/** A name, id or urn: not empty, no control characters. @throws HubError invalid-message, limit-exceeded */
export function asName(field: Field, maxLength: number = documentLimits.nameLength): string {
  if (typeof field.value !== 'string' || field.value.trim() === '')
    throw invalid(field.path, 'must be a non-empty string');
  if (unprintable.test(field.value)) throw invalid(field.path, 'must not contain control characters');
  return asText(field, maxLength);
}

export function asId(field: Field): string {
  return asName(field, documentLimits.idLength);
}

/** @throws HubError invalid-message */
export function asBoolean({ value, path }: Field): boolean {
  if (typeof value !== 'boolean') throw invalid(path, 'must be true or false');
  return value;
}

/** @throws HubError invalid-message */
export function asInteger({ value, path }: Field, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(path, `must be an integer from ${min} to ${max}`);
  }
  return value;
}

/** @throws HubError invalid-message */
export function asOneOf<Option extends string>({ value, path }: Field, options: readonly Option[]): Option {
  const found = options.find((option) => option === value);
  if (found === undefined) throw invalid(path, `must be one of ${options.join(', ')}`);
  return found;
}

/** Absent and null alike are undefined. */
export function optional<T>(field: Field, read: (field: Field) => T): T | undefined {
  return isAbsent(field) ? undefined : read(field);
}

/** Null stays null: the sender says that there is none. */
export function nullable<T>(field: Field, read: (field: Field) => T): T | null | undefined {
  return field.value === undefined ? undefined : field.value === null ? null : read(field);
}

/** The object without members that are undefined, as exact optional properties want it. */
export function defined<T extends object>(object: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return withDefined({}, object);
}

/**
 * Adds the members of `optional` that are not undefined to an object that nobody else has yet. Much cheaper than
 * spreading them, which counts for every message.
 */
export function withDefined<Base extends object, T extends object>(
  base: Base,
  optional: T,
): Base & { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const result = base as Record<string, unknown>;
  for (const [key, value] of Object.entries(optional)) if (value !== undefined) result[key] = value;
  return result as Base & { readonly [K in keyof T]?: Exclude<T[K], undefined> };
}

/** A misspelt field would silently lose what it says, so unknown ones are refused. @throws HubError invalid-message */
export function assertKnown(object: JsonObject, known: readonly string[], path: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw invalid(`${path}.${unknown.slice(0, 100)}`, `is not a known field; known are ${known.join(', ')}`);
}
