import { useHubStatus } from '@pursight/client/react';
import { useEffect, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { clockTime } from '../ui/times.ts';

interface Facts {
  /** Since when the connection is as it is. */
  readonly sinceMs: number;
  readonly reconnects: number;
  readonly notices: readonly { readonly id: number; readonly atMs: number; readonly message: string }[];
}

const maxNotices = 5;

/** How up to date the page is, and what the hub has told about it. */
export function ConnectionPill(): React.JSX.Element {
  const { hub } = useSignedIn();
  const status = useHubStatus(hub);
  const facts = useFacts();
  const isLive = status === 'live' || status === 'draining';
  const words = isLive
    ? 'live'
    : status === 'connecting'
      ? 'connecting'
      : status === 'closed'
        ? 'signed out'
        : `reconnecting, as of ${clockTime(facts.sinceMs)}`;
  return (
    <details className="pill" data-state={isLive ? 'live' : 'away'}>
      <summary>
        <span className="dot" aria-hidden="true" />
        <span role="status">{words}</span>
      </summary>
      <div className="pill-panel">
        <p>
          {isLive ? 'Every change arrives here by itself' : 'What you see stays, and catches up by itself'}, since{' '}
          {clockTime(facts.sinceMs)}.
        </p>
        <p>Reconnected {facts.reconnects} times.</p>
        {facts.notices.map(({ id, atMs, message }) => (
          <p key={id}>
            {clockTime(atMs)} {message}
          </p>
        ))}
      </div>
    </details>
  );
}

function useFacts(): Facts {
  const { hub } = useSignedIn();
  const [facts, setFacts] = useState<Facts>(() => ({ sinceMs: Date.now(), reconnects: 0, notices: [] }));
  useEffect(() => {
    let notices = 0;
    let isAway = false;
    const stopStatus = hub.on('status', (status) => {
      const isBack = status === 'live' && isAway;
      isAway = status === 'backoff' || status === 'recovering' || (isAway && status !== 'live');
      setFacts((before) => ({ ...before, sinceMs: Date.now(), reconnects: before.reconnects + (isBack ? 1 : 0) }));
    });
    const stopNotice = hub.on('notice', ({ message }) => {
      const notice = { id: (notices += 1), atMs: Date.now(), message };
      setFacts((before) => ({ ...before, notices: [...before.notices, notice].slice(-maxNotices) }));
    });
    return () => {
      stopStatus();
      stopNotice();
    };
  }, [hub]);
  return facts;
}
