/**
 * Finds the selections that an event can concern without looking at the others.
 *
 * The naive way evaluates every selection on every event: the cost grows with the number of subscriptions that exist.
 * Here each selection is filed under a *cover*: a set of (field, value) terms of which every matching head has at
 * least one, chosen as the most selective that its condition allows. An event looks up the few terms of its two heads
 * and evaluates only what is filed there. A selection without any usable term is filed under `any`.
 */
import type { Head } from '../event/head.ts';
import type { Selection } from './selection.ts';
import { anyTerm, coverOf, listFields, scalarFields, schemeOf, type Term } from './term.ts';

/** Entry of the index: a selection and what its owner hangs on it (rooms). */
export interface IndexEntry<Payload> {
  readonly selection: Selection;
  readonly payload: Payload;
}

type Filed<Payload> = Map<string, IndexEntry<Payload>>;

/** Selections of one tenant. */
export class SelectionIndex<Payload> {
  /** field -> value -> what is filed under it; looked up by the head's own strings, so that no key is ever built. */
  readonly #byField = new Map<string, Map<string, Filed<Payload>>>();
  readonly #entries = new Map<string, { entry: IndexEntry<Payload>; terms: readonly Term[] }>();

  get size(): number {
    return this.#entries.size;
  }

  get(conditionKey: string): IndexEntry<Payload> | undefined {
    return this.#entries.get(conditionKey)?.entry;
  }

  add(selection: Selection, payload: Payload): void {
    const entry = { selection, payload };
    const terms = coverOf(selection.filter) ?? [anyTerm];
    this.#entries.set(selection.conditionKey, { entry, terms });
    for (const { field, value } of terms) {
      const byValue = this.#byField.get(field) ?? new Map<string, Filed<Payload>>();
      const filed = byValue.get(value) ?? new Map<string, IndexEntry<Payload>>();
      this.#byField.set(field, byValue.set(value, filed.set(selection.conditionKey, entry)));
    }
  }

  remove(conditionKey: string): void {
    const held = this.#entries.get(conditionKey);
    if (held === undefined) return;
    this.#entries.delete(conditionKey);
    for (const { field, value } of held.terms) {
      const byValue = this.#byField.get(field);
      const filed = byValue?.get(value);
      filed?.delete(conditionKey);
      if (filed?.size === 0) byValue?.delete(value);
      if (byValue?.size === 0) this.#byField.delete(field);
    }
  }

  /** Every entry whose selection can match one of the heads, each once; the caller evaluates `selection.matches`. */
  candidates(before: Head | null, after: Head | null): Iterable<IndexEntry<Payload>> {
    const found = new Set<IndexEntry<Payload>>();
    addAll(this.#byField.get(anyTerm.field)?.get(anyTerm.value), found);
    if (before !== null) this.#collect(before, found);
    if (after !== null) this.#collect(after, found);
    return found;
  }

  #collect(head: Head, found: Set<IndexEntry<Payload>>): void {
    for (const field of scalarFields) {
      const value = head[field];
      if (value !== null) addAll(this.#byField.get(field)?.get(value), found);
    }
    for (const field of listFields) {
      const byValue = this.#byField.get(field);
      if (byValue !== undefined) for (const value of head[field]) addAll(byValue.get(value), found);
    }
    const byScheme = this.#byField.get('scheme');
    if (byScheme !== undefined) for (const tag of head.tags) addAll(byScheme.get(schemeOf(tag)), found);
  }
}

function addAll<Payload>(filed: Filed<Payload> | undefined, found: Set<IndexEntry<Payload>>): void {
  if (filed !== undefined) for (const entry of filed.values()) found.add(entry);
}
