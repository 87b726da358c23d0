import type { ReactNode } from 'react';
import { Grid, type GridColumn } from '../grid/grid.tsx';
import type { TableRow } from './live-table.ts';
import type { HeadItem, LiveTableHandle } from './use-live-table.ts';
import { useStill } from './use-still.ts';

export type HeadRow = TableRow<HeadItem>;

export interface LiveGridProps {
  readonly label: string;
  readonly table: LiveTableHandle;
  /** Those that are shown. @default all of the table */
  readonly rows?: readonly HeadRow[];
  readonly columns: readonly GridColumn<HeadRow>[];
  readonly open: (entity: HeadItem['entity']) => void;
  /** Shown where there is nothing. */
  readonly empty: ReactNode;
}

function keyOf({ key }: HeadRow): string {
  return key;
}

/** Undefined: it has left, and nothing of it is shown. */
export function entityOf({ item }: HeadRow): HeadItem['entity'] | undefined {
  return item?.entity;
}

/** Entities that follow the catalog, and nothing moves under the pointer or the focus. */
export function LiveGrid({ label, table, rows = table.rows, columns, open, empty }: LiveGridProps): React.JSX.Element {
  const still = useStill(table.hold);
  return (
    <section className="hits" aria-label="Result" {...still}>
      {table.waiting === 0 ? null : (
        <button type="button" className="waiting" onClick={table.settle}>
          {table.waiting.toLocaleString()} new
        </button>
      )}
      <Grid
        {...{ label, rows, keyOf, columns }}
        open={({ item }) => item !== undefined && open(item.entity)}
        empty={table.error?.message ?? (table.status === 'loading' ? 'Loading…' : empty)}
      />
    </section>
  );
}
