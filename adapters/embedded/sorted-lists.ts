/*
 * Named lists of texts, each sorted and stored as blocks of about a hundred: what an index of the catalog consists of. An
 * entry of its own for each text would take ten times the room, and LMDB would copy a page for each; texts that are
 * changed together mostly fall into few blocks.
 *
 * Key: `list|first text that may be in the block`, where that of the first block is empty. Value: the number of texts, `;`,
 * and the texts as JSON, of each after the first only what the one before it does not begin with.
 */
import { compareText } from '../../channels/subscription/compare-text.ts';
import type { Table } from './embedded-environment.ts';

/** So that a block mostly fits into a page with others. */
const maxBlockTexts = 128;

/** What becomes of some texts of one list. */
export interface ListChange {
  readonly added: Set<string>;
  readonly removed: Set<string>;
}

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

function encode(texts: readonly string[]): string {
  const parts: (string | number)[] = [];
  let before = '';
  for (const text of texts) {
    const shared = sharedLength(before, text);
    parts.push(shared, text.slice(shared));
    before = text;
  }
  return `${texts.length};${JSON.stringify(parts)}`;
}

function decode(block: string): string[] {
  const parts = JSON.parse(block.slice(block.indexOf(';') + 1)) as (string | number)[];
  const texts: string[] = [];
  let before = '';
  for (let i = 0; i < parts.length; i += 2) {
    before = before.slice(0, parts[i] as number) + String(parts[i + 1]);
    texts.push(before);
  }
  return texts;
}

export class SortedLists {
  readonly #blocks: Table<string>;

  constructor(blocks: Table<string>) {
    this.#blocks = blocks;
  }

  /** In a write transaction. The name of a list must not begin with that of another and `|`. */
  change(list: string, { added, removed }: ListChange): void {
    const texts = [...new Set([...added, ...removed])].toSorted(compareText);
    for (let i = 0; i < texts.length;) {
      const { key, end } = this.#blockOf(list, texts[i] ?? '');
      const group: string[] = [];
      for (
        let text = texts[i];
        text !== undefined && (end === undefined || compareText(text, end) < 0);
        text = texts[++i]
      )
        group.push(text);
      this.#rewrite(list, key, group, added);
    }
  }

  /** Texts after `after`, ascending, as many as stand together; none when there are no more. */
  page(list: string, after: string): readonly string[] {
    let { key } = this.#blockOf(list, after);
    for (;;) {
      const block = this.#blocks.get(key);
      const found = block === undefined ? [] : decode(block).filter((text) => compareText(text, after) > 0);
      if (found.length > 0) return found;
      const next = this.#keyAfter(list, key);
      if (next === undefined) return [];
      key = next;
    }
  }

  /** How many texts the list has; counting ends at `most`. */
  count(list: string, most = Number.POSITIVE_INFINITY): number {
    let count = 0;
    for (const { value } of this.#blocks.getRange({ start: `${list}|`, end: `${list}}` })) {
      count += Number.parseInt(value, 10);
      if (count >= most) break;
    }
    return count;
  }

  #rewrite(list: string, key: string, changed: readonly string[], added: ReadonlySet<string>): void {
    const held = this.#blocks.get(key);
    const texts = new Set(held === undefined ? [] : decode(held));
    for (const text of changed) {
      if (added.has(text)) texts.add(text);
      else texts.delete(text);
    }
    const sorted = [...texts].toSorted(compareText);
    if (sorted.length === 0) void this.#blocks.remove(key);
    const size = Math.ceil(sorted.length / Math.ceil(sorted.length / maxBlockTexts));
    for (let start = 0; start < sorted.length; start += size) {
      const part = sorted.slice(start, start + size);
      void this.#blocks.put(start === 0 ? key : `${list}|${part[0] ?? ''}`, encode(part));
    }
  }

  /** The block where a text is or belongs, and the first text that does not belong there. */
  #blockOf(list: string, text: string): { readonly key: string; readonly end: string | undefined } {
    const range = { start: `${list}|${text}`, end: `${list}`, reverse: true, limit: 1 };
    const [key = `${list}|`] = this.#blocks.getKeys(range);
    const next = this.#keyAfter(list, key);
    return { key, end: next?.slice(list.length + 1) };
  }

  #keyAfter(list: string, key: string): string | undefined {
    const [next] = this.#blocks.getKeys({ start: key, exclusiveStart: true, end: `${list}}`, limit: 1 });
    return next;
  }
}
