import type { ElementKey } from './content.ts';
import type { JsonValue } from '../event/json.ts';
import { tagText } from '../event/head.ts';
import { withMembers } from '../event/with-members.ts';
import type { ClassificationChange, ClassificationKey, ColumnPatch, ListChange } from './change.ts';
import type { Classification, Column, Property, QualityResult, SourcedClassification } from './document.ts';

/** Names of the classifications that one implies, in its scheme. */
export type ParentsOf = (scheme: string, name: string) => readonly string[];

/** Applies a state or delta to a list whose items have a key. State keeps the source's order, delta appends. */
export function applyList<Item, Key>(
  current: readonly Item[],
  change: ListChange<Item, Key>,
  keyOf: (item: Item | Key) => string,
): readonly Item[] {
  const items = change.mode === 'state' ? change.list : [...current, ...change.add];
  const removed = new Set(change.mode === 'state' ? [] : change.remove.map(keyOf));
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  return [...byKey].filter(([key]) => !removed.has(key)).map(([, item]) => item);
}

function tagKey(item: ClassificationKey): string {
  return tagText(item.scheme, item.name);
}

/** All classifications that `of` implies, however far up. */
function ancestors(of: ClassificationKey, parentsOf: ParentsOf): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [of.name];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const parent of parentsOf(of.scheme, name)) {
      if (!found.has(parent) && parent !== of.name) {
        found.add(parent);
        open.push(parent);
      }
    }
  }
  return new Set([...found].map((name) => tagKey({ scheme: of.scheme, name })));
}

/**
 * Some catalogs list the super-types of each tag as tags of their own; those are implied, not said. Tags that imply
 * each other (a cycle in someone's definitions) all stay: dropping them would drop what was said.
 */
function withoutImplied(list: readonly Classification[], parentsOf: ParentsOf): readonly Classification[] {
  const above = new Map(list.map((item) => [tagKey(item), ancestors(item, parentsOf)]));
  const implies = (one: string, other: string): boolean => above.get(one)?.has(other) === true;
  return list.filter((item) => {
    const key = tagKey(item);
    return ![...above.keys()].some((other) => implies(other, key) && !implies(key, other));
  });
}

/**
 * A connector's word on classifications. Only entries of the same connector are touched: nobody's state erases
 * another's tag.
 */
export function applyClassifications(
  current: readonly SourcedClassification[],
  change: ClassificationChange,
  connector: string,
  parentsOf: ParentsOf,
): readonly SourcedClassification[] {
  const own = current.filter((item) => item.connector === connector);
  const said = change.mode === 'state' ? { ...change, list: withoutImplied(change.list, parentsOf) } : change;
  const next = applyList<Classification, ClassificationKey>(
    own.map(({ connector: _, ...item }) => item),
    said,
    tagKey,
  );
  return inTagOrder([
    ...current.filter((item) => item.connector !== connector),
    ...next.map((item) => withMembers(item, { connector })),
  ]);
}

/** By tag, then by connector, so that the order of who spoke does not matter. */
export function inTagOrder(items: readonly SourcedClassification[]): readonly SourcedClassification[] {
  return items.toSorted((a, b) => (`${tagKey(a)} ${a.connector}` < `${tagKey(b)} ${b.connector}` ? -1 : 1));
}

interface ColumnContext {
  readonly version: number;
  readonly connector: string;
  readonly parentsOf: ParentsOf;
  readonly elementKey: ElementKey;
}

function patchColumn(current: Column | undefined, patch: ColumnPatch, context: ColumnContext): Column {
  const key = current?.key ?? context.elementKey(`/columns/${context.version}/${patch.name}`);
  const type = patch.type === undefined ? current?.type : (patch.type ?? undefined);
  const description = patch.description === undefined ? current?.description : (patch.description ?? undefined);
  const held = current?.classifications ?? [];
  return {
    key,
    name: patch.name,
    ...(type === undefined ? {} : { type }),
    ...(description === undefined ? {} : { description }),
    classifications:
      patch.classifications === undefined
        ? held
        : applyClassifications(held, patch.classifications, context.connector, context.parentsOf),
  };
}

/** Columns are known by name to sources and by key to everyone else; a column that stays keeps its key. */
export function applyColumns(
  current: readonly Column[],
  change: ListChange<ColumnPatch, string>,
  context: ColumnContext,
): readonly Column[] {
  const byName = new Map(current.map((column) => [column.name, column]));
  const patched = (patch: ColumnPatch): Column => patchColumn(byName.get(patch.name), patch, context);
  if (change.mode === 'state')
    return applyList<Column, never>([], { mode: 'state', list: change.list.map(patched) }, (column) => column.name);
  const next = new Map(byName);
  for (const patch of change.add) next.set(patch.name, patchColumn(next.get(patch.name), patch, context));
  for (const name of change.remove) next.delete(name);
  return [...next.values()];
}

/** Merges by key; `null` removes. Sorted by key, so that the order of a source's object says nothing. */
export function applyProperties(
  current: readonly Property[],
  patch: { readonly [key: string]: JsonValue | null },
): readonly Property[] {
  const next = new Map(current.map((property) => [property.key, property.value]));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return [...next].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }));
}

export function applyQuality(
  current: readonly QualityResult[],
  results: readonly QualityResult[],
): readonly QualityResult[] {
  const next = new Map([...current, ...results].map((result) => [result.check, result]));
  return [...next.values()].toSorted((a, b) => (a.check < b.check ? -1 : 1));
}
