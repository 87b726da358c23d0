/**
 * A JSON Patch (RFC 6902) of the keyed form of an asset, as the merge patch (RFC 7396) that says the same. All changes by
 * people are merge patches: they commute, and what is judged is one thing. The operations are carried out on the asset as
 * its author sees it, so that `test` and what has to exist are checked, and what each of them says is collected.
 */
import { isJsonList, isJsonObject, type JsonObject, type JsonValue, sameJson } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { PatchOperation } from '../contract/json-patch-schema.ts';

type Path = readonly string[];

/** Of all values that the operations of a patch put somewhere: about what a merge patch may have. */
const maxPatchSize = 64 * 1024;

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** A column may be named by its key, too, as changes in events name it. */
function pathOf(pointer: string, asset: JsonValue): Path {
  const path = pointer === '' ? [] : pointer.slice(1).split('/').map(unescaped);
  const [field, key = '', ...rest] = path;
  const columns = memberOf(asset, 'columns');
  if (field !== 'columns' || !isJsonObject(columns) || Object.hasOwn(columns, key)) return path;
  const named = Object.keys(columns).find((name) => memberOf(columns[name], 'key') === key);
  return named === undefined ? path : [field, named, ...rest];
}

function isBefore(outer: Path, inner: Path): boolean {
  return outer.length < inner.length && outer.every((part, index) => part === inner[index]);
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (isJsonList(value)) return /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function valueAt(root: JsonValue, path: Path): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(memberOf, root);
}

/** The value with one place changed; undefined removes it. Objects are made without setters: a key may be `__proto__`. */
function changedAt(value: JsonValue | undefined, path: Path, next: JsonValue | undefined, inserts: boolean): JsonValue {
  const [key = '', ...rest] = path;
  const inner = (): JsonValue | undefined =>
    rest.length === 0 ? next : changedAt(memberOf(value, key), rest, next, inserts);
  if (isJsonList(value)) {
    const index = key === '-' ? value.length : Number(key);
    const isNew = inserts && rest.length === 0;
    const made = inner();
    return value.toSpliced(index, isNew ? 0 : 1, ...(made === undefined ? [] : [made]));
  }
  const members = Object.entries(isJsonObject(value) ? value : {}).filter(([name]) => name !== key);
  const made = inner();
  return Object.fromEntries(made === undefined ? members : [...members, [key, made]]);
}

/** Members that are gone when what they are in is replaced by something without them; others, as the origin of a tag, stay. */
function isRemovable([field = '', , third, ...rest]: Path): boolean {
  if (field === 'properties') return true;
  if (third === undefined) return true;
  if (field === 'owners') return third === 'role';
  return (
    field === 'columns' &&
    (rest.length === 0 ? third === 'description' : third === 'classifications' && rest.length === 1)
  );
}

/** Merge patches have no way to say it. */
function hasNull(value: JsonValue): boolean {
  return value === null || (isJsonObject(value) && Object.values(value).some(hasNull));
}

/** What has to be merged into the value before, so that it becomes the next. */
function replacing(before: JsonValue | undefined, next: JsonValue, path: Path): JsonValue {
  if (!isJsonObject(next) || !isJsonObject(before)) return next;
  const said = Object.entries(next).filter(([key, value]) => !sameJson(memberOf(before, key), value));
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(next, key) && isRemovable([...path, key]));
  return Object.fromEntries([
    ...said.map(([key, value]) => [key, replacing(memberOf(before, key), value, [...path, key])]),
    ...gone.map((key) => [key, null]),
  ]);
}

/** Characters of the texts and keys of a value, and its members; of one that has more than `most`, some number above it. */
function sizeUpTo(most: number, value: JsonValue): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  for (const [key, member] of Object.entries(value)) {
    size += key.length + sizeUpTo(most - size, member);
    if (size > most) return size;
  }
  return size;
}

/** Two merge patches of different places as one. */
function merged(first: JsonValue | undefined, second: JsonValue): JsonValue {
  if (!isJsonObject(second) || !isJsonObject(first)) return second;
  const members = new Map(Object.entries(first));
  for (const [key, value] of Object.entries(second)) members.set(key, merged(members.get(key), value));
  return Object.fromEntries(members);
}

function nested(path: Path, value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((inner, key) => Object.fromEntries([[key, inner]]), value);
}

function unmet(pointer: string, problem: string): HubError {
  return new HubError('precondition-failed', `${pointer}: ${problem}`, { publicDetails: { path: pointer } });
}

