import type { JsonObject, JsonValue } from '../event/json.ts';
import type { WriteField } from '../policy/policy.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { ListChange, Word } from './change.ts';
import type { Owner, Property } from './document.ts';
import { KeyedReader, merged, ownerOf, type PatchedPlace, pointer, unknownMember, wordsOf } from './keyed-reader.ts';
import { bounded, invalidPatch, printable } from './patch-text.ts';

function changeOf<Value>(words: readonly Word<Value>[], isWhole: boolean): ListChange<Value, string> {
  const add = words.flatMap(({ value }) => (value === null ? [] : [value]));
  if (isWhole) return { mode: 'state', list: add };
  return { mode: 'delta', add, remove: words.flatMap(({ key, value }) => (value === null ? [key] : [])) };
}

/**
 * The members of a body in keyed form, read one by one by whoever knows which there are. Of a body that `replaces` the whole,
 * what it does not name is removed, so that every member is a place that has to be granted.
 */
export class KeyedBody {
  readonly #reader = new KeyedReader();
  readonly #members: Map<string, JsonValue>;
  readonly #known: string[] = [];
  readonly #replaces: boolean;

  /** @throws HubError invalid-request */
  constructor(body: JsonObject, replaces: boolean) {
    this.#members = new Map(this.#reader.members(body, ''));
    this.#replaces = replaces;
  }

  get places(): readonly PatchedPlace[] {
    return this.#reader.places;
  }

  /** undefined: unchanged; null: it has none. */
  text(name: string, field: WriteField, maxLength: number): string | null | undefined {
    const value = this.#take(name, field);
    if (value === undefined || value === null || value === '') return value === '' ? null : value;
    const path = pointer('', name);
    if (typeof value !== 'string') throw invalidPatch(path, 'must be a string or null');
    const text = bounded(value, path, maxLength);
    return field === 'description' ? text : printable(text, path);
  }

  /** One that there always is. */
  required(name: string, maxLength: number): string | undefined {
    const text = this.text(name, 'existence', maxLength);
    if (text === null) throw invalidPatch(pointer('', name), 'is missing');
    return text;
  }

  /** What an entity is from its beginning: said to make it, and afterwards only as it is. @throws HubError forbidden */
  fixed(name: string, maxLength: number, held: string | undefined): string {
    if (held === undefined) return this.required(name, maxLength) ?? '';
    const said = this.#members.get(name) ?? held;
    this.#known.push(name);
    this.#members.delete(name);
    if (said === held) return held;
    const path = pointer('', name);
    throw new HubError('forbidden', `${path}: cannot change; delete it and create another`, {
      publicDetails: { path },
    });
  }

  oneOf<Option extends string>(name: string, field: WriteField, options: readonly Option[]): Option | undefined {
    const value = this.#take(name, field);
    if (value === undefined) return undefined;
    const found = value === null ? options[0] : options.find((option) => option === value);
    if (found === undefined) throw invalidPatch(pointer('', name), `must be one of ${options.join(', ')}`);
    return found;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#take(name, 'existence');
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === null) return false;
    throw invalidPatch(pointer('', name), 'must be true or false');
  }

  level(name: string): number | null | undefined {
    const value = this.#take(name, 'existence');
    if (value === undefined || value === null) return value;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 1000)
      throw invalidPatch(pointer('', name), 'must be a whole number from 0 to 1000, or null');
    return value;
  }

  /** A list of texts, as `{"one": {}, "other": null}`. `meant`: what somebody means who writes a key. */
  keys(name: string, meant: (key: string) => string = (key) => key): ListChange<string, string> | undefined {
    const words = this.#words(name, 'existence', (key, member, at) => {
      if (member !== null && this.#reader.members(member, at).length > 0) throw invalidPatch(at, 'must be {} or null');
      return member === null ? null : meant(key);
    });
    return (
      words &&
      changeOf(
        words.map(({ key, value }) => ({ key: meant(key), value })),
        this.#replaces,
      )
    );
  }

  owners(held: readonly Owner[]): ListChange<Owner, string> | undefined {
    const byId = new Map(held.map((owner) => [owner.id, owner]));
    const words = this.#words('owners', 'owners', (id, member, at) =>
      ownerOf(id, member, this.#replaces ? undefined : byId.get(id), at, this.#reader),
    );
    return words && changeOf(words, this.#replaces);
  }

  /** By key; null removes one. */
  properties(held: readonly Property[]): { readonly [key: string]: JsonValue | null } | undefined {
    const byKey = new Map(this.#replaces ? [] : held.map(({ key, value }) => [key, value]));
    const words = this.#words('properties', 'properties', (key, member) =>
      member === null ? null : merged(byKey.get(key), member),
    );
    if (words === undefined) return undefined;
    const gone = this.#replaces ? held.map(({ key }): [string, null] => [key, null]) : [];
    return Object.fromEntries([...gone, ...words.map(({ key, value }): [string, JsonValue] => [key, value])]);
  }

  /** To be called when all members were read. @throws HubError invalid-request for another one */
  end(): void {
    const [other] = this.#members.keys();
    if (other !== undefined) throw unknownMember(pointer('', other), this.#known);
  }

  #take(name: string, field: WriteField): JsonValue | undefined {
    this.#known.push(name);
    const value = this.#members.get(name) ?? (this.#replaces || this.#members.has(name) ? null : undefined);
    this.#members.delete(name);
    if (value !== undefined) this.#reader.place(field, pointer('', name));
    return value;
  }

  #words<Value>(
    name: string,
    field: WriteField,
    read: (key: string, member: JsonValue, at: string) => Value | null,
  ): readonly Word<Value>[] | undefined {
    const value = this.#take(name, field);
    if (value === undefined) return undefined;
    const path = pointer('', name);
    if (value !== null) return wordsOf(value, path, field, this.#reader, read);
    if (this.#replaces) return [];
    throw invalidPatch(path, 'a list is emptied by naming its members, such as {"ada": null}');
  }
}
