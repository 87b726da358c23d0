import { compareText } from '../../channels/subscription/compare-text.ts';

/*
 * A sorted run of texts as one text: their number, `;`, what all of them begin with, and the rest of each, on lines. In a
 * sorted run the first and the last share what all share. Where a text has a line end in it, `:` and all of this as JSON,
 * which takes four times as long to read.
 */

export interface TextBlock {
  prefix: string;
  readonly rests: string[];
}

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

export function encodeBlock(prefix: string, rests: readonly string[]): string {
  const shared = sharedLength(rests[0] ?? '', rests.at(-1) ?? '');
  const most = shared === 0 ? rests : rests.map((rest) => rest.slice(shared));
  const lines = [prefix + (rests[0] ?? '').slice(0, shared), ...most];
  const text = lines.join('\n');
  const isPlain = !lines.some((line) => line.includes('\n'));
  return isPlain ? `${rests.length};${text}` : `${rests.length}:${JSON.stringify(lines)}`;
}

export function decodeBlock(block: string | undefined): TextBlock {
  if (block === undefined) return { prefix: '', rests: [] };
  const at = /\D/.exec(block)?.index ?? 0;
  const text = block.slice(at + 1);
  const lines = block[at] === ';' ? text.split('\n') : (JSON.parse(text) as string[]);
  const [prefix = '', ...rests] = lines;
  return { prefix, rests };
}

export function blockCount(block: string): number {
  return Number.parseInt(block, 10);
}

export function textsOf({ prefix, rests }: TextBlock): readonly string[] {
  return rests.map((rest) => prefix + rest);
}

/** Place of the first rest that is not less. */
function placeOf(rests: readonly string[], wanted: string): number {
  const last = rests.at(-1);
  if (last === undefined || compareText(last, wanted) < 0) return rests.length;
  let low = 0;
  for (let high = rests.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (compareText(rests[middle] ?? '', wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a text in, or takes it out. */
export function changeBlock(block: TextBlock, text: string, isAdded: boolean): void {
  if (!text.startsWith(block.prefix)) {
    const kept = block.rests.length === 0 ? text.length : sharedLength(block.prefix, text);
    const cut = block.prefix.slice(kept);
    for (let i = 0; i < block.rests.length; i++) block.rests[i] = cut + (block.rests[i] ?? '');
    block.prefix = block.rests.length === 0 ? '' : block.prefix.slice(0, kept);
  }
  const rest = text.slice(block.prefix.length);
  const place = placeOf(block.rests, rest);
  const isThere = block.rests[place] === rest;
  if (isAdded && !isThere) block.rests.splice(place, 0, rest);
  if (!isAdded && isThere) block.rests.splice(place, 1);
}
