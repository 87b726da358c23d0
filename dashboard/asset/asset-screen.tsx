import { useView } from '@pursight/client/react';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { LineagePanel } from '../lineage/lineage-panel.tsx';
import { PastAsset } from '../past/past-asset.tsx';
import { useSignedIn } from '../session/signed-in.ts';
import { assetDetails } from './asset-document.ts';
import { AssetHead } from './asset-head.tsx';
import { type AssetSearch, assetTabs, parseAssetSearch } from './asset-search.ts';
import { AssetTabs } from './asset-tabs.tsx';
import { ColumnGrid } from './column-grid.tsx';
import { EditableOverview } from './editable-overview.tsx';
import { History } from './history.tsx';

/** One asset, live in all its parts, or as it was. */
export function AssetScreen(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { urn } = useParams({ from: '/assets/$urn' });
  // the router keeps beside what its validation returns what that has left out
  const { tab = 'overview', at, ...search } = parseAssetSearch({ ...useSearch({ from: '/assets/$urn' }) });
  const navigate = useNavigate();
  const become = (next: AssetSearch): void =>
    void navigate({ to: '/assets/$urn', params: { urn }, search: next, replace: true });
  const { items, status, error } = useView(hub, `asset:${urn}`);
  const item = items[0];
  const details = useMemo(() => (item === undefined ? undefined : assetDetails(item.document)), [item]);
  if (item === undefined || details === undefined) {
    const why = error?.message ?? (status === 'loading' ? 'Loading…' : 'It does not exist, or you may not see it.');
    return <Missing why={why} isLoading={status === 'loading'} />;
  }
  if (at !== undefined) return <PastAsset key={urn} {...{ item, tab, at, become }} />;
  const { entity, document } = item;
  return (
    <article className="asset">
      <AssetHead entity={entity} isStale={status === 'stale'}>
        <button type="button" className="quiet" onClick={() => become({ tab, at: 'now' })}>
          Look back
        </button>
      </AssetHead>
      <AssetTabs tabs={assetTabs} tab={tab} columns={details.columns.length} choose={(next) => become({ tab: next })} />
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} className="tab-panel">
        {tab === 'overview' ? <EditableOverview key={urn} {...{ entity, document, details }} /> : null}
        {tab === 'columns' ? <ColumnGrid urn={urn} columns={details.columns} /> : null}
        {tab === 'lineage' ? (
          <LineagePanel key={urn} {...{ urn, search }} become={(next) => become({ tab, ...next })} />
        ) : null}
        {tab === 'history' ? <History key={urn} {...{ entity, document }} /> : null}
      </div>
    </article>
  );
}

interface MissingProps {
  readonly why: string;
  readonly isLoading: boolean;
}

function Missing({ why, isLoading }: MissingProps): React.JSX.Element {
  return (
    <section className="empty" aria-busy={isLoading}>
      <h1 className="visually-hidden">Asset</h1>
      <p>{why}</p>
      <Link to="/assets" search={{}}>
        To the catalog
      </Link>
    </section>
  );
}
