import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { headOf, type WithoutHead } from '../../channels/catalog/head-of.ts';
import { formOf } from '../../channels/forms/form-of.ts';
import { writtenForm } from '../../channels/forms/written-form.ts';
import { entriesOf, markOf } from './head-index.ts';
import type { ListChange, SortedLists } from './sorted-lists.ts';

const markEnd = '|';
const formEnd = '~';
/** That of nearly all documents. */
const usualForm = `${writtenForm('document', 'asset')}${formEnd}`;

/**
 * A document as it is stored: its form, a mark of what it is found by, then its JSON without the head, which follows
 * from it. The first form said nothing of itself.
 */
export interface EncodedDocument {
  readonly text: string;
  readonly head: CatalogDocument['head'];
}

/** A copy without one member costs more than writing that member and cutting it off: the head comes last. */
function jsonWithoutHead(document: CatalogDocument): string {
  const text = JSON.stringify(document);
  const head = `,"head":${JSON.stringify(document.head)}}`;
  if (text.endsWith(head)) return `${text.slice(0, -head.length)}}`;
  const { head: _head, ...rest } = document;
  return JSON.stringify(rest);
}

export function encodeDocument(document: CatalogDocument): EncodedDocument {
  const { head } = document;
  const form = `${writtenForm('document', document.kind)}${formEnd}`;
  return { text: form + markOf(head) + markEnd + jsonWithoutHead(document), head };
}

/** @throws NewerForm */
export function decodeDocument(text: string): CatalogDocument {
  const end = text.indexOf(markEnd);
  if (!text.startsWith(usualForm)) assertForm(text.slice(0, end));
  const document = JSON.parse(text.slice(end + 1)) as WithoutHead;
  return Object.assign(document, { head: headOf(document) });
}

function assertForm(mark: string): void {
  const end = mark.indexOf(formEnd);
  if (end >= 0) formOf('document', Number(mark.slice(0, end)));
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
