import type { WireEntity } from '@pursight/client';
import { useView } from '@pursight/client/react';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { LineagePanel } from '../lineage/lineage-panel.tsx';
import { Tags } from '../ui/tags.tsx';
import { assetDetails } from './asset-document.ts';
import { type AssetTab, assetTabs, parseAssetSearch } from './asset-search.ts';
import { ColumnGrid } from './column-grid.tsx';
import { History } from './history.tsx';
import { EditableOverview } from './editable-overview.tsx';

const titles = { overview: 'Overview', columns: 'Columns', lineage: 'Lineage', history: 'History' } as const;

/** One asset, live in all its parts. */
export function AssetScreen(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { urn } = useParams({ from: '/assets/$urn' });
  // the router keeps beside what its validation returns what that has left out
  const { tab = 'overview', ...search } = parseAssetSearch({ ...useSearch({ from: '/assets/$urn' }) });
  const navigate = useNavigate();
  const { items, status, error } = useView(hub, `asset:${urn}`);
  const item = items[0];
  const details = useMemo(() => (item === undefined ? undefined : assetDetails(item.document)), [item]);
  if (item === undefined || details === undefined) {
    const why = error?.message ?? (status === 'loading' ? 'Loading…' : 'It does not exist, or you may not see it.');
    return (
      <section className="empty" aria-busy={status === 'loading'}>
        <h1 className="visually-hidden">Asset</h1>
        <p>{why}</p>
        <Link to="/assets" search={{}}>
          To the catalog
        </Link>
      </section>
    );
  }
  const { entity } = item;
  return (
    <article className="asset">
      <AssetHead entity={entity} isStale={status === 'stale'} />
      <Tabs tab={tab} urn={urn} columns={details.columns.length} />
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} className="tab-panel">
        {tab === 'overview' ? (
          <EditableOverview key={urn} entity={entity} document={item.document} details={details} />
        ) : null}
        {tab === 'columns' ? <ColumnGrid urn={urn} columns={details.columns} /> : null}
        {tab === 'lineage' ? (
          <LineagePanel
            key={urn}
            {...{ urn, search }}
            become={(next) =>
              void navigate({ to: '/assets/$urn', params: { urn }, search: { tab, ...next }, replace: true })
            }
          />
        ) : null}
        {tab === 'history' ? <History key={urn} entity={entity} document={item.document} /> : null}
      </div>
    </article>
  );
}

interface AssetHeadProps {
  readonly entity: WireEntity;
  readonly isStale: boolean;
}

function AssetHead({ entity, isStale }: AssetHeadProps): React.JSX.Element {
  return (
    <header>
      <h1>
        <bdi>{entity.name}</bdi>
      </h1>
      <p className="asset-line">
        {entity.type}
        {entity.platform === null ? '' : ` on ${entity.platform}`}
        {entity.fqn === null ? null : (
          <>
            {' · '}
            <bdi>{entity.fqn}</bdi>
          </>
        )}
        {entity.status === 'active' ? null : <strong> · {entity.status}</strong>}
        {isStale ? ' · catching up' : ''}
      </p>
      <Tags tags={entity.tags} />
    </header>
  );
}

interface TabsProps {
  readonly tab: AssetTab;
  readonly urn: string;
  readonly columns: number;
}

function Tabs({ tab, urn, columns }: TabsProps): React.JSX.Element {
  const navigate = useNavigate();
  const choose = (next: AssetTab): void =>
    void navigate({ to: '/assets/$urn', params: { urn }, search: { tab: next }, replace: true });
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = assetTabs[(assetTabs.indexOf(tab) + step + assetTabs.length) % assetTabs.length] ?? tab;
    choose(next);
    requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
  };
  return (
    <div role="tablist" aria-label="Parts of the asset" className="tabs" onKeyDown={onKey}>
      {assetTabs.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          aria-selected={each === tab}
          aria-controls="tab-panel"
          tabIndex={each === tab ? 0 : -1}
          onClick={() => choose(each)}
        >
          {titles[each]}
          {each === 'columns' ? ` (${columns})` : ''}
        </button>
      ))}
    </div>
  );
}
