import { tagText } from '../event/head.ts';
import { isJsonList, isJsonObject, jsonOf, type JsonObject, type JsonValue } from '../event/json.ts';

type Keyed = readonly (readonly [key: string, member: JsonValue])[];

function textIn(item: JsonValue, name: string): string {
  const value = isJsonObject(item) ? item[name] : undefined;
  return typeof value === 'string' ? value : '';
}

function without(item: JsonValue, ...names: readonly string[]): JsonValue {
  if (!isJsonObject(item)) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}

/** Of several with a key the first counts. */
function keyed(list: JsonValue | undefined, entriesOf: (items: readonly JsonValue[]) => Keyed): JsonObject {
  return isJsonList(list) ? Object.fromEntries(entriesOf(list).toReversed()) : {};
}

const byId = (items: readonly JsonValue[]): Keyed => items.map((item) => [textIn(item, 'id'), without(item, 'id')]);
const byItself = (items: readonly JsonValue[]): Keyed =>
  items.flatMap((item) => (typeof item === 'string' ? [[item, {}]] : []));
const byCheck = (items: readonly JsonValue[]): Keyed =>
  items.map((item) => [textIn(item, 'check'), without(item, 'check')]);
const properties = (items: readonly JsonValue[]): Keyed =>
  items.map((item) => [textIn(item, 'key'), isJsonObject(item) ? (item['value'] ?? null) : null]);

/** Several connectors may have said one tag: a confirmation comes before suggestions. */
const byTag = (items: readonly JsonValue[]): Keyed =>
  items
    .toSorted((one, other) => (textIn(one, 'state') < textIn(other, 'state') ? -1 : 1))
    .map((item) => [tagText(textIn(item, 'scheme'), textIn(item, 'name')), without(item, 'scheme', 'name')]);

/** By name, as people know them; by their keys where names do not tell them apart. */
function byName(columns: readonly JsonValue[]): Keyed {
  const names = columns.map((column) => textIn(column, 'name'));
  const isUnique = names.every((name) => name !== '') && new Set(names).size === names.length;
  return columns.map((column) => {
    const members = isJsonObject(column) ? column : {};
    const classifications = keyed(members['classifications'], byTag);
    return [textIn(column, isUnique ? 'name' : 'key'), { ...members, classifications }];
  });
}

const keyings = {
  owners: byId,
  aliases: byItself,
  terms: byItself,
  properties,
  quality: byCheck,
  classifications: byTag,
  columns: byName,
  synonyms: byItself,
  relatedTerms: byItself,
  experts: byItself,
  members: byItself,
  parents: byItself,
  assignees: byItself,
} as const;

/**
 * An entity in the form in which it is patched: each of its lists is an object by the keys of its members, and these are the keys
 * that patches take. What people say of an asset (`curated`) is as in the plain form.
 */
export function keyedFormOf(entity: Readonly<Record<string, unknown>>): JsonObject {
  const plain = jsonOf(entity);
  if (!isJsonObject(plain)) return {};
  const lists = Object.entries(keyings).flatMap(([name, entriesOf]) => {
    const list = plain[name];
    return isJsonList(list) ? [[name, keyed(list, entriesOf)]] : [];
  });
  return { ...plain, ...Object.fromEntries(lists) };
}
