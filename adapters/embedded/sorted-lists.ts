/*
 * Named lists of texts, each sorted and stored as blocks of some dozens: what an index of the catalog consists of. An
 * entry of its own for each text would take ten times the room, and LMDB would copy a page for each; texts that are
 * changed together mostly fall into few blocks.
 *
 * Key: `list|first text that may be in the block`, where that of the first block is empty. Value: see
 * text-block.ts.
 */
import { compareText } from '../../channels/subscription/compare-text.ts';
import type { Table } from './embedded-environment.ts';
import { blockCount, changeBlock, decodeBlock, encodeBlock, textsOf } from './text-block.ts';

/** Few enough that putting one text in is cheap. */
const maxBlockTexts = 64;

/** What becomes of some texts of one list. */
export interface ListChange {
  readonly added: Set<string>;
  readonly removed: Set<string>;
}

export class SortedLists {
  readonly #blocks: Table<string>;

  constructor(blocks: Table<string>) {
    this.#blocks = blocks;
  }

  /** In a write transaction. The name of a list must not begin with that of another and `|`. */
  change(list: string, { added, removed }: ListChange): void {
    const texts = [...added, ...removed].toSorted(compareText);
    for (let i = 0; i < texts.length;) {
      const key = this.#keyOf(list, texts[i] ?? '');
      const end = i + 1 < texts.length ? this.#endOf(list, key) : undefined;
      const from = i++;
      while (i < texts.length && (end === undefined || compareText(texts[i] ?? '', end) < 0)) i++;
      this.#rewrite(list, key, texts.slice(from, i), added);
    }
  }

  /** Texts after `after`, ascending, as many as stand together; none when there are no more. */
  page(list: string, after: string): readonly string[] {
    let key = this.#keyOf(list, after);
    for (;;) {
      const block = this.#blocks.get(key);
      const found = textsOf(decodeBlock(block)).filter((text) => compareText(text, after) > 0);
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
      count += blockCount(value);
      if (count >= most) break;
    }
    return count;
  }

  #rewrite(list: string, key: string, changed: readonly string[], added: ReadonlySet<string>): void {
    const block = decodeBlock(this.#blocks.get(key));
    for (const text of changed) changeBlock(block, text, added.has(text));
    const { prefix, rests } = block;
    if (rests.length === 0) void this.#blocks.remove(key);
    const size = Math.ceil(rests.length / Math.ceil(rests.length / maxBlockTexts));
    for (let start = 0; start < rests.length; start += size) {
      const part = rests.slice(start, start + size);
      void this.#blocks.put(start === 0 ? key : `${list}|${prefix}${part[0] ?? ''}`, encodeBlock(prefix, part));
    }
  }

  /** The block where a text is or belongs. */
  #keyOf(list: string, text: string): string {
    const range = { start: `${list}|${text}`, end: list, reverse: true, limit: 1 };
    const [key = `${list}|`] = this.#blocks.getKeys(range);
    return key;
  }

  /** The first text that does not belong in a block any more. */
  #endOf(list: string, key: string): string | undefined {
    return this.#keyAfter(list, key)?.slice(list.length + 1);
  }

  #keyAfter(list: string, key: string): string | undefined {
    const [next] = this.#blocks.getKeys({ start: key, exclusiveStart: true, end: `${list}}`, limit: 1 });
    return next;
  }
}
