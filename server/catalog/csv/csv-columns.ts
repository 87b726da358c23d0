import { isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { listCell } from './csv-cell.ts';

export const csvColumns = [
  ...(['urn', 'etag', 'type', 'name', 'status', 'domain', 'description', 'owners', 'terms', 'tags'] as const),
] as const;
/** A column of a file of assets. */
export type CsvColumn = (typeof csvColumns)[number];
/** Columns that say something of the asset, beside which one it is. */
export type CsvField = Exclude<CsvColumn, 'urn' | 'etag'>;

function isCsvColumn(name: string): name is CsvColumn {
  return csvColumns.some((column) => column === name);
}

/** Names of columns, each of which there is, and once. `where`: as in errors. @throws HubError invalid-request */
export function csvColumnsOf(names: readonly string[], where: string): readonly CsvColumn[] {
  const columns = names.filter(isCsvColumn);
  const wrong = names.find((name, index) => !isCsvColumn(name) || names.indexOf(name) !== index);
  if (wrong === undefined) return columns;
  const problem = isCsvColumn(wrong) ? 'is there twice' : `is no column; there are ${csvColumns.join(', ')}`;
  throw new HubError('invalid-request', `${where}: ${JSON.stringify(wrong.slice(0, 100))} ${problem}`);
}

/** The members of a list in keyed form. */
export function membersIn(keyed: JsonObject, name: string): readonly (readonly [key: string, member: JsonObject])[] {
  const list = keyed[name];
  if (!isJsonObject(list)) return [];
  return Object.entries(list).map(([key, member]) => [key, isJsonObject(member) ? member : {}]);
}

const kindOfOwner = /^(?:user|group):/;

/** A user is written by id, a group as `group:<id>`. */
export function ownerText(id: string, type: JsonValue | undefined): string {
  if (type === 'group') return `group:${id}`;
  return kindOfOwner.test(id) ? `user:${id}` : id;
}

/** What {@link ownerText} was given. */
export function ownerIn(text: string): { readonly id: string; readonly type: 'user' | 'group' } {
  return { id: text.replace(kindOfOwner, ''), type: text.startsWith('group:') ? 'group' : 'user' };
}

/** Tags that count, of an asset in keyed form; suggestions are decided elsewhere. */
export function confirmedTags(keyed: JsonObject): readonly string[] {
  return membersIn(keyed, 'classifications').flatMap(([tag, { state }]) => (state === 'confirmed' ? [tag] : []));
}

/** What a cell of the asset has, in keyed form. */
export function cellOf(keyed: JsonObject, field: Exclude<CsvColumn, 'etag'>): string {
  switch (field) {
    case 'owners':
      return listCell(membersIn(keyed, field).map(([id, { type }]) => ownerText(id, type)));
    case 'terms':
      return listCell(membersIn(keyed, field).map(([id]) => id));
    case 'tags':
      return listCell(confirmedTags(keyed));
    default: {
      const value = keyed[field];
      return typeof value === 'string' ? value : '';
    }
  }
}
