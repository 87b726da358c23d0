import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { Grid } from '../grid/grid.tsx';
import type { TableRow } from '../live/live-table.ts';
import { useStill } from '../live/use-still.ts';
import { type HeadCompare, type HeadItem, type LiveTableHandle, useLiveTable } from '../live/use-live-table.ts';
import { assetColumns, FullName } from './asset-columns.tsx';
import { type CatalogSearch, filterOf, type SortName, sortNames } from './catalog-search.ts';

export interface HeadGridProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
  /** Told whether more match than a table may hold; has to be the same each time. */
  readonly setTooMany: (isTooMany: boolean) => void;
  /** Shown where they are too many. */
  readonly tooMany: React.ReactNode;
}

type Row = TableRow<HeadItem>;

function keyOf({ key }: Row): string {
  return key;
}

/** Empty values last, equal ones by urn. */
function comparing(sort: SortName | `-${SortName}`): HeadCompare {
  const sign = sort.startsWith('-') ? -1 : 1;
  const field = sortNames.find((name) => sort.endsWith(name)) ?? 'name';
  return (one, other) => {
    const [a, b] = [one.entity[field] ?? '', other.entity[field] ?? ''];
    if (a !== b) return a === '' ? 1 : b === '' ? -1 : (a < b ? -1 : 1) * sign;
    return one.entity.urn < other.entity.urn ? -1 : 1;
  };
}

function entityOf({ item }: Row): HeadItem['entity'] | undefined {
  return item?.entity;
}

function name({ item }: Row): React.JSX.Element {
  if (item === undefined) return <span className="hint">left this view</span>;
  return (
    <>
      <bdi>{item.entity.name}</bdi>
      <FullName entity={item.entity} />
    </>
  );
}

/** Everything that matches, however much: it follows the catalog, and nothing moves under the pointer or the focus. */
export function HeadGrid({ search, become, setTooMany, tooMany }: HeadGridProps): React.JSX.Element {
  const navigate = useNavigate();
  const { sort = 'name' } = search;
  const compare = useMemo(() => comparing(sort), [sort]);
  const filter = filterOf(search);
  const table = useLiveTable('assets', JSON.stringify(filter), compare);
  const still = useStill(table.hold);
  const isTooMany = table.error?.code === 'view-too-large';
  useEffect(() => setTooMany(isTooMany), [isTooMany, setTooMany]);
  const columns = assetColumns({ entityOf, name, search, become });
  const open = ({ item }: Row): void => {
    if (item !== undefined) void navigate({ to: '/assets/$urn', params: { urn: item.entity.urn }, search: {} });
  };
  if (isTooMany) return <>{tooMany}</>;
  const nothing =
    filter === undefined
      ? 'There is nothing that you may see yet. Assets appear here as soon as a source sends them.'
      : 'Nothing matches. Remove a filter.';
  const empty = table.status === 'loading' ? 'Loading…' : nothing;
  return (
    <section className="hits" aria-label="Result" {...still}>
      <Waiting table={table} />
      <Grid
        label="Assets"
        rows={table.rows}
        keyOf={keyOf}
        columns={columns}
        open={open}
        empty={table.error?.message ?? empty}
      />
    </section>
  );
}

function Waiting({ table }: { readonly table: LiveTableHandle }): React.JSX.Element | null {
  if (table.waiting === 0) return null;
  return (
    <button type="button" className="waiting" onClick={table.settle}>
      {table.waiting.toLocaleString()} new
    </button>
  );
}
