import type { IndexHit, IndexRow } from '../../../channels/ports/search-index.ts';
import { openRequirement } from '../../../channels/search/attributes.ts';
import { type SortField, sortFields } from '../../../channels/protocol/search.ts';
import { type Rank, type SortKey, type SortValue, sortValue } from '../../../channels/search/rank.ts';
import { compareText } from '../../../channels/subscription/compare-text.ts';
import { BestHits } from '../../../channels/search/best-hits.ts';
import { Bits } from './bits.ts';

const firstSize = 1024;

/**
 * The documents of an index by numbers. A new version has a new number, because lists of postings only grow: what is
 * replaced or removed stays in them as dead until they were compacted, and then its number is used again.
 */
export class DocumentTable {
  readonly #byUrn = new Map<string, number>();
  readonly #urns: string[] = [];
  readonly #versions: number[] = [];
  readonly #ords: number[] = [];
  readonly #nameKeys: string[] = [];
  readonly #sorted = new Map<SortField, SortValue[]>(sortFields.map((field) => [field, []]));
  readonly #free: number[] = [];
  /** Numbers that lists may still hold, in the order in which they died. */
  #dead: number[] = [];
  #taken = 0;
  #alive = new Bits(firstSize);

  /** All numbers are below it. */
  get size(): number {
    return this.#urns.length;
  }

  /** Documents that are there. */
  get count(): number {
    return this.#byUrn.size;
  }

  /** Numbers that have died so far. */
  get died(): number {
    return this.#taken + this.#dead.length;
  }

  /** Those that are there, as a set of `size`. */
  alive(): Bits {
    return new Bits(this.size, this.#alive.words.slice(0, Math.ceil(this.size / 32)));
  }

  versionOf(urn: string): number | undefined {
    const document = this.#byUrn.get(urn);
    return document === undefined ? undefined : this.#versions[document];
  }

  /** Takes the place of the version that is there. */
  add({ urn, version, ord, visible }: IndexRow, nameKey: string): number {
    this.remove(urn);
    const document = this.#free.pop() ?? this.#urns.length;
    if (document >= this.#alive.size) this.#alive = this.#alive.grown(this.#alive.size * 2);
    this.#byUrn.set(urn, document);
    this.#urns[document] = urn;
    this.#versions[document] = version;
    this.#ords[document] = ord;
    this.#nameKeys[document] = nameKey;
    // results are sorted by what everybody sees: an order must not tell what a class does not see
    const open = visible.find(({ requirement }) => requirement === openRequirement)?.fields ?? {};
    for (const [field, values] of this.#sorted) values[document] = sortValue(open, field);
    this.#alive.add(document);
    return document;
  }

  remove(urn: string): void {
    const document = this.#byUrn.get(urn);
    if (document === undefined) return;
    this.#byUrn.delete(urn);
    this.#alive.delete(document);
    this.#dead.push(document);
  }

  /** How many `takeDead` would give. */
  dead(died: number): number {
    return died - this.#taken;
  }

  /** The dead when so many had died; to be called before the lists are compacted, and given to `reuse` after. */
  takeDead(died: number): readonly number[] {
    const dead = this.#dead.splice(0, this.dead(died));
    this.#taken += dead.length;
    return dead;
  }

  /** No list holds these any more. */
  reuse(documents: readonly number[]): void {
    for (const document of documents) this.#free.push(document);
  }

  nameKeyOf(document: number): string {
    return this.#nameKeys[document] ?? '';
  }

  ordOf(document: number): number {
    return this.#ords[document] ?? 0;
  }

  rankOf(document: number, keys: readonly SortKey[], relevance: number, exactness: number): Rank {
    return {
      ...{ relevance, exactness, ord: this.#ords[document] ?? 0, urn: this.#urns[document] ?? '' },
      sort: keys.map(({ field }) => this.#sorted.get(field)?.[document] ?? null),
    };
  }

  list(after: string | undefined, limit: number): readonly IndexHit[] {
    const first = new BestHits<string>(limit, compareText);
    for (const urn of this.#byUrn.keys()) if (after === undefined || compareText(urn, after) > 0) first.add(urn);
    return first.items.map((urn) => ({ urn, version: this.versionOf(urn) ?? 0 }));
  }

  hitOf(document: number): IndexHit {
    return { urn: this.#urns[document] ?? '', version: this.#versions[document] ?? 0 };
  }
}
