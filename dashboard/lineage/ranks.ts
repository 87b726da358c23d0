/** An arrow of a graph: from where data comes to where it goes. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

type Ends = ReadonlyMap<string, readonly string[]>;

function endsOf(arrows: readonly Arrow[], near: 'from' | 'to', far: 'from' | 'to'): Ends {
  const ends = new Map<string, string[]>();
  for (const arrow of arrows) ends.set(arrow[near], [...(ends.get(arrow[near]) ?? []), arrow[far]]);
  return ends;
}

/**
 * The keys so that each stands before those that it leads to, but for arrows that close a circle. A walk with a stack of its own:
 * a chain may be longer than calls can be nested.
 */
function inOrder(keys: readonly string[], next: Ends): readonly string[] {
  const done: string[] = [];
  const seen = new Set<string>();
  for (const first of keys) {
    const open = [{ key: first, at: 0 }];
    while (open.length > 0) {
      const top = open.at(-1);
      if (top === undefined || (top.at === 0 && seen.has(top.key))) {
        open.pop();
        continue;
      }
      seen.add(top.key);
      const to = next.get(top.key)?.[top.at];
      top.at += 1;
      if (to !== undefined) {
        if (!seen.has(to)) open.push({ key: to, at: 0 });
        continue;
      }
      done.push(top.key);
      open.pop();
    }
  }
  return done.toReversed();
}

/**
 * The column of each key, from 0: every arrow leads to the right, but for those that close a circle. What has nothing before it stands
 * right beside what it leads to.
 */
export function ranksOf(keys: readonly string[], arrows: readonly Arrow[]): ReadonlyMap<string, number> {
  const order = inOrder(keys, endsOf(arrows, 'from', 'to'));
  const place = new Map(order.map((key, at) => [key, at]));
  const forward = arrows.filter(({ from, to }) => (place.get(from) ?? 0) < (place.get(to) ?? 0));
  const [before, after] = [endsOf(forward, 'to', 'from'), endsOf(forward, 'from', 'to')];
  const ranks = new Map<string, number>();
  for (const key of order)
    ranks.set(key, Math.max(0, ...(before.get(key) ?? []).map((from) => (ranks.get(from) ?? 0) + 1)));
  for (const key of order) {
    const next = after.get(key) ?? [];
    if (!before.has(key) && next.length > 0) ranks.set(key, Math.min(...next.map((to) => ranks.get(to) ?? 1)) - 1);
  }
  return ranks;
}
