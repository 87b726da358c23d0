import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { assetColumns } from '../catalog/asset-columns.tsx';
import { type CatalogSearch, filterOf } from '../catalog/catalog-search.ts';
import { headName } from '../catalog/head-grid.tsx';
import { comparing } from '../live/compare-heads.ts';
import { entityOf, LiveGrid } from '../live/live-grid.tsx';
import { useLiveTable } from '../live/use-live-table.ts';
import type { ConceptKind } from './concept-kind.ts';

export interface BelongingAssetsProps {
  readonly kind: ConceptKind;
  /** As assets name it. */
  readonly named: string;
}

const byName = comparing('name');

/** The assets that belong to a domain or a team, live; of a term those that name it are found by words. */
export function BelongingAssets({ kind, named }: BelongingAssetsProps): React.JSX.Element {
  const search = useMemo((): CatalogSearch => {
    if (kind.name === 'term') return { q: named };
    return { f: kind.name === 'domain' ? { domain: [named] } : { owners: [named] } };
  }, [kind, named]);
  return (
    <section className="belonging">
      <h2>Assets</h2>
      <p>
        <Link to="/assets" search={search}>
          {kind.name === 'term' ? 'Search the catalog for it' : 'Show them in the catalog'}
        </Link>
      </p>
      {kind.name === 'term' ? null : <Assets search={search} />}
    </section>
  );
}

function Assets({ search }: { readonly search: CatalogSearch }): React.JSX.Element {
  const navigate = useNavigate();
  const table = useLiveTable('assets', JSON.stringify(filterOf(search)), byName);
  const columns = assetColumns({ entityOf, name: headName, search: {}, become: () => undefined });
  return (
    <LiveGrid
      label="Assets"
      table={table}
      columns={columns.map(({ sort: _sort, sorted: _sorted, ...column }) => column)}
      open={({ urn }) => void navigate({ to: '/assets/$urn', params: { urn }, search: {} })}
      empty="None that you may see."
    />
  );
}
