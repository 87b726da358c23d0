/**
 * Two layers of an asset: what its sources say, and what people say over it. A document holds what counts, and beside it
 * what people have said with what lies under it, so that either layer can be changed without the other: `uncovered` takes
 * the layer of people off, a source changes what it then finds, and `covered` lays it on again. Both are pure, and what
 * `covered` gives depends on the two layers alone, never on who spoke first.
 */
import { normalTag } from '../event/normal-text.ts';
import { inTagOrder } from './apply-list.ts';
import { hubConnector } from './change.ts';
import type { Content } from './content.ts';
import type {
  AssetDocument,
  Column,
  Curated,
  CuratedColumn,
  CuratedMember,
  CuratedTag,
  CuratedValue,
  Owner,
  Property,
  SourcedClassification,
} from './document.ts';

/** What people say of an asset: of itself, and of its columns by their names. */
export interface Layer {
  readonly own: Omit<Curated, 'absentColumns'>;
  readonly columns: ReadonlyMap<string, CuratedColumn>;
}

export const emptyLayer: Layer = { own: {}, columns: new Map() };

type Asset = Content<AssetDocument>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const keyOfOwner = ({ id }: Owner): string => id;
export const keyOfTerm = (term: string): string => term;
export const keyOfProperty = ({ key }: Property): string => key;

/** The property of a member whose item is the value. */
export function propertyMember({ key, value, ...said }: CuratedMember<Property['value']>): CuratedMember<Property> {
  const { source, ...rest } = said;
  return {
    ...rest,
    key,
    value: value === null ? null : { key, value },
    ...(source === undefined ? {} : { source: { key, value: source } }),
  };
}

/** The opposite of {@link propertyMember}. */
export function valueMember({ value, source, ...rest }: CuratedMember<Property>): CuratedMember<Property['value']> {
  return {
    ...rest,
    value: value === null ? null : value.value,
    ...(source === undefined ? {} : { source: source.value }),
  };
}

/** The list as the sources have it. */
function uncoveredList<Item>(
  items: readonly Item[],
  members: readonly CuratedMember<Item>[] = [],
  keyOf: (item: Item) => string,
): readonly Item[] {
  if (members.length === 0) return items;
  const byKey = new Map(members.map((member) => [member.key, member]));
  const present = items.flatMap((item) => {
    const member = byKey.get(keyOf(item));
    if (member === undefined) return [item];
    return member.source === undefined ? [] : [member.source];
  });
  return [
    ...present,
    ...members.flatMap(({ value, source }) => (value === null && source !== undefined ? [source] : [])),
  ];
}

interface CoveredList<Item> {
  readonly items: readonly Item[];
  readonly members: readonly CuratedMember<Item>[];
}

function coveredList<Item>(
  source: readonly Item[],
  members: readonly CuratedMember<Item>[],
  keyOf: (item: Item) => string,
): CoveredList<Item> {
  const bySource = new Map(source.map((item) => [keyOf(item), item]));
  const byKey = new Map(members.map((member) => [member.key, member]));
  const kept = source.flatMap((item) => {
    const member = byKey.get(keyOf(item));
    return member === undefined ? [item] : member.value === null ? [] : [member.value];
  });
  const added = members.flatMap(({ key, value }) => (value === null || bySource.has(key) ? [] : [value]));
  return { items: [...kept, ...added], members: members.map((member) => memberOver(member, bySource.get(member.key))) };
}

/** The same word over another source. */
function overSource<Value>(word: CuratedValue<Value>, source: Value | undefined): CuratedValue<Value> {
  const { source: _before, ...rest } = word;
  return source === undefined ? rest : { ...rest, source };
}

function memberOver<Item>(member: CuratedMember<Item>, source: Item | undefined): CuratedMember<Item> {
  return { ...overSource(member, source), key: member.key };
}

function uncoveredTags(
  items: readonly SourcedClassification[],
  tags: readonly CuratedTag[] = [],
): readonly SourcedClassification[] {
  if (tags.length === 0) return items;
  const others = items.filter(({ connector }) => connector !== hubConnector);
  return inTagOrder([...others, ...tags.flatMap(({ hidden }) => hidden)]);
}

interface CoveredTags {
  readonly items: readonly SourcedClassification[];
  readonly tags: readonly CuratedTag[];
}

/** A connector that stops to confirm a tag is not overruled any more: if it confirms it again, that counts. */
function overSources(tag: CuratedTag, said: readonly SourcedClassification[]): CuratedTag {
  const { overruled: before = [], hidden: _hidden, ...rest } = tag;
  const confirming = new Set(said.flatMap(({ state, connector }) => (state === 'confirmed' ? [connector] : [])));
  const overruled = before.filter((connector) => confirming.has(connector));
  const hidden = said.filter(({ state, connector }) => state === 'suggested' || overruled.includes(connector));
  return { ...rest, ...(overruled.length === 0 ? {} : { overruled }), hidden };
}

function entryOf({ scheme, name, level }: CuratedTag): SourcedClassification {
  const entry = { scheme, name, origin: 'manual', state: 'confirmed', connector: hubConnector } as const;
  return level === undefined ? entry : { ...entry, level };
}

