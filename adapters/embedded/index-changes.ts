import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { spreadHash } from '../../channels/event/hash.ts';
import { headOf } from '../../channels/catalog/head-of.ts';
import type { CatalogTables } from './catalog-tables.ts';
import { entriesOf } from './head-index.ts';
import type { ListChange, SortedLists } from './sorted-lists.ts';

const markLength = 14;

/** A document as it is stored: a mark of what it is found by, then its JSON without the head, which follows from it. */
export interface EncodedDocument {
  readonly text: string;
  readonly entries: ReadonlyMap<string, string>;
}

function markOf(entries: ReadonlyMap<string, string>): string {
  const [high, low] = spreadHash([...entries].join('\n'));
  return high.toString(36).padStart(markLength / 2, '0') + low.toString(36).padStart(markLength / 2, '0');
}

export function encodeDocument(document: CatalogDocument): EncodedDocument {
  const { head, ...rest } = document;
  const entries = entriesOf(head);
  return { text: markOf(entries) + JSON.stringify(rest), entries };
}

export function decodeDocument(text: string): CatalogDocument {
  const document = JSON.parse(text.slice(markLength)) as { head?: CatalogDocument['head'] };
  document.head = headOf(document as CatalogDocument);
  return document as CatalogDocument;
}

/** What the documents of a commit change in the index, put together so that each block is written once. */
export class IndexChanges {
  readonly #changes = new Map<string, ListChange>();

  /** `previous`: the document as it was stored before. */
  add({ text, entries }: EncodedDocument, previous: string | undefined): void {
    if (previous?.slice(0, markLength) === text.slice(0, markLength)) return;
    const before = previous === undefined ? new Map<string, string>() : entriesOf(decodeDocument(previous).head);
    for (const [list, entry] of before) if (entries.get(list) !== entry) this.#of(list).removed.add(entry);
    for (const [list, entry] of entries) if (before.get(list) !== entry) this.#of(list).added.add(entry);
  }

  /** In the write transaction. */
  write(lists: SortedLists): void {
    for (const [list, change] of this.#changes) lists.change(list, change);
  }

  #of(list: string): ListChange {
    const held = this.#changes.get(list) ?? { added: new Set(), removed: new Set() };
    this.#changes.set(list, held);
    return held;
  }
}

/** The version of a document is beside its text. */
export function hasVersion(table: CatalogTables['documents'], key: string, version: number): boolean {
  return version === 0 ? !table.doesExist(key) : table.doesExist(key, version);
}
