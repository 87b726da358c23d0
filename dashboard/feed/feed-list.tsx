import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { ago } from '../ui/times.ts';
import { changeWords } from './change-words.ts';
import type { ChangeLine, FeedLine } from './feed-event.ts';
import { worthTelling } from './worth-telling.ts';

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
/** Of an event among others, and where something can be done with each. */
const [maxChanges, maxActions] = [6, 100];

export interface FeedListProps {
  readonly lines: readonly FeedLine[];
  /** Names are links to their assets. */
  readonly links: boolean;
  /** Stands beside an event. */
  readonly lineAction?: (line: ChangeLine) => ReactNode;
  /** Stands beside a change. */
  readonly action?: ((line: ChangeLine, pointer: string) => ReactNode) | undefined;
}

export function FeedList({ lines, links, lineAction, action }: FeedListProps): React.JSX.Element {
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
              <span className="hint">{line.type}</span> {lineAction?.(line)}
            </p>
            <Changes line={line} action={action} />
          </li>
        ),
      )}
    </ol>
  );
}

interface ChangesProps {
  readonly line: ChangeLine;
  readonly action: FeedListProps['action'];
}

function Changes({ line, action }: ChangesProps): React.JSX.Element | null {
  const changes = useMemo(() => worthTelling(line.changes), [line]);
  const most = action === undefined ? maxChanges : maxActions;
  if (changes.length === 0) return null;
  return (
    <ul>
      {changes.slice(0, most).map(([pointer, change]) => (
        <li key={pointer}>
          <bdi>{changeWords(pointer, change)}</bdi> {action?.(line, pointer)}
        </li>
      ))}
      {changes.length > most ? <li>and {changes.length - most} more</li> : null}
    </ul>
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
