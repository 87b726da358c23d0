import { type KeyboardEvent, type ReactNode, useMemo, useRef, useSyncExternalStore } from 'react';
import { isTyping } from '../app/keys.ts';
import { onPreferences, preferences, rowHeight } from '../settings/preferences.ts';
import { GridHead } from './grid-head.tsx';
import { GridRow } from './grid-row.tsx';
import { useRowFocus } from './use-row-focus.ts';
import { windowOf } from './window.ts';

export interface GridColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** Share of the width. */
  readonly share: number;
  /** Shown where the grid has this width. @default always */
  readonly fromPx?: number;
  readonly cell: (row: Row) => ReactNode;
  /** Sorts by this column. */
  readonly sort?: () => void;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

export interface GridProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly GridColumn<Row>[];
  readonly open?: (row: Row) => void;
  /** A key pressed on a row, for commands of the screen. True: it was one. */
  readonly onRowKey?: (key: string, row: Row) => boolean;
  readonly selected?: ReadonlySet<string>;
  /** Rows can be selected where there is one. */
  readonly toggle?: (row: Row) => void;
  /** Shown in place of rows. */
  readonly empty: ReactNode;
}

/** Where keys lead from a row. */
function stepsFrom(current: number, last: number, pageRows: number): Readonly<Record<string, number>> {
  return {
    ...{ ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + pageRows, PageUp: current - pageRows },
    ...{ Home: 0, End: last },
    ...(preferences().letterKeys ? { j: current + 1, k: current - 1 } : {}),
  };
}

/** CSS of the columns; the first of selectable rows is for a checkbox. */
function templateOf<Row>(columns: readonly GridColumn<Row>[], isSelectable: boolean): string {
  return `${isSelectable ? '32px ' : ''}${columns.map(({ share }) => `minmax(0, ${share}fr)`).join(' ')}`;
}

function hasModifier({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey;
}

/** What a key does with the row that has the focus. False: nothing. */
function act<Row>({ key, target }: KeyboardEvent, row: Row, { open, onRowKey, toggle }: GridProps<Row>): boolean {
  if (key === 'Enter' && open !== undefined && target instanceof HTMLElement && target.role === 'row') open(row);
  else if (key === 'x' && toggle !== undefined) toggle(row);
  else return onRowKey?.(key, row) === true;
  return true;
}

function EmptyRow({ children }: { readonly children: ReactNode }): React.JSX.Element {
  return (
    <div role="row" className="grid-empty">
      <div role="gridcell">{children}</div>
    </div>
  );
}

/** Any number of rows of one height, of which only those on the screen exist. */
export function Grid<Row>(props: GridProps<Row>): React.JSX.Element {
  const { label, rows, keyOf, columns: all, open, selected, toggle, empty } = props;
  const rowPx = rowHeight(useSyncExternalStore(onPreferences, preferences));
  const body = useRef<HTMLDivElement>(null);
  const keys = useMemo(() => rows.map(keyOf), [rows, keyOf]);
  const { current, scrollPx, heightPx, widthPx, focusRow, focused, measure, track } = useRowFocus({
    body,
    keys,
    rowPx,
  });
  const columns = all.filter(({ fromPx = 0 }) => widthPx >= fromPx);
  const shown = windowOf(rows.length, rowPx, scrollPx, heightPx);
  const template = templateOf(columns, toggle !== undefined);

  const onKey = (event: KeyboardEvent): void => {
    const row = rows[current];
    if (row === undefined || hasModifier(event) || isTyping(event.target)) return;
    const to = stepsFrom(current, rows.length - 1, Math.max(1, Math.floor(heightPx / rowPx) - 1))[event.key];
    if (to !== undefined) focusRow(to);
    else if (!act(event, row, props)) return;
    event.preventDefault();
  };
  return (
    <div
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-multiselectable={toggle === undefined ? undefined : true}
      onKeyDown={onKey}
    >
      <GridHead columns={columns} template={template} isSelectable={toggle !== undefined} />
      <div
        className="grid-body"
        role="rowgroup"
        ref={body}
        onScroll={measure}
        onFocus={() => track(true)}
        onBlur={({ relatedTarget }) => track(relatedTarget === null)}
      >
        {rows.length === 0 ? <EmptyRow>{empty}</EmptyRow> : null}
        <div role="presentation" className="grid-canvas" style={{ height: shown.totalPx }}>
          {rows.slice(shown.first, shown.end).map((row, offset) => {
            const [at, key] = [shown.first + offset, keyOf(row)];
            return (
              <GridRow
                key={key}
                {...{ row, columns, at, rowPx, template }}
                isCurrent={at === current}
                isSelected={toggle === undefined ? undefined : selected?.has(key) === true}
                focused={() => focused(at)}
                open={() => open?.(row)}
                toggle={() => toggle?.(row)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
