import { sameJson } from '../event/json.ts';
import { normalTag } from '../event/normal-text.ts';
import type { CurationOfColumn, CurationOfTag, CurationPatch, TagWord, Word } from './change.ts';
import type { Content } from './content.ts';
import { keyOfOwner, keyOfProperty, keyOfTerm, type Layer, propertyMember, valueMember } from './cover.ts';
import { highestLevel } from './curated-facts.ts';
import type {
  AssetDocument,
  CuratedColumn,
  CuratedMember,
  CuratedTag,
  CuratedValue,
  SourcedClassification,
} from './document.ts';

/** Who speaks, and when. */
export interface Speaker {
  readonly by: string;
  readonly at: string;
}

interface Scope extends Speaker {
  readonly replaces: boolean;
  readonly mayDeclassify: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What people say of a value from now on. Saying what counts already is nothing new. */
function curatedValue<Value>(
  before: CuratedValue<Value> | undefined,
  word: Value | null | undefined,
  source: Value | undefined,
  { by, at, replaces }: Scope,
): CuratedValue<Value> | undefined {
  if (word === undefined) return replaces ? undefined : before;
  if (word === null) return undefined;
  const value = word === '' ? null : word;
  if (before !== undefined && before.value === value) return before;
  if (before === undefined && value === (source ?? null)) return undefined;
  return { value, by, at };
}

function curatedMember<Item>(
  before: CuratedMember<Item> | undefined,
  { key, value }: Word<Item>,
  source: Item | undefined,
  { by, at }: Scope,
): CuratedMember<Item> | undefined {
  if (value === null) {
    if (before?.value === null) return before;
    return source === undefined ? undefined : { key, value, by, at };
  }
  if (before !== undefined && sameJson(before.value, value)) return before;
  return source !== undefined && sameJson(source, value) ? undefined : { key, value, by, at };
}

function sorted<Item>(byKey: ReadonlyMap<string, Item>): readonly Item[] {
  return [...byKey].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
}

/** undefined: nothing is said of any member. */
function curatedList<Item>(
  before: readonly CuratedMember<Item>[] = [],
  words: readonly Word<Item>[] | undefined,
  source: ReadonlyMap<string, Item>,
  scope: Scope,
): readonly CuratedMember<Item>[] | undefined {
  const named = words ?? [];
  const held = new Map(before.map((member) => [member.key, member]));
  const next = new Map(scope.replaces ? [] : held);
  for (const word of named) {
    const member = curatedMember(held.get(word.key), word, source.get(word.key), scope);
    if (member === undefined) next.delete(word.key);
    else next.set(word.key, member);
  }
  return next.size === 0 ? undefined : sorted(next);
}

/**
 * A confirmation keeps the level of what it confirms: it must not protect less than the suggestion did. Who names a level
 * and may lower protection decides it against all suggestions.
 */
function confirmation(
  tag: CurationOfTag,
  word: TagWord,
  said: readonly SourcedClassification[],
  scope: Scope,
): CuratedTag {
  const level = word.level ?? highestLevel(said);
  return {
    ...factsOf(tag, word, scope),
    state: 'confirmed',
    ...(level === undefined ? {} : { level }),
    ...(word.level !== undefined && scope.mayDeclassify ? { declassified: true } : {}),
    hidden: [],
  };
}

function factsOf(
  { scheme, name }: CurationOfTag,
  { reason }: TagWord,
  { by, at }: Scope,
): Pick<CuratedTag, 'scheme' | 'name' | 'reason' | 'by' | 'at'> {
  return { scheme, name, by, at, ...(reason === undefined ? {} : { reason }) };
}

function rejection(
  tag: CurationOfTag,
  word: TagWord,
  said: readonly SourcedClassification[],
  scope: Scope,
): CuratedTag {
  const rejected = { ...factsOf(tag, word, scope), state: 'rejected', hidden: [] } as const;
  if (!scope.mayDeclassify) return rejected;
  const overruled = said.flatMap(({ state, connector }) => (state === 'confirmed' ? [connector] : [])).toSorted();
  return { ...rejected, declassified: true, ...(overruled.length === 0 ? {} : { overruled }) };
}

/** A rejection that would hide more than the one before says something new. */
function saysMore(after: CuratedTag, before: CuratedTag): boolean {
  if (after.state !== before.state) return true;
  if (after.state === 'confirmed')
    return after.level !== before.level || (after.declassified === true && before.declassified !== true);
  const overruled = before.overruled ?? [];
  return (
    (after.declassified === true && before.declassified !== true) ||
    (after.overruled ?? []).some((connector) => !overruled.includes(connector))
  );
}

function curatedTag(
  before: CuratedTag | undefined,
  tag: CurationOfTag,
  said: readonly SourcedClassification[],
  scope: Scope,
): CuratedTag | undefined {
  const { word } = tag;
  if (word === null) return undefined;
  // what was confirmed keeps its level unless another one is named
  if (before?.state === 'confirmed' && word.state === 'confirmed' && word.level === undefined) return before;
  const after = word.state === 'confirmed' ? confirmation(tag, word, said, scope) : rejection(tag, word, said, scope);
  return before === undefined || saysMore(after, before) ? after : before;
}

function curatedTags(
  before: readonly CuratedTag[] = [],
  words: readonly CurationOfTag[] | undefined,
  source: readonly SourcedClassification[],
  scope: Scope,
): readonly CuratedTag[] | undefined {
  const named = words ?? [];
  const held = new Map(before.map((tag) => [normalTag(tag), tag]));
  const next = new Map(scope.replaces ? [] : held);
  for (const word of named) {
    const key = normalTag(word);
    const said = source.filter((item) => normalTag(item) === key);
    const tag = curatedTag(held.get(key), word, said, scope);
    if (tag === undefined) next.delete(key);
    else next.set(key, tag);
  }
  return next.size === 0 ? undefined : sorted(next);
}

function curatedColumn(
  before: CuratedColumn | undefined,
  word: Omit<CurationOfColumn, 'name'>,
  source: { readonly description?: string; readonly classifications: readonly SourcedClassification[] },
  scope: Scope,
): CuratedColumn | undefined {
  const description = curatedValue(before?.description, word.description, source.description, scope);
  const classifications = curatedTags(before?.classifications, word.classifications, source.classifications, scope);
  if (description === undefined && classifications === undefined) return undefined;
  return {
    ...(description === undefined ? {} : { description }),
    ...(classifications === undefined ? {} : { classifications }),
  };
}

/** What people say of columns that the source does not list stays as it is. */
function curatedColumns(
  before: Layer['columns'],
  words: readonly CurationOfColumn[],
  source: Content<AssetDocument>['columns'],
  scope: Scope,
): Layer['columns'] {
  const named = new Map(words.map((word) => [word.name, word]));
  const next = new Map(before);
  for (const column of source) {
    const word = named.get(column.name);
    if (word === undefined && !scope.replaces) continue;
    const curated = curatedColumn(before.get(column.name), word ?? {}, column, scope);
    if (curated === undefined) next.delete(column.name);
    else next.set(column.name, curated);
  }
  return next;
}

function byKey<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [keyOf(item), item]));
}

