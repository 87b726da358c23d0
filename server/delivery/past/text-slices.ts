/** Something that is sent, or read, as this text. */
interface HasText {
  readonly text: string;
}

export interface SliceLimits {
  /** Of the texts of a slice together; an item that is longer is a slice of its own. */
  readonly maxCharacters: number;
  readonly maxItems?: number;
}

/** Characters of the texts together. */
export function charactersOf(items: readonly HasText[]): number {
  return items.reduce((sum, { text }) => sum + text.length, 0);
}

/** The items in their order, in slices of bounded size. None for no items. */
export function* textSlices<Item extends HasText>(
  items: readonly Item[],
  { maxCharacters, maxItems = Number.POSITIVE_INFINITY }: SliceLimits,
): Generator<readonly Item[]> {
  let start = 0;
  let characters = 0;
  for (const [index, { text }] of items.entries()) {
    if (index > start && (characters + text.length > maxCharacters || index - start >= maxItems)) {
      yield items.slice(start, index);
      [start, characters] = [index, 0];
    }
    characters += text.length;
  }
  if (start < items.length) yield items.slice(start);
}
