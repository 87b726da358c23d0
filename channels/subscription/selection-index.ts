/**
 * Finds the selections that an event can concern without looking at the others.
 *
 * The naive way evaluates every selection on every event: the cost grows with the number of subscriptions that exist.
 * Here each selection is filed under a *cover*: a set of (field, value) terms of which every matching head has at
 * least one, chosen as the most selective that its condition allows. An event looks up the few terms of its two heads
 * and evaluates only what is filed there. A selection without any usable term is filed under `any`.
 */
import type { Head } from '../event/head.ts';
import type { Filter } from './filter.ts';
import type { Selection } from './selection.ts';

/** Relative number of heads that share one value of a field: the lower, the better a term. */
const costs: Readonly<Record<string, number>> = {
  urn: 1, refs: 1, fqn: 1, name: 2, owners: 6, tags: 8, domain: 10, scheme: 14, platform: 30, connector: 30,
  type: 40, status: 60, kind: 80,
};
const anyTerm = 'any';

interface Cover {
  readonly terms: readonly string[];
  readonly cost: number;
}

function term(field: string, value: unknown): string {
  return `${field}\u0000${String(value)}`;
}

function equality(field: string, values: readonly unknown[]): Cover | undefined {
  const cost = costs[field];
  if (cost === undefined || values.includes(null)) return undefined;
  return { terms: values.map((value) => term(field, value)), cost: cost * values.length };
}

function union(covers: readonly (Cover | undefined)[]): Cover | undefined {
  if (covers.length === 0 || covers.includes(undefined)) return undefined;
  const all = covers as readonly Cover[];
  return { terms: [...new Set(all.flatMap((cover) => cover.terms))], cost: all.reduce((sum, cover) => sum + cover.cost, 0) };
}

function cheapest(covers: readonly (Cover | undefined)[]): Cover | undefined {
  return covers.reduce((best, cover) => (cover !== undefined && (best === undefined || cover.cost < best.cost) ? cover : best), undefined);
}

function coverOf(filter: Filter): Cover | undefined {
  switch (filter.op) {
    case 'and':
      return cheapest(filter.args.map(coverOf));
    case 'or':
      return union(filter.args.map(coverOf));
    case 'eq':
      return equality(filter.field, [filter.value]);
    case 'in':
      return equality(filter.field, filter.values);
    case 'startsWith':
      return schemeCover(filter);
    default:
      return undefined;
  }
}

/** `tags` that start with "scheme/...": all tags of a scheme share one term. */
function schemeCover(filter: { readonly field: string; readonly value: string }): Cover | undefined {
  const slash = filter.value.indexOf('/');
  return filter.field === 'tags' && slash > 0 ? equality('scheme', [filter.value.slice(0, slash)]) : undefined;
}

const scalarFields = ['urn', 'fqn', 'name', 'domain', 'platform', 'connector', 'type', 'status', 'kind'] as const;
const listFields = ['owners', 'tags', 'refs'] as const;

/** Entry of the index: a selection and what its owner hangs on it (rooms). */
export interface IndexEntry<Payload> {
  readonly selection: Selection;
  readonly payload: Payload;
}

/** Selections of one tenant. */
export class SelectionIndex<Payload> {
  readonly #byTerm = new Map<string, Map<string, IndexEntry<Payload>>>();
  readonly #fieldUse = new Map<string, number>();
  readonly #entries = new Map<string, { entry: IndexEntry<Payload>; terms: readonly string[] }>();

  get size(): number {
    return this.#entries.size;
  }

  get(selectionKey: string): IndexEntry<Payload> | undefined {
    return this.#entries.get(selectionKey)?.entry;
  }

  add(selection: Selection, payload: Payload): void {
    const entry = { selection, payload };
    const terms = coverOf(selection.filter)?.terms ?? [anyTerm];
    this.#entries.set(selection.key, { entry, terms });
    for (const each of terms) {
      const filed = this.#byTerm.get(each) ?? new Map<string, IndexEntry<Payload>>();
      filed.set(selection.key, entry);
      this.#byTerm.set(each, filed);
      this.#count(each, 1);
    }
  }

  remove(selectionKey: string): void {
    const held = this.#entries.get(selectionKey);
    if (held === undefined) return;
    this.#entries.delete(selectionKey);
    for (const each of held.terms) {
      const filed = this.#byTerm.get(each);
      filed?.delete(selectionKey);
      if (filed?.size === 0) this.#byTerm.delete(each);
      this.#count(each, -1);
    }
  }

  /** Every entry whose selection can match one of the heads, each once; the caller evaluates `selection.matches`. */
  candidates(before: Head | null, after: Head | null): Iterable<IndexEntry<Payload>> {
    const found = new Set<IndexEntry<Payload>>();
    this.#collect(anyTerm, found);
    if (before !== null) this.#collectHead(before, found);
    if (after !== null) this.#collectHead(after, found);
    return found;
  }

  #collectHead(head: Head, found: Set<IndexEntry<Payload>>): void {
    for (const field of scalarFields) {
      if (this.#fieldUse.has(field) && head[field] !== null) this.#collect(term(field, head[field]), found);
    }
    for (const field of listFields) {
      if (this.#fieldUse.has(field)) for (const value of head[field]) this.#collect(term(field, value), found);
    }
    if (this.#fieldUse.has('scheme')) {
      for (const tag of head.tags) this.#collect(term('scheme', tag.slice(0, tag.indexOf('/'))), found);
    }
  }

  #collect(key: string, found: Set<IndexEntry<Payload>>): void {
    const filed = this.#byTerm.get(key);
    if (filed !== undefined) for (const entry of filed.values()) found.add(entry);
  }

  #count(key: string, by: number): void {
    const field = key.slice(0, Math.max(0, key.indexOf('\u0000')));
    const count = (this.#fieldUse.get(field) ?? 0) + by;
    if (count === 0) this.#fieldUse.delete(field);
    else this.#fieldUse.set(field, count);
  }
}
