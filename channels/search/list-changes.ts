/** One step from a list to another; `after` is the item behind which it stands, undefined for the first place. */
export type ListChange<Item> =
  | { readonly kind: 'leave'; readonly item: Item }
  | { readonly kind: 'enter'; readonly item: Item; readonly after: Item | undefined }
  | { readonly kind: 'move'; readonly item: Item; readonly after: Item | undefined }
  | { readonly kind: 'update'; readonly item: Item };

interface Keyed {
  readonly urn: string;
  /** What is shown of it. */
  readonly text: string;
}

/** Indexes of a longest ascending selection of the numbers: what stays where it is while the fewest others move. */
function longestAscending(numbers: readonly number[]): ReadonlySet<number> {
  /** The index with the lowest last number of all selections of this length. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    let [from, to] = [0, ends.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) from = middle + 1;
      else to = middle;
    }
    before[index] = ends[from - 1];
    ends[from] = index;
  }
  const kept = new Set<number>();
  for (let at = ends.at(-1); at !== undefined; at = before[at]) kept.add(at);
  return kept;
}

/**
 * The steps from one list to another, in the order in which they are to be taken: leaves, then enters and moves from the
 * first place to the last, so that the item behind which one is put is there already, then updates of items with another
 * text. As few as possible move.
 */
export function listChanges<Item extends Keyed>(
  before: readonly Item[],
  after: readonly Item[],
): readonly ListChange<Item>[] {
  const held = new Map(before.map((item, index) => [item.urn, { item, index }]));
  const wanted = new Set(after.map(({ urn }) => urn));
  const leaves = before.filter(({ urn }) => !wanted.has(urn)).map((item) => ({ kind: 'leave', item }) as const);
  const staying = after.filter(({ urn }) => held.has(urn));
  const kept = longestAscending(staying.map(({ urn }) => held.get(urn)?.index ?? 0));
  const still = new Set(staying.filter((_, index) => kept.has(index)).map(({ urn }) => urn));
  const places = after.flatMap((item, index): ListChange<Item>[] => {
    if (still.has(item.urn)) return [];
    return [{ kind: held.has(item.urn) ? 'move' : 'enter', item, after: after[index - 1] }];
  });
  const updates = staying
    .filter(({ urn, text }) => held.get(urn)?.item.text !== text)
    .map((item) => ({ kind: 'update', item }) as const);
  return [...leaves, ...places, ...updates];
}
