import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { headOf } from '../../channels/catalog/head-of.ts';
import { entriesOf, markOf } from './head-index.ts';
import type { ListChange, SortedLists } from './sorted-lists.ts';

const markEnd = '|';

/** A document as it is stored: a mark of what it is found by, then its JSON without the head, which follows from it. */
export interface EncodedDocument {
  readonly text: string;
  readonly head: CatalogDocument['head'];
}

export function encodeDocument(document: CatalogDocument): EncodedDocument {
  const { head, ...rest } = document;
  return { text: markOf(head) + markEnd + JSON.stringify(rest), head };
}

export function decodeDocument(text: string): CatalogDocument {
  const document = JSON.parse(text.slice(text.indexOf(markEnd) + 1)) as { head?: CatalogDocument['head'] };
  document.head = headOf(document as CatalogDocument);
  return document as CatalogDocument;
}

function haveSameMark(one: string, other: string): boolean {
  const end = one.indexOf(markEnd) + 1;
  return other.startsWith(one.slice(0, end));
}

/** What the documents of a commit change in the index, put together so that each block is written once. */
export class IndexChanges {
  readonly #changes = new Map<string, ListChange>();

  /** `previous`: the document as it was stored before. */
  add({ text, head }: EncodedDocument, previous: string | undefined): void {
    if (previous !== undefined && haveSameMark(text, previous)) return;
    const entries = entriesOf(head);
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
