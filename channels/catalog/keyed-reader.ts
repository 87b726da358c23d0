/** What bodies in keyed form are read with, in which every list is an object by the keys of its members. */
import { isJsonObject, type JsonValue } from '../event/json.ts';
import type { WriteField } from '../policy/policy.ts';
import type { HubError } from '../protocol/hub-error.ts';
import type { Word } from './change.ts';
import type { Owner } from './document.ts';
import { documentLimits as limits } from './limits.ts';
import { bounded, invalidPatch, printable } from './patch-text.ts';

/** One place that a patch names, and the field of it that has to be granted. */
export interface PatchedPlace {
  readonly field: WriteField;
  /** JSON pointer into the keyed form. */
  readonly path: string;
  /** Key of the column that it is in. */
  readonly column?: string;
}

/** Members of all objects of a patch together. */
export const maxPatchMembers = 500;
export function pointer(base: string, key: string): string {
  return `${base}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Members of an object; counts them, so that a small body cannot make much work. */
export class KeyedReader {
  readonly places: PatchedPlace[] = [];
  #members = 0;

  members(value: JsonValue, path: string): readonly (readonly [string, JsonValue])[] {
    if (Array.isArray(value)) {
      throw invalidPatch(
        path,
        'a list is patched by the keys of its members, an object such as {"ada": {}, "bob": null}: a whole list would undo what others have added meanwhile',
      );
    }
    if (!isJsonObject(value)) throw invalidPatch(path, 'must be an object');
    const members = Object.entries(value);
    this.#members += members.length;
    if (this.#members > maxPatchMembers) throw invalidPatch(path, `a patch has at most ${maxPatchMembers} members`);
    for (const [key] of members) if (key === '') throw invalidPatch(path, 'has a member without a name');
    return members;
  }

  place(field: WriteField, path: string, column?: string): void {
    this.places.push({ field, path, ...(column === undefined ? {} : { column }) });
  }
}

export function textOrNull(value: JsonValue, path: string, maxLength: number): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') throw invalidPatch(path, 'must be a string or null');
  return bounded(value, path, maxLength);
}

export function unknownMember(path: string, known: readonly string[]): HubError {
  return invalidPatch(path, `unknown; known are ${known.join(', ')}`);
}

export function ownerOf(
  id: string,
  value: JsonValue,
  held: Owner | undefined,
  path: string,
  reader: KeyedReader,
): Owner | null {
  if (value === null) return null;
  let owner: Owner = held ?? { id, type: 'user' };
  for (const [name, member] of reader.members(value, path)) {
    const at = pointer(path, name);
    if (name === 'type') {
      if (member !== 'user' && member !== 'group') throw invalidPatch(at, 'must be "user" or "group"');
      owner = { ...owner, type: member };
    } else if (name === 'role') {
      const role = textOrNull(member, at, limits.idLength);
      const { role: _before, ...rest } = owner;
      owner = role === null || role === '' ? rest : { ...rest, role };
    } else throw unknownMember(at, ['type', 'role']);
  }
  return owner;
}

/** RFC 7396: objects are merged, anything else is replaced. */
export function merged(held: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(Object.entries(isJsonObject(held) ? held : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

export function wordsOf<Value>(
  value: JsonValue,
  path: string,
  field: WriteField,
  reader: KeyedReader,
  read: (key: string, member: JsonValue, at: string) => Value | null,
): readonly Word<Value>[] {
  return reader.members(value, path).map(([key, member]) => {
    const at = pointer(path, key);
    reader.place(field, at);
    return {
      key: bounded(member === null ? key : printable(key, at), at, limits.idLength),
      value: read(key, member, at),
    };
  });
}
