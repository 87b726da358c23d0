import { useSearch } from '@pursight/client/react';
import { useNavigate, useSearch as useAddress } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { type CatalogSearch, facetNames, filterOf, parseCatalogSearch } from './catalog-search.ts';
import { FacetPanel } from './facet-panel.tsx';
import { HeadGrid } from './head-grid.tsx';
import { HitGrid } from './hit-grid.tsx';
import { QueryBar } from './query-bar.tsx';

/** As many as a live search can have. */
const limit = 100;

/** Finds assets while somebody types, and keeps the result true afterwards. */
export function CatalogScreen(): React.JSX.Element {
  const { hub } = useSignedIn();
  const given = useAddress({ from: '/assets' });
  // the router keeps beside what its validation returns what that has left out
  const search = useMemo(() => parseCatalogSearch({ ...given }), [given]);
  const navigate = useNavigate();
  const become = (next: CatalogSearch, replace = false): void =>
    void navigate({ to: '/assets', search: next, replace });
  const filter = useMemo(() => filterOf(search), [search]);
  const { q = '', sort = 'name' } = search;
  const [isTooMany, setTooMany] = useState(false);
  const found = useSearch(hub, q, {
    facets: [...facetNames],
    sort: [sort],
    // the table shows the assets itself where they are not too many for it
    limit: q === '' && !isTooMany ? 1 : limit,
    strategy: 'last',
    ...(filter === undefined ? {} : { filter }),
  });
  const hits = (
    <HitGrid
      {...{ search, become, hits: found.hits, status: found.status, total: found.total }}
      error={found.error?.message}
    />
  );
  return (
    <div className="catalog">
      <h1 className="visually-hidden">Catalog</h1>
      <QueryBar search={search} become={become} found={found} />
      <FacetPanel search={search} become={become} facets={found.facets} />
      {q === '' ? <HeadGrid {...{ search, become, setTooMany }} tooMany={hits} /> : hits}
    </div>
  );
}