function invalid(pointer: string, problem: string): HubError {
  return new HubError('invalid-request', `${pointer}: ${problem}`, { publicDetails: { path: pointer } });
}

/** The asset after some of the operations, and the places of which they have said something. */
class Progress {
  readonly #before: JsonObject;
  readonly #places: Path[] = [];
  #size = 0;
  now: JsonValue;

  constructor(asset: JsonObject) {
    this.#before = asset;
    this.now = asset;
  }

  /** What the places have to be told, so that they become what they are now. */
  get said(): JsonObject {
    const outermost = this.#places.filter((path) => !this.#places.some((other) => isBefore(other, path)));
    const parts = outermost.flatMap((path) => {
      const [before, now] = [valueAt(this.#before, path), valueAt(this.now, path)];
      if (now !== undefined) return [nested(path, replacing(before, now, path))];
      return before === undefined ? [] : [nested(path, null)];
    });
    const all = parts.reduce<JsonValue>(merged, {});
    return isJsonObject(all) ? all : {};
  }

  at(pointer: string, path: Path): JsonValue {
    const value = valueAt(this.now, path);
    if (value === undefined) throw unmet(pointer, 'there is no such member, or you may not see it');
    return value;
  }

  set(pointer: string, path: Path, next: JsonValue | undefined, inserts: boolean): void {
    if (path.length === 0) throw invalid(pointer, 'the asset as a whole is replaced with PUT, and deleted with DELETE');
    if (next !== undefined) this.#count(pointer, next);
    if (next !== undefined && hasNull(next)) throw invalid(pointer, 'null cannot be kept; use "remove"');
    this.#assertParent(pointer, path, inserts);
    this.#places.push(this.#placeOf(path));
    this.now = changedAt(this.now, path, next, inserts);
  }

  /** Before anything walks it: what copies say of copies doubles with each operation. */
  #count(pointer: string, next: JsonValue): void {
    this.#size += sizeUpTo(maxPatchSize - this.#size, next);
    if (this.#size > maxPatchSize)
      throw invalid(pointer, `the values of a patch, with all copies, may have ${maxPatchSize} characters together`);
  }

  /** A list is one value to a merge patch: what changes in it is said as the whole list. */
  #placeOf(path: Path): Path {
    const end = path.findIndex((_, index) => isJsonList(valueAt(this.now, path.slice(0, index))));
    return end < 0 ? path : path.slice(0, end);
  }

  #assertParent(pointer: string, path: Path, inserts: boolean): void {
    const parent = valueAt(this.now, path.slice(0, -1));
    if (isJsonObject(parent)) return;
    if (!isJsonList(parent)) throw unmet(pointer, 'there is nothing that has such a member, or you may not see it');
    const key = path.at(-1) ?? '';
    const isIndex = /^(?:0|[1-9]\d*)$/.test(key) && Number(key) < parent.length + (inserts ? 1 : 0);
    if (!isIndex && !(inserts && key === '-')) throw invalid(pointer, 'no such index');
  }
}

function carryOut(progress: Progress, operation: PatchOperation): void {
  const { op, path: pointer } = operation;
  const path = pathOf(pointer, progress.now);
  switch (op) {
    case 'test':
      if (!sameJson(progress.at(pointer, path), operation.value)) throw unmet(pointer, 'it is not what the test says');
      return;
    case 'add':
      return progress.set(pointer, path, operation.value, true);
    case 'replace':
      progress.at(pointer, path);
      return progress.set(pointer, path, operation.value, false);
    case 'remove':
      progress.at(pointer, path);
      return progress.set(pointer, path, undefined, false);
    case 'copy':
      return progress.set(pointer, path, progress.at(operation.from, pathOf(operation.from, progress.now)), true);
    case 'move': {
      const from = pathOf(operation.from, progress.now);
      if (isBefore(from, path)) throw invalid(pointer, 'a member cannot be moved into itself');
      const value = progress.at(operation.from, from);
      progress.set(operation.from, from, undefined, false);
      return progress.set(pointer, path, value, true);
    }
  }
}

/**
 * The merge patch that has the effect of the operations on this asset.
 * @param asset its keyed form, as whoever patches it sees it
 * @throws HubError precondition-failed for a test that fails and for what is not there, invalid-request
 */
export function mergePatchOf(operations: readonly PatchOperation[], asset: JsonObject): JsonObject {
  const progress = new Progress(asset);
  for (const operation of operations) carryOut(progress, operation);
  return progress.said;
}
