import type { WireItem } from '@pursight/client';
import { useMemo } from 'react';
import { assetDetails } from '../asset/asset-document.ts';
import { AssetHead } from '../asset/asset-head.tsx';
import type { AssetSearch, AssetTab } from '../asset/asset-search.ts';
import { AssetTabs } from '../asset/asset-tabs.tsx';
import { ColumnGrid } from '../asset/column-grid.tsx';
import { Overview } from '../asset/overview.tsx';
import { FeedList } from '../feed/feed-list.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { asOf } from './as-of.ts';
import { momentsOf, placeOf } from './moments.ts';
import { entityOf, wholeOf } from './past-entity.ts';
import { TimeBar } from './time-bar.tsx';

export interface PastAssetProps {
  readonly item: WireItem;
  readonly tab: AssetTab;
  /** An event, `now` or `start`. */
  readonly at: string;
  readonly become: (next: AssetSearch) => void;
}

const weekMs = 7 * 86_400_000;
/** What events tell of. */
const pastTabs = ['overview', 'columns'] as const;

/** An asset as it was after one of the events of the last week, as the rights of today allow; nothing is changed here. */
export function PastAsset({ item, tab, at, become }: PastAssetProps): React.JSX.Element {
  const since = useMemo(() => new Date(Date.now() - weekMs).toISOString(), []);
  const { lines, isLive, problem } = useFeed(`asset:${item.entity.urn}`, since);
  const moments = useMemo(() => momentsOf(lines), [lines]);
  const place = placeOf(moments, at);
  const moment = moments[place];
  const { document, unknown } = useMemo(() => asOf(wholeOf(item), moment?.newer ?? []), [item, moment]);
  const details = useMemo(() => assetDetails(document), [document]);
  const entity = entityOf(item.entity, document, details);
  const shown = pastTabs.find((each) => each === tab) ?? 'overview';
  const goTo = (next: number): void => become({ tab: shown, at: moments[next]?.key ?? 'now' });
  if (!isLive) return problem === undefined ? <p aria-busy="true">Loading…</p> : <p role="alert">{problem}</p>;
  return (
    <article className="asset past">
      <TimeBar {...{ moments, place, goTo }} leave={() => become({ tab: shown })} />
      <p className="hint">
        {moment === undefined ? 'Shown as it is now. ' : 'As your rights of today allow. '}Nothing can be changed here.
        {unknown.length === 0 ? '' : ` What it was is not told of ${unknown.join(', ')}.`}
      </p>
      {moment?.line === undefined ? null : <FeedList lines={[moment.line]} links={false} />}
      <AssetHead entity={entity} isStale={false} />
      <AssetTabs
        tabs={pastTabs}
        tab={shown}
        columns={details.columns.length}
        choose={(next) => become({ tab: next, at })}
      />
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${shown}`} className="tab-panel">
        {shown === 'overview' ? <Overview entity={entity} details={details} uncover={undefined} /> : null}
        {shown === 'columns' ? <ColumnGrid urn={undefined} columns={details.columns} /> : null}
      </div>
    </article>
  );
}
