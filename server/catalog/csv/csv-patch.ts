import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { tagText } from '../../../channels/event/head.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { listOf } from './csv-cell.ts';
import { cellOf, confirmedTags, type CsvField, membersIn, ownerIn, ownerText } from './csv-columns.ts';

/** Cells of a row that say something of the asset. */
export type CsvCells = Partial<Readonly<Record<CsvField, string>>>;

function itemsOf(cell: string, field: CsvField): readonly string[] {
  try {
    return listOf(cell);
  } catch {
    throw new HubError('invalid-request', `${field}: must be a list with semicolons between`);
  }
}

/** Members that the cell has and the asset has not, and the other way round. */
function changedMembers(
  held: readonly string[],
  wanted: readonly string[],
  { add, remove }: { readonly add: (item: string) => JsonValue; readonly remove: (item: string) => JsonValue },
): readonly (readonly [string, JsonValue])[] {
  return [
    ...held.filter((item) => !wanted.includes(item)).map((item) => [item, remove(item)] as const),
    ...wanted.filter((item) => !held.includes(item)).map((item) => [item, add(item)] as const),
  ];
}

function ownersPatch(keyed: JsonObject, cell: string): JsonObject {
  const held = membersIn(keyed, 'owners').map(([id, { type }]) => ownerText(id, type));
  const changed = changedMembers(held, itemsOf(cell, 'owners'), {
    add: (item) => ({ type: ownerIn(item).type }),
    remove: () => null,
  });
  // a user that becomes a group is removed and added: the later one counts
  return Object.fromEntries(changed.map(([item, member]) => [ownerIn(item).id, member]));
}

function termsPatch(keyed: JsonObject, cell: string): JsonObject {
  const held = membersIn(keyed, 'terms').map(([id]) => id);
  return Object.fromEntries(changedMembers(held, itemsOf(cell, 'terms'), { add: () => ({}), remove: () => null }));
}

/** Tags that only people have said: to say nothing of them takes them away. */
function tagsOfPeople({ curated }: JsonObject): readonly string[] {
  const said = isJsonObject(curated) ? curated['classifications'] : undefined;
  const added = isJsonObject(said) ? said['added'] : undefined;
  const tags = isJsonList(added) ? added.filter(isJsonObject) : [];
  return tags.flatMap(({ scheme, name, source }) =>
    source === undefined && typeof scheme === 'string' && typeof name === 'string' ? [tagText(scheme, name)] : [],
  );
}

function tagsPatch(keyed: JsonObject, cell: string): JsonObject {
  const ofPeople = tagsOfPeople(keyed);
  return Object.fromEntries(
    changedMembers(confirmedTags(keyed), itemsOf(cell, 'tags'), {
      add: () => ({ state: 'confirmed' }),
      remove: (tag) => (ofPeople.includes(tag) ? null : { state: 'rejected' }),
    }),
  );
}

function memberOf(keyed: JsonObject, field: CsvField, cell: string): readonly [string, JsonValue] {
  switch (field) {
    case 'owners':
      return [field, ownersPatch(keyed, cell)];
    case 'terms':
      return [field, termsPatch(keyed, cell)];
    case 'tags':
      return ['classifications', tagsPatch(keyed, cell)];
    case 'status':
      return [field, cell === '' ? null : cell];
    default:
      return [field, cell];
  }
}

function isField(name: string): name is CsvField {
  return name !== 'urn' && name !== 'etag';
}

/**
 * The merge patch that makes the asset, in keyed form as its author sees it, what the cells say. A cell that has what the asset
 * has says nothing, so that a file that comes back as it went out changes nothing. @throws HubError invalid-request
 */
export function patchOfCells(cells: CsvCells, keyed: JsonObject): JsonObject {
  const changed = Object.entries(cells).flatMap(([field, cell]) =>
    isField(field) && cell !== cellOf(keyed, field) ? [memberOf(keyed, field, cell)] : [],
  );
  const said = changed.filter(([, value]) => !isJsonObject(value) || Object.keys(value).length > 0);
  return Object.fromEntries(said);
}
