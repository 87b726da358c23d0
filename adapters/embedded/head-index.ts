import { isGone } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import { spreadHash } from '../../channels/event/hash.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { indexedAs } from '../../channels/subscription/term.ts';

/** Documents are found by the values of these. */
const indexedFields = [
  'refs',
  'tags',
  'owners',
  'domain',
  'platform',
  'type',
  'connector',
  'status',
  'kind',
] as const satisfies readonly (keyof Head)[];

const indexed: ReadonlySet<string> = new Set(indexedFields);
/** Longer names are found by their beginning. */
const nameLength = 64;
const nameEnd = '\t';

/** What a name is found by: without control characters, which end it in an entry, and not cut within a character. */
function beginningOf(name: string): string {
  return name
    .slice(0, nameLength)
    .replaceAll(/\p{Cc}/gu, ' ')
    .replace(/[\ud800-\udbff]$/, '');
}

/** Name of the list of the documents that have the value: short, and without the separator. */
function listOf(tenant: string, field: string, value: string): string {
  const [high, low] = spreadHash(`${field}=${value}`);
  return `${tenant}|${high}.${low}`;
}

/** The names of all documents, each with its urn behind. */
export function namesOf(tenant: string): string {
  return `${tenant}|name`;
}

export function nameEntry(name: string, urn: string): string {
  return `${beginningOf(name)}${nameEnd}${urn}`;
}

export function urnOfName(entry: string): string {
  return entry.slice(entry.indexOf(nameEnd) + 1);
}

/** The same for two heads only if these are found by the same. */
export function markOf(head: Head): string {
  if (isGone(head)) return '';
  let text = beginningOf(head.name);
  for (const field of indexedFields) {
    const value = head[field];
    text += `\n${typeof value === 'string' ? value : (value ?? []).join('\r')}`;
  }
  const [high, low] = spreadHash(text);
  return `${high}.${low}`;
}

/** The lists that a document is in, each with what it is there. None for a deleted one. */
export function entriesOf(head: Head): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  if (isGone(head)) return entries;
  const { tenant, urn } = head;
  for (const field of indexedFields) {
    const value = head[field];
    if (value === null) continue;
    for (const item of typeof value === 'string' ? [value] : value) entries.set(listOf(tenant, field, item), urn);
  }
  entries.set(namesOf(tenant), nameEntry(head.name, urn));
  return entries;
}

/** Where every match of a filter is: in one of these lists of urns, or among the names that begin so. */
export type Source =
  | { readonly kind: 'lists'; readonly lists: readonly string[] }
  | { readonly kind: 'names'; readonly prefix: string };

function comparison(filter: Filter, tenant: string): readonly Source[] {
  if (filter.op === 'eq' || filter.op === 'in') {
    const values = 'values' in filter ? filter.values : [filter.value];
    const texts = values.filter((value) => typeof value === 'string');
    if (texts.length < values.length) return [];
    const field = indexedAs(filter.field);
    if (indexed.has(field)) return [{ kind: 'lists', lists: texts.map((value) => listOf(tenant, field, value)) }];
    const [only] = texts;
    return filter.field === 'name' && texts.length === 1 && only !== undefined
      ? [{ kind: 'names', prefix: beginningOf(only) }]
      : [];
  }
  return filter.op === 'startsWith' && filter.field === 'name'
    ? [{ kind: 'names', prefix: beginningOf(filter.value) }]
    : [];
}

/** Everywhere that all matches of the filter are in; none where all documents must be looked at. */
export function sourcesOf(filter: Filter, tenant: string): readonly Source[] {
  if (filter.op === 'and') return filter.args.flatMap((arg) => sourcesOf(arg, tenant));
  if (filter.op !== 'or') return comparison(filter, tenant);
  const each = filter.args.map((arg) => sourcesOf(arg, tenant).find(({ kind }) => kind === 'lists'));
  const lists = each.flatMap((source) => (source?.kind === 'lists' ? [source.lists] : []));
  return lists.length < filter.args.length ? [] : [{ kind: 'lists', lists: lists.flat() }];
}

/** Documents of one kind are counted by their list. */
export function kindList(tenant: string, kind: string): string {
  return listOf(tenant, 'kind', kind);
}
