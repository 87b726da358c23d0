/** Rows of one height: which of them are on the screen, and how much there is around them. */
export interface RowWindow {
  readonly first: number;
  /** Not included. */
  readonly end: number;
  readonly topPx: number;
  readonly totalPx: number;
}

/** Rows beyond the edges, so that scrolling by less than that shows no gap. */
const spare = 8;

export function windowOf(count: number, rowPx: number, scrollPx: number, heightPx: number): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollPx / rowPx) - spare));
  const end = Math.max(first, Math.min(count, Math.ceil((scrollPx + heightPx) / rowPx) + spare));
  return { first, end, topPx: first * rowPx, totalPx: count * rowPx };
}

/** Where to scroll so that a row is on the screen; undefined if it is. */
export function scrollTo(row: number, rowPx: number, scrollPx: number, heightPx: number): number | undefined {
  const top = row * rowPx;
  if (top < scrollPx) return top;
  const bottom = top + rowPx;
  return bottom > scrollPx + heightPx ? bottom - heightPx : undefined;
}
