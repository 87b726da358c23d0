import { type Arrow, ranksOf } from './ranks.ts';

/** Where a node stands, in columns and rows; the rows of each column are around 0. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

export type Layout = ReadonlyMap<string, Place>;

/** Columns are put in the order of their neighbours so often, to the right and to the left in turn. */
const sweeps = 6;

function neighbours(arrows: readonly Arrow[]): ReadonlyMap<string, readonly string[]> {
  const near = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    near.set(from, [...(near.get(from) ?? []), to]);
    near.set(to, [...(near.get(to) ?? []), from]);
  }
  return near;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One beneath the other around 0. */
function spread(columns: ReadonlyMap<number, readonly string[]>): Map<string, Place> {
  const layout = new Map<string, Place>();
  for (const [column, keys] of columns)
    for (const [at, key] of keys.entries()) layout.set(key, { column, row: at - (keys.length - 1) / 2 });
  return layout;
}

/**
 * Places for the nodes of a graph, from left to right in the direction of its arrows, with few of them crossing. Of two layouts the
 * second begins with the order of the first, so that what was above stays above.
 */
export function layOut(keys: readonly string[], arrows: readonly Arrow[], before: Layout = new Map()): Layout {
  const near = neighbours(arrows);
  const columns = new Map<number, readonly string[]>();
  for (const [key, rank] of ranksOf(keys, arrows)) columns.set(rank, [...(columns.get(rank) ?? []), key]);
  for (const [rank, column] of columns)
    columns.set(
      rank,
      column.toSorted((one, other) => (before.get(one)?.row ?? 0) - (before.get(other)?.row ?? 0)),
    );
  const ranks = [...columns.keys()].toSorted((one, other) => one - other);
  for (let sweep = 0; sweep < sweeps; sweep += 1)
    for (const rank of sweep % 2 === 0 ? ranks : ranks.toReversed()) {
      const layout = spread(columns);
      const side = sweep % 2 === 0 ? -1 : 1;
      const wish = (key: string): number => {
        const rows = (near.get(key) ?? []).flatMap((other) => {
          const place = layout.get(other);
          return place !== undefined && (place.column - rank) * side > 0 ? [place.row] : [];
        });
        return mean(rows) ?? layout.get(key)?.row ?? 0;
      };
      const wished = new Map((columns.get(rank) ?? []).map((key) => [key, wish(key)]));
      columns.set(
        rank,
        [...wished].toSorted(([, one], [, other]) => one - other).map(([key]) => key),
      );
    }
  return spread(columns);
}

/** The node that an arrow key leads to: the nearest that the node is connected with, or the next one of the column. */
export function stepFrom(
  layout: Layout,
  arrows: readonly Arrow[],
  { key, from }: { readonly key: string; readonly from: string },
): string | undefined {
  const here = layout.get(from);
  if (here === undefined) return undefined;
  const [side, down] = [{ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0, { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0];
  const connected = new Set(neighbours(arrows).get(from));
  const candidates = [...layout].filter(([other, { column, row }]) =>
    side === 0
      ? down !== 0 && column === here.column && (row - here.row) * down > 0
      : connected.has(other) && (column - here.column) * side > 0,
  );
  const far = ({ column, row }: Place): number => Math.abs(column - here.column) * 1000 + Math.abs(row - here.row);
  return candidates.toSorted(([, one], [, other]) => far(one) - far(other))[0]?.[0];
}
