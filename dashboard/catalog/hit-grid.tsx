import type { SearchHit, SearchSnapshot } from '@pursight/client';
import { useNavigate } from '@tanstack/react-router';
import { Grid, type GridColumn } from '../grid/grid.tsx';
import { Marked } from '../ui/marked.tsx';
import { Tags } from '../ui/tags.tsx';
import type { CatalogSearch, SortName } from './catalog-search.ts';

export interface HitGridProps {
  readonly hits: readonly SearchHit[];
  readonly status: SearchSnapshot['status'];
  readonly error: string | undefined;
  readonly total: SearchSnapshot['total'];
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
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
      {entity.fqn === null || entity.fqn === entity.name ? null : <bdi className="fqn">{entity.fqn}</bdi>}
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
  const { sort = 'name' } = search;
  const sortable = (by: SortName): Pick<GridColumn<SearchHit>, 'sort' | 'sorted'> => ({
    sort: () => become({ ...search, sort: sort === by ? `-${by}` : by }),
    sorted: sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : undefined,
  });
  const columns: readonly GridColumn<SearchHit>[] = [
    { id: 'name', title: 'Name', share: 4, cell: name, ...sortable('name') },
    { id: 'type', title: 'Type', share: 1, cell: ({ entity }) => entity.type, ...sortable('type') },
    {
      id: 'platform',
      title: 'Platform',
      share: 1,
      fromPx: 620,
      cell: ({ entity }) => entity.platform,
      ...sortable('platform'),
    },
    {
      id: 'domain',
      title: 'Domain',
      share: 1,
      fromPx: 480,
      cell: ({ entity }) => <bdi>{entity.domain}</bdi>,
      ...sortable('domain'),
    },
    { id: 'owners', title: 'Owners', share: 2, fromPx: 760, cell: ({ entity }) => <Tags tags={entity.owners} /> },
    { id: 'tags', title: 'Classifications', share: 2, cell: ({ entity }) => <Tags tags={entity.tags} /> },
    {
      id: 'status',
      title: 'Status',
      share: 1,
      fromPx: 900,
      cell: ({ entity }) => entity.status,
      ...sortable('status'),
    },
  ];
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
