import { useMemo } from 'react';
import { FeedList } from '../feed/feed-list.tsx';
import { useFeed } from '../feed/use-feed.ts';

const weekMs = 7 * 86_400_000;

/** What happened to an asset in the last week, newest first, and from now on as it happens. */
export function History({ urn }: { readonly urn: string }): React.JSX.Element {
  const since = useMemo(() => new Date(Date.now() - weekMs).toISOString(), []);
  const { lines, isLive, problem } = useFeed(`asset:${urn}`, since);
  return (
    <section aria-label="History" aria-busy={!isLive}>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      {isLive && lines.length === 0 ? <p className="hint">Nothing changed in the last seven days.</p> : null}
      <FeedList lines={lines} links={false} />
    </section>
  );
}
