import type { SearchHit, SearchSnapshot } from '@pursight/client';
import { useNavigate } from '@tanstack/react-router';
import { Grid } from '../grid/grid.tsx';
import { Marked } from '../ui/marked.tsx';
import { assetColumns, FullName } from './asset-columns.tsx';
import type { CatalogSearch } from './catalog-search.ts';

export interface HitGridProps {
  readonly hits: readonly SearchHit[];
  readonly status: SearchSnapshot['status'];
  readonly error: string | undefined;
  readonly total: SearchSnapshot['total'];
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
}

function entityOf({ entity }: SearchHit): SearchHit['entity'] {
  return entity;
}

function urnOf({ entity }: SearchHit): string {
  return entity.urn;
}

function name({ entity, highlights = [] }: SearchHit): React.JSX.Element {
  const found = highlights.find(({ field }) => field === 'name');
  const other = highlights.find(({ field }) => field !== 'name' && field !== 'fqn');
  return (
    <>
      {found === undefined ? <bdi>{entity.name}</bdi> : <Marked text={found.text} ranges={found.ranges} />}
      <FullName entity={entity} />
      {other === undefined ? null : (
        <span className="found-in">
          {other.field}: <Marked text={other.text} ranges={other.ranges} />
        </span>
      )}
    </>
  );
}

export function HitGrid({ hits, status, error, total, search, become }: HitGridProps): React.JSX.Element {
  const navigate = useNavigate();
  const columns = assetColumns({ entityOf, name, search, become });
  const empty =
    error ?? (status === 'loading' ? 'Searching…' : 'Nothing matches. Remove a filter, or use fewer words.');
  const hidden = total.value - hits.length;
  return (
    <section className="hits" aria-label="Result">
      <Grid
        label="Assets"
        rows={hits}
        keyOf={urnOf}
        columns={columns}
        open={({ entity }) => void navigate({ to: '/assets/$urn', params: { urn: entity.urn }, search: {} })}
        empty={empty}
      />
      {hidden > 0 ? (
        <p className="hint more">
          The first {hits.length} of {total.relation === 'exact' ? '' : 'at least '}
          {total.value.toLocaleString()}. Narrow the result to see the others.
        </p>
      ) : null}
    </section>
  );
}
