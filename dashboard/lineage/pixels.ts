import type { Layout, Place } from './layout.ts';

/** Of one node, with what is between it and the next. */
export const nodePx = { width: 200, height: 44 } as const;
const gapPx = { across: 56, down: 14 } as const;
const edgePx = 12;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Top left corner of a node. */
  readonly at: (place: Place) => Point;
}

export function canvasOf(layout: Layout): Canvas {
  const places = [...layout.values()];
  const firstRow = Math.min(0, ...places.map(({ row }) => row));
  const lastRow = Math.max(0, ...places.map(({ row }) => row));
  const firstColumn = Math.min(...places.map(({ column }) => column));
  const lastColumn = Math.max(...places.map(({ column }) => column));
  const [across, down] = [nodePx.width + gapPx.across, nodePx.height + gapPx.down];
  return {
    width: (lastColumn - firstColumn) * across + nodePx.width + 2 * edgePx,
    height: (lastRow - firstRow) * down + nodePx.height + 2 * edgePx,
    at: ({ column, row }) => ({
      x: (column - firstColumn) * across + edgePx,
      y: (row - firstRow) * down + edgePx,
    }),
  };
}

/** From the right side of one node to the left side of another, as the `d` of a path. */
export function curve(from: Point, to: Point): string {
  const [x1, y1] = [from.x + nodePx.width, from.y + nodePx.height / 2];
  const [x2, y2] = [to.x, to.y + nodePx.height / 2];
  const bend = Math.max(28, Math.abs(x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
