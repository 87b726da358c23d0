/** Groups that run at once: each commit is a transaction of its own. */
const atOnce = 8;

/** An item of a request, with its place there. */
export interface Numbered<Item> {
  readonly index: number;
  readonly item: Item;
}

/**
 * Runs the items of a request in groups, those of one group in their order, some groups at the same time. `work` gives
 * the results of a group by their places. Resolves with all results in the order of the items. @throws what `work` throws
 */
export async function inGroups<Item, Result>(
  items: readonly Item[],
  keyOf: (item: Item, index: number) => string | number,
  work: (group: readonly Numbered<Item>[]) => Promise<Iterable<readonly [number, Result]>>,
): Promise<readonly Result[]> {
  const groups = new Map<string | number, Numbered<Item>[]>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item, index);
    groups.set(key, [...(groups.get(key) ?? []), { index, item }]);
  }
  const results = new Map<number, Result>();
  const waiting = [...groups.values()];
  const run = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
      for (const [index, result] of await work(group)) results.set(index, result);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return items.flatMap((_, index) => results.get(index) ?? []);
}
