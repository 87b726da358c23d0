import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ago } from '../ui/times.ts';
import { changeWords } from './change-words.ts';
import type { FeedLine } from './feed-event.ts';

const reasons: Readonly<Record<string, string>> = {
  coverage: 'older events are no longer kept',
  expired: 'the position has expired',
  epoch: 'the log was recreated',
  policy: 'your rights have changed',
  'too-large': 'more happened than can be replayed',
  log: 'the hub lost records of its log',
  unavailable: 'the catalog could not be read in time',
  reconnected: 'the connection was away',
};

const what = { enter: 'appeared', update: 'changed', leave: 'left' } as const;
const maxChanges = 6;

export interface FeedListProps {
  readonly lines: readonly FeedLine[];
  /** Names are links to their assets. */
  readonly links: boolean;
}

export function FeedList({ lines, links }: FeedListProps): React.JSX.Element {
  const nowMs = useNow();
  return (
    <ol className="feed" aria-label="Changes, newest first">
      {lines.map((line) =>
        line.kind === 'gap' ? (
          <li key={line.key} className="gap">
            Changes may be missing here: {reasons[line.reason] ?? line.reason}.
          </li>
        ) : (
          <li key={line.key} data-kind={line.kind}>
            <p>
              <time dateTime={line.at}>{ago(line.at, nowMs)}</time>{' '}
              {links && line.kind !== 'leave' ? (
                <Link to="/assets/$urn" params={{ urn: line.urn }} search={{}}>
                  <bdi>{line.name}</bdi>
                </Link>
              ) : (
                <bdi>{line.name}</bdi>
              )}{' '}
              {what[line.kind]}
              {line.actor === '' ? null : (
                <>
                  {' by '}
                  <bdi>{line.actor}</bdi>
                </>
              )}{' '}
              <span className="hint">{line.type}</span>
            </p>
            {line.changes.length === 0 ? null : (
              <ul>
                {line.changes.slice(0, maxChanges).map(([pointer, change]) => (
                  <li key={pointer}>
                    <bdi>{changeWords(pointer, change)}</bdi>
                  </li>
                ))}
                {line.changes.length > maxChanges ? <li>and {line.changes.length - maxChanges} more</li> : null}
              </ul>
            )}
          </li>
        ),
      )}
    </ol>
  );
}

function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
