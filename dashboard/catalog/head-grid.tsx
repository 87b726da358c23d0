import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { comparing } from '../live/compare-heads.ts';
import { entityOf, type HeadRow, LiveGrid } from '../live/live-grid.tsx';
import { useLiveTable } from '../live/use-live-table.ts';
import { assetColumns, FullName } from './asset-columns.tsx';
import { type CatalogSearch, filterOf, sortNames } from './catalog-search.ts';

export interface HeadGridProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
  /** Told whether more match than a table may hold; has to be the same each time. */
  readonly setTooMany: (isTooMany: boolean) => void;
  /** Shown where they are too many. */
  readonly tooMany: React.ReactNode;
}

export function headName({ item }: HeadRow): React.JSX.Element {
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
  const compare = useMemo(
    () => comparing(sortNames.find((each) => sort.endsWith(each)) ?? 'name', sort.startsWith('-')),
    [sort],
  );
  const filter = filterOf(search);
  const table = useLiveTable('assets', JSON.stringify(filter), compare);
  const isTooMany = table.error?.code === 'view-too-large';
  useEffect(() => setTooMany(isTooMany), [isTooMany, setTooMany]);
  if (isTooMany) return <>{tooMany}</>;
  const nothing =
    filter === undefined
      ? 'There is nothing that you may see yet. Assets appear here as soon as a source sends them.'
      : 'Nothing matches. Remove a filter.';
  return (
    <LiveGrid
      label="Assets"
      table={table}
      columns={assetColumns({ entityOf, name: headName, search, become })}
      open={({ urn }) => void navigate({ to: '/assets/$urn', params: { urn }, search: {} })}
      empty={nothing}
    />
  );
}