/**
 * What people say of an asset after one of them has spoken, over what its sources say. Words of different people on
 * different members give the same in any order.
 */
export function curate(
  { own, columns }: Layer,
  patch: CurationPatch,
  source: Content<AssetDocument>,
  speaker: Speaker,
): Layer {
  const { replaces = false, mayDeclassify = false } = patch;
  const scope = { ...speaker, replaces, mayDeclassify };
  const status = source.status === 'deprecated' ? 'deprecated' : 'active';
  const properties = patch.properties?.map(({ key, value }) => ({
    key,
    value: value === null ? null : { key, value },
  }));
  const sourced = {
    owners: byKey(source.owners, keyOfOwner),
    terms: byKey(source.terms, keyOfTerm),
    properties: byKey(source.properties, keyOfProperty),
  };
  const propertyMembers = curatedList(own.properties?.map(propertyMember), properties, sourced.properties, scope);
  const next: Writable<Layer['own']> = {};
  put(next, 'description', curatedValue(own.description, patch.description, source.description, scope));
  put(next, 'domain', curatedValue(own.domain, patch.domain, source.domain, scope));
  put(next, 'status', curatedValue(own.status, patch.status, status, scope));
  put(next, 'owners', curatedList(own.owners, patch.owners, sourced.owners, scope));
  put(next, 'terms', curatedList(own.terms, patch.terms, sourced.terms, scope));
  put(next, 'properties', propertyMembers?.map(valueMember));
  put(next, 'classifications', curatedTags(own.classifications, patch.classifications, source.classifications, scope));
  return { own: next, columns: curatedColumns(columns, patch.columns ?? [], source.columns, scope) };
}

function put<Field extends keyof Layer['own']>(
  own: Writable<Layer['own']>,
  field: Field,
  value: Layer['own'][Field] | undefined,
): void {
  if (value !== undefined) own[field] = value;
}
