import { useEffect, useState } from 'react';
import type { JsonRecord } from '../ui/json.ts';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';

export interface Polled {
  readonly body: JsonRecord | undefined;
  readonly problem: string | undefined;
  /** Asks now instead of at the next turn. */
  readonly again: () => void;
}

const everyMs = 2000;

/** What a route says, asked again every two seconds while the page is looked at. */
export function usePolled(path: string): Polled {
  const { hub } = useSignedIn();
  const [{ body, problem }, setAnswer] = useState<Omit<Polled, 'again'>>({ body: undefined, problem: undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          const answer = await hub.get(path, { signal: stop.signal });
          if (!stop.signal.aborted) setAnswer({ body: answer.body, problem: undefined });
        } catch (error) {
          if (stop.signal.aborted) return;
          setAnswer((before) => ({ ...before, problem: messageOf(error) }));
        }
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void ask(), everyMs);
    };
    let timer = setTimeout(() => void ask(), 0);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [hub, path, turn]);
  return { body, problem, again: () => setTurn((before) => before + 1) };
}
