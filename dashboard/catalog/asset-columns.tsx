import type { SearchHit } from '@pursight/client';
import type { ReactNode } from 'react';
import type { GridColumn } from '../grid/grid.tsx';
import { Tags } from '../ui/tags.tsx';
import { type CatalogSearch, type SortName, sortNames } from './catalog-search.ts';

type Entity = SearchHit['entity'];

export interface AssetColumnsOptions<Row> {
  /** Undefined: it has left, and nothing of it is shown. */
  readonly entityOf: (row: Row) => Entity | undefined;
  readonly name: (row: Row) => ReactNode;
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
}

/** The columns of assets, however they were found; a title sorts, and sorts the other way round. */
export function assetColumns<Row>(options: AssetColumnsOptions<Row>): readonly GridColumn<Row>[] {
  const { entityOf, name, search, become } = options;
  const { sort = 'name', cols } = search;
  const text = (id: SortName, title: string, fromPx: number): GridColumn<Row> => {
    const cell = (row: Row): ReactNode => <bdi>{entityOf(row)?.[id]}</bdi>;
    return { id, title, share: 1, fromPx, cell };
  };
  const columns: readonly GridColumn<Row>[] = [
    { id: 'name', title: 'Name', share: 4, cell: name },
    text('type', 'Type', 0),
    text('platform', 'Platform', 620),
    text('domain', 'Domain', 480),
    {
      ...{ id: 'owners', title: 'Owners', share: 2, fromPx: 760 },
      cell: (row) => <Tags tags={entityOf(row)?.owners ?? []} />,
    },
    { id: 'tags', title: 'Classifications', share: 2, cell: (row) => <Tags tags={entityOf(row)?.tags ?? []} /> },
    text('status', 'Status', 900),
  ];
  return chosen(columns, cols).map((column) => {
    const by = sortNames.find((each) => each === column.id);
    if (by === undefined) return column;
    const sorted = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : undefined;
    return { ...column, sorted, sort: () => become({ ...search, sort: sort === by ? `-${by}` : by }) };
  });
}

/** Those that somebody has chosen, also where there is little room. */
function chosen<Row>(columns: readonly GridColumn<Row>[], cols: CatalogSearch['cols']): readonly GridColumn<Row>[] {
  if (cols === undefined) return columns;
  const ids = new Set<string>(['name', ...cols]);
  return columns.filter(({ id }) => ids.has(id)).map(({ fromPx: _fromPx, ...column }) => column);
}

/** Beside the name, where it says more. */
export function FullName({ entity: { fqn, name } }: { readonly entity: Entity }): React.JSX.Element | null {
  return fqn === null || fqn === name ? null : <bdi className="fqn">{fqn}</bdi>;
}
