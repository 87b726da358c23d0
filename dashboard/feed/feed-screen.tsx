import { useEffect, useMemo, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { counted } from '../ui/counted.ts';
import { dayAndTime } from '../ui/times.ts';
import { FeedList } from './feed-list.tsx';
import { lastLooked, looked } from './last-looked.ts';
import { useFeed } from './use-feed.ts';

const hourMs = 3_600_000;

/** Everything that changes, and what changed since the reader was here last. */
export function FeedScreen(): React.JSX.Element {
  const { who } = useSignedIn();
  const reader = `${who.tenant} ${who.sub}`;
  const before = useMemo(() => lastLooked(reader), [reader]);
  const since = useMemo(() => before ?? new Date(Date.now() - hourMs).toISOString(), [before]);
  const feed = useFeed('assets', since);
  const [held, setHeld] = useState<typeof feed.lines>();
  const lines = held ?? feed.lines;
  useEffect(() => {
    if (feed.isLive && held === undefined) looked(reader, new Date().toISOString());
  }, [feed, held, reader]);
  const events = feed.lines.filter(({ kind }) => kind !== 'gap');
  const assets = new Set(events.map((line) => (line.kind === 'gap' ? '' : line.urn))).size;
  const isComplete = events.length === feed.lines.length;
  const behind = held === undefined ? 0 : feed.lines.findIndex(({ key }) => key === held[0]?.key);
  return (
    <section className="feed-screen" aria-busy={!feed.isLive}>
      <header>
        <h1>Live</h1>
        <p role="status">
          {counted(events.length, 'change')} in {counted(assets, 'asset')} since{' '}
          {before === undefined ? 'an hour ago' : dayAndTime(since)}
          {feed.isLive ? (isComplete ? ', complete' : ', with gaps') : ' …'}
        </p>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? feed.lines : undefined)}
        >
          {held === undefined ? 'Pause' : `Resume${behind > 0 ? ` (${behind} new)` : ''}`}
        </button>
      </header>
      {feed.problem === undefined ? null : <p role="alert">{feed.problem}</p>}
      <FeedList lines={lines} links />
    </section>
  );
}
