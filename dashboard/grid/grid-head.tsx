import type { GridColumn } from './grid.tsx';

export interface GridHeadProps<Row> {
  readonly columns: readonly GridColumn<Row>[];
  readonly template: string;
  readonly isSelectable: boolean;
}

export function GridHead<Row>({ columns, template, isSelectable }: GridHeadProps<Row>): React.JSX.Element {
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} className="grid-head" style={{ gridTemplateColumns: template }}>
        {isSelectable ? (
          <span role="columnheader">
            <span className="visually-hidden">Selected</span>
          </span>
        ) : null}
        {columns.map(({ id, title, sort, sorted }) => (
          <span key={id} role="columnheader" aria-sort={sorted ?? (sort === undefined ? undefined : 'none')}>
            {sort === undefined ? (
              title
            ) : (
              <button type="button" className="sort" onClick={sort}>
                {title}
                {sorted === undefined ? '' : sorted === 'ascending' ? ' ↑' : ' ↓'}
              </button>
            )}
          </span>
        ))}
      </div>
    </div>
  );
}
