import type { GridColumn } from './grid.tsx';

export interface GridRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly GridColumn<Row>[];
  /** Place among all rows, from 0. */
  readonly at: number;
  readonly rowPx: number;
  /** CSS of its columns. */
  readonly template: string;
  /** The one that Tab reaches. */
  readonly isCurrent: boolean;
  /** Undefined where rows cannot be selected. */
  readonly isSelected: boolean | undefined;
  readonly focused: () => void;
  readonly open: () => void;
  readonly toggle: () => void;
}

export function GridRow<Row>(props: GridRowProps<Row>): React.JSX.Element {
  const { row, columns, at, rowPx, template, isCurrent, isSelected, focused, open, toggle } = props;
  return (
    <div
      role="row"
      className="grid-row"
      tabIndex={isCurrent ? 0 : -1}
      // the head is the first
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      style={{ gridTemplateColumns: template, transform: `translateY(${at * rowPx}px)`, height: rowPx }}
      onFocus={focused}
      onClick={open}
    >
      {isSelected === undefined ? null : (
        <span role="gridcell" onClick={(event) => event.stopPropagation()}>
          <input type="checkbox" tabIndex={-1} aria-label="Select" checked={isSelected} onChange={toggle} />
        </span>
      )}
      {columns.map(({ id, cell }) => (
        <span key={id} role="gridcell">
          {cell(row)}
        </span>
      ))}
    </div>
  );
}