function coveredTags(source: readonly SourcedClassification[], before: readonly CuratedTag[]): CoveredTags {
  const tags = before.map((tag) => {
    const key = normalTag(tag);
    return overSources(
      tag,
      source.filter((item) => normalTag(item) === key),
    );
  });
  const hidden = new Set(tags.flatMap((tag) => tag.hidden));
  const own = tags.filter(({ state }) => state === 'confirmed').map(entryOf);
  return { items: inTagOrder([...source.filter((item) => !hidden.has(item)), ...own]), tags };
}

function uncoveredColumn(column: Column): Column {
  const { curated, ...rest } = column;
  if (curated === undefined) return column;
  const bare: Writable<Column> = {
    ...rest,
    classifications: uncoveredTags(rest.classifications, curated.classifications),
  };
  if (curated.description !== undefined) putText(bare, 'description', curated.description.source);
  return bare;
}

function coveredColumn(column: Column, layer: CuratedColumn | undefined): Column {
  if (layer === undefined) return column;
  const result: Writable<Column> = { ...column };
  const curated: Writable<CuratedColumn> = {};
  if (layer.description !== undefined) {
    curated.description = overSource(layer.description, column.description);
    putText(result, 'description', layer.description.value);
  }
  if (layer.classifications !== undefined) {
    const { items, tags } = coveredTags(column.classifications, layer.classifications);
    result.classifications = items;
    curated.classifications = tags;
  }
  result.curated = curated;
  return result;
}

function putText<Field extends string>(
  target: { [K in Field]?: string },
  field: Field,
  value: string | null | undefined,
): void {
  if (value === undefined || value === null) delete target[field];
  else target[field] = value;
}

/** The layer of people of a document. */
export function layerOf({ curated = {}, columns }: Pick<AssetDocument, 'curated' | 'columns'>): Layer {
  const { absentColumns = [], ...own } = curated;
  const present = columns.flatMap(({ name, curated: said }) => (said === undefined ? [] : [[name, said] as const]));
  const absent = absentColumns.map(({ name, ...said }) => [name, said] as const);
  return { own, columns: new Map([...present, ...absent]) };
}

function uncoveredLists(asset: Asset, own: Layer['own']): Partial<Writable<Asset>> {
  return {
    owners: uncoveredList(asset.owners, own.owners, keyOfOwner),
    terms: uncoveredList(asset.terms, own.terms, keyOfTerm),
    properties: inKeyOrder(uncoveredList(asset.properties, own.properties?.map(propertyMember), keyOfProperty)),
    classifications: uncoveredTags(asset.classifications, own.classifications),
  };
}

function inKeyOrder(properties: readonly Property[]): readonly Property[] {
  return properties.toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

/** The asset as its sources alone say it; the same object if people say nothing of it. */
export function uncovered<A extends Asset>(asset: A): A {
  const { curated } = asset;
  if (curated === undefined) return asset;
  const { description, domain, status } = curated;
  const bare: A & Writable<Asset> = { ...asset, ...uncoveredLists(asset, curated) };
  bare.columns = asset.columns.map(uncoveredColumn);
  if (description !== undefined) putText(bare, 'description', description.source);
  if (domain !== undefined) putText(bare, 'domain', domain.source);
  if (status?.source !== undefined && isInUse(asset.status)) bare.status = status.source;
  delete bare.curated;
  return bare;
}

function isInUse(status: Asset['status']): status is 'active' | 'deprecated' {
  return status === 'active' || status === 'deprecated';
}

function coverValues(result: Writable<Asset>, curated: Writable<Curated>, own: Layer['own']): void {
  for (const field of ['description', 'domain'] as const) {
    const said = own[field];
    if (said === undefined) continue;
    curated[field] = overSource(said, result[field]);
    putText(result, field, said.value);
  }
  if (own.status === undefined) return;
  const { status } = result;
  curated.status = overSource(own.status, isInUse(status) ? status : own.status.source);
  if (isInUse(status) && own.status.value !== null) result.status = own.status.value;
}

function coverLists(result: Writable<Asset>, curated: Writable<Curated>, own: Layer['own']): void {
  if (own.owners !== undefined) {
    const { items, members } = coveredList(result.owners, own.owners, keyOfOwner);
    [result.owners, curated.owners] = [items, members];
  }
  if (own.terms !== undefined) {
    const { items, members } = coveredList(result.terms, own.terms, keyOfTerm);
    [result.terms, curated.terms] = [items, members];
  }
  if (own.properties !== undefined) {
    const { items, members } = coveredList(result.properties, own.properties.map(propertyMember), keyOfProperty);
    [result.properties, curated.properties] = [inKeyOrder(items), members.map(valueMember)];
  }
  if (own.classifications !== undefined) {
    const { items, tags } = coveredTags(result.classifications, own.classifications);
    [result.classifications, curated.classifications] = [items, tags];
  }
}

/** What the sources say, with the layer of people over it: what counts. */
export function covered(source: Asset, { own, columns }: Layer): Asset {
  if (columns.size === 0 && Object.keys(own).length === 0) return source;
  const result: Writable<Asset> = { ...source };
  const curated: Writable<Curated> = {};
  coverValues(result, curated, own);
  coverLists(result, curated, own);
  result.columns = source.columns.map((column) => coveredColumn(column, columns.get(column.name)));
  const present = new Set(source.columns.map(({ name }) => name));
  const absent = [...columns].filter(([name]) => !present.has(name)).map(([name, said]) => ({ name, ...said }));
  if (absent.length > 0) curated.absentColumns = absent;
  // also where only columns have some: without it nobody looks at them
  result.curated = curated;
  return result;
}
