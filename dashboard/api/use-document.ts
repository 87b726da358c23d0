import { useEffect, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import type { JsonRecord } from '../ui/json.ts';

export interface LoadedDocument {
  readonly body: JsonRecord | undefined;
  readonly problem: string | undefined;
}

/** A hub that was away when it was asked is asked again. */
const againMs = 2000;

/** A document that does not change while the page is open. */
export function useDocument(path: string): LoadedDocument {
  const { hub } = useSignedIn();
  const [loaded, setLoaded] = useState<LoadedDocument>({ body: undefined, problem: undefined });
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const { body } = await hub.get(path, { signal: stop.signal });
        if (!stop.signal.aborted) setLoaded({ body, problem: undefined });
      } catch (error) {
        if (stop.signal.aborted) return;
        setLoaded({ body: undefined, problem: messageOf(error) });
        timer = setTimeout(() => void ask(), againMs);
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [hub, path]);
  return loaded;
}
