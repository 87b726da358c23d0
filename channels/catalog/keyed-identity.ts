import { isJsonObject, type JsonObject, type JsonValue } from '../event/json.ts';
import type { AssetPatch, ColumnPatch } from './change.ts';
import type { AssetDocument, Column } from './document.ts';
import { columnOf } from './keyed-patch.ts';
import type { PatchedPlace } from './keyed-reader.ts';
import { documentLimits as limits } from './limits.ts';
import { invalidPatch, printable } from './patch-text.ts';

/** What an asset of people is, beside what may be said of any asset. */
export interface IdentityPatch {
  /** As the hub says it, being the source of such an asset. */
  readonly patch: AssetPatch;
  /** The body without what was taken from it. */
  readonly rest: JsonObject;
  /** The columns as they will be, to be named in `rest`. */
  readonly columns: readonly Column[];
  readonly places: readonly PatchedPlace[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function nameOf(value: JsonValue, path: string, maxLength: number): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength)
    throw invalidPatch(path, `must be a text of 1 to ${maxLength} characters`);
  return printable(value, path);
}

function optionalName(value: JsonValue, path: string, maxLength: number): string | null {
  return value === null ? null : nameOf(value, path, maxLength);
}

interface ColumnList {
  readonly add: readonly ColumnPatch[];
  readonly remove: readonly string[];
  /** What else was said of columns. */
  readonly rest: JsonObject;
}

function columnList(value: JsonValue, asset: Pick<AssetDocument, 'columns'>): ColumnList {
  if (!isJsonObject(value)) throw invalidPatch('/columns', 'must be an object: columns by their names');
  const add: ColumnPatch[] = [];
  const remove: string[] = [];
  const rest: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const path = `/columns/${key}`;
    const name = columnOf(asset, key)?.name ?? nameOf(key, path, limits.nameLength);
    if (member === null) remove.push(name);
    else if (!isJsonObject(member)) throw invalidPatch(path, 'must be an object or null');
    else {
      const { type, ...others } = member;
      add.push({
        name,
        ...(type === undefined ? {} : { type: optionalName(type, `${path}/type`, limits.nameLength) }),
      });
      rest.push([name, others]);
    }
  }
  return { add, remove, rest: Object.fromEntries(rest) };
}

const texts = [
  ['name', limits.nameLength],
  ['type', limits.idLength],
] as const;
const optionalTexts = [
  ['fqn', limits.nameLength],
  ['platform', limits.idLength],
  ['parent', limits.urnLength],
] as const;

function columnsAfter(before: readonly Column[], { add, remove }: ColumnList, replaces: boolean): readonly Column[] {
  const held = new Map(before.map((column) => [column.name, column]));
  const kept = replaces ? [] : before.filter(({ name }) => !remove.includes(name));
  const fresh = ({ name }: ColumnPatch): Column => held.get(name) ?? { key: name, name, classifications: [] };
  const added = add.filter(({ name }) => replaces || !held.has(name)).map(fresh);
  return [...kept, ...added];
}

/**
 * Takes from a body what only the source of an asset says of it: name, type and which columns there are. For assets that
 * people have created, whose source they are. `replaces`: what is not named is removed.
 * @throws HubError invalid-request naming the path
 */
export function parseIdentity(
  { columns: bodyColumns, ...body }: JsonObject,
  before: Pick<AssetDocument, 'columns'>,
  replaces: boolean,
): IdentityPatch {
  const patch: Writable<AssetPatch> = {};
  const rest = new Map(Object.entries(body));
  const places: PatchedPlace[] = [];
  const take = (name: string): JsonValue | undefined => {
    const value = rest.get(name);
    if (!rest.delete(name)) return undefined;
    places.push({ field: 'existence', path: `/${name}` });
    return value;
  };
  for (const [name, maxLength] of texts) {
    const value = take(name);
    if (value !== undefined) patch[name] = nameOf(value, `/${name}`, maxLength);
    else if (replaces) throw invalidPatch(`/${name}`, 'is missing');
  }
  for (const [name, maxLength] of optionalTexts) {
    const value = take(name) ?? (replaces ? null : undefined);
    if (value !== undefined) patch[name] = optionalName(value, `/${name}`, maxLength);
  }
  const list = columnList(bodyColumns ?? {}, before);
  const said = Object.entries(list.rest).filter(([, others]) => isJsonObject(others) && Object.keys(others).length > 0);
  if (said.length > 0) rest.set('columns', Object.fromEntries(said));
  const columns = columnsAfter(before.columns, list, replaces);
  const isOther = columns.length !== before.columns.length || list.add.some(({ type }) => type !== undefined);
  if (isOther || replaces) {
    patch.columns = replaces
      ? { mode: 'state', list: list.add }
      : { mode: 'delta', add: list.add, remove: list.remove };
    places.push({ field: 'existence', path: '/columns' });
  }
  return { patch, rest: Object.fromEntries(rest), columns, places };
}
