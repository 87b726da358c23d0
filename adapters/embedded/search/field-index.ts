import type { Head } from '../../../channels/event/head.ts';
import { canonicalJson, isJsonObject } from '../../../channels/event/json.ts';
import type { FacetCount, IndexRow } from '../../../channels/ports/search-index.ts';
import { frequentValues } from '../../../channels/search/facets.ts';
import { compileFields, type Fields, type FieldsPredicate } from '../../../channels/subscription/compile-filter.ts';
import type { Filter, FilterValue } from '../../../channels/subscription/filter.ts';
import { classificationLists, headFields } from '../../../channels/subscription/head-fields.ts';
import { Bits } from './bits.ts';
import { type Pieces, Piece } from './pieces.ts';
import type { PostingLists } from './posting-lists.ts';

type Value = string | number | boolean;

/** One value of a field: the documents that have it, and for whom. */
interface Entry {
  /** A classification is an object. */
  readonly value: unknown;
  readonly list: number;
}

/** The places of values that grants are judged on; below are the requirements of those that clients may see. */
export const rawPlace = 1 << 31;

const fieldNames = [...Object.keys(headFields), ...classificationLists];
const listFields: ReadonlySet<string> = new Set([
  ...classificationLists,
  ...fieldNames.filter((name) => headFields[name]?.list === true),
]);

type Leaf = Extract<Filter, { readonly field: string }>;

/** Values are found by themselves, and objects by their text. */
function keyOf(value: unknown): Value | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return isJsonObject(value) ? canonicalJson(value) : undefined;
}

function valuesOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  return Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
}

function entriesOf(entries: ReadonlyMap<Value, Entry>, values: readonly FilterValue[]): readonly Entry[] {
  return values.flatMap((value) => (value === null ? [] : (entries.get(value) ?? [])));
}

/** Tests a head in which a field has one value, without making one for each. */
function testOfValue(field: string, test: FieldsPredicate): (value: unknown) => boolean {
  const values: unknown[] = [];
  const fields = { [field]: values };
  return (value) => {
    values[0] = value;
    return test(fields);
  };
}

/** A comparison that holds because of a value, and whether it was turned round for that. */
function positive(leaf: Leaf): { readonly filter: Leaf; readonly isNegated: boolean } {
  switch (leaf.op) {
    case 'ne':
      return { filter: { ...leaf, op: 'eq' }, isNegated: true };
    case 'nin':
      return { filter: { ...leaf, op: 'in' }, isNegated: true };
    case 'exists':
      return { filter: { ...leaf, value: true }, isNegated: !leaf.value };
    default:
      return { filter: leaf, isNegated: false };
  }
}

/** The values of heads, each with the documents that have it. Answers filters as `compileFilter` does on each head. */
export class FieldIndex {
  readonly #lists: PostingLists;
  readonly #byField = new Map<string, Map<Value, Entry>>(fieldNames.map((name) => [name, new Map()]));

  constructor(lists: PostingLists) {
    this.#lists = lists;
  }

  add(document: number, { head, visible }: IndexRow): void {
    for (const name of fieldNames) {
      const places = new Map<Value, { readonly value: unknown; bits: number }>();
      const note = (fields: Partial<Head>, bit: number): void => {
        for (const value of valuesOf(fields, name)) {
          const key = keyOf(value);
          if (key === undefined) continue;
          const held = places.get(key);
          if (held === undefined) places.set(key, { value, bits: bit });
          else held.bits |= bit;
        }
      };
      note(head, rawPlace);
      for (const { requirement, fields } of visible) note(fields, 1 << requirement);
      for (const [key, { value, bits }] of places)
        this.#lists.add(this.#listOf(name, key, value), document, bits >>> 0);
    }
  }

  /** Documents below `size` that match; `places`: for whom. Documents that are gone may be among them. */
  *matching(filter: Filter, places: number, size: number): Pieces<Bits> {
    switch (filter.op) {
      case 'and':
      case 'or': {
        let bits = filter.op === 'and' ? Bits.all(size) : new Bits(size);
        for (const arg of filter.args) {
          const others = yield* this.matching(arg, places, size);
          bits = filter.op === 'and' ? bits.and(others) : bits.or(others);
        }
        return bits;
      }
      case 'not':
        return (yield* this.matching(filter.arg, places, size)).complement();
      default:
        return yield* this.#leaf(filter, places, size);
    }
  }

  /** The most frequent values of a field, with how many of the documents have them. */
  *counts(field: string, places: number, documents: Bits): Pieces<readonly FacetCount[]> {
    // a field may have as many values as there are documents
    const found = frequentValues();
    const piece = new Piece();
    let count = 0;
    const visit = (document: number, held: number): void => {
      if ((held & places) !== 0 && documents.has(document)) count += 1;
    };
    for (const [value, { list }] of this.#byField.get(field) ?? []) {
      count = 0;
      this.#lists.read(list, visit);
      if (count > 0) found.add({ value, count });
      if (piece.isDone(1 + this.#lists.count(list))) yield;
    }
    return found.items;
  }

  /** Values that no document has go. */
  dropEmpty(): void {
    for (const entries of this.#byField.values())
      for (const [value, { list }] of entries)
        if (this.#lists.count(list) === 0) {
          entries.delete(value);
          this.#lists.drop(list);
        }
  }

  #listOf(field: string, key: Value, value: unknown): number {
    const entries = this.#byField.get(field);
    const held = entries?.get(key);
    if (held !== undefined) return held.list;
    const list = this.#lists.create();
    entries?.set(key, { value, list });
    return list;
  }

  *#leaf(leaf: Leaf, places: number, size: number): Pieces<Bits> {
    const { filter, isNegated } = positive(leaf);
    const test = compileFields(filter);
    const found = yield* this.#having(filter, test, places, size);
    // a field with one value that is missing is null, which a filter may ask for
    const isNullMeant = !listFields.has(filter.field) && test({});
    const bits = isNullMeant ? found.or(yield* this.#missing(filter.field, places, size)) : found;
    return isNegated ? bits.complement() : bits;
  }

  *#missing(field: string, places: number, size: number): Pieces<Bits> {
    return (yield* this.#having({ op: 'exists', field, value: true }, () => true, places, size)).complement();
  }

  /** A comparison by order or beginning looks at each value that there is. */
  *#having(filter: Leaf, test: FieldsPredicate, places: number, size: number): Pieces<Bits> {
    const bits = new Bits(size);
    const piece = new Piece();
    const isWanted = testOfValue(filter.field, test);
    const visit = (document: number, held: number): void => {
      if ((held & places) !== 0) bits.add(document);
    };
    for (const { value, list } of this.#entriesFor(filter)) {
      const isRead = isWanted(value);
      if (isRead) this.#lists.read(list, visit);
      if (piece.isDone(1 + (isRead ? this.#lists.count(list) : 0))) yield;
    }
    return bits;
  }

  /** Those among which are all that a comparison holds for. */
  #entriesFor(filter: Leaf): Iterable<Entry> {
    const entries = this.#byField.get(filter.field);
    if (entries === undefined) return [];
    if (filter.op === 'eq') return entriesOf(entries, [filter.value]);
    return filter.op === 'in' ? entriesOf(entries, filter.values) : entries.values();
  }
}
