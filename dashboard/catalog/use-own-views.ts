import { type Hub, HubClientError } from '@pursight/client';
import { useEffect, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { type JsonRecord, recordsOf, textOf } from '../ui/json.ts';

/** A question that somebody has kept, as the query of an address. */
export interface OwnView {
  readonly name: string;
  readonly search: string;
}

type Views = readonly OwnView[];

export interface OwnViews {
  readonly views: Views;
  readonly problem: string;
  /** Whether it is kept. One of this name is replaced. */
  readonly keep: (view: OwnView) => Promise<boolean>;
  readonly remove: (name: string) => Promise<boolean>;
}

const path = '/v1/me/views';
/** Other windows of the same person may be faster so often. */
const attempts = 5;

function viewsOf(body: JsonRecord): Views {
  return recordsOf(body['views']).map(({ name, search }) => ({ name: textOf(name), search: textOf(search) }));
}

/** On top of what there is now, whoever has changed it. @throws HubClientError */
async function change(hub: Hub, how: (views: Views) => Views): Promise<Views> {
  for (let attempt = 1; ; attempt += 1) {
    const { body, etag = '' } = await hub.get(path);
    try {
      const answer = await hub.put(path, { views: how(viewsOf(body)) }, { ifMatch: etag });
      return viewsOf(answer.body);
    } catch (error) {
      const isChanged = error instanceof HubClientError && error.code === 'precondition-failed';
      if (!isChanged || attempt === attempts) throw error;
    }
  }
}

/** The views that somebody has kept for themselves. The hub has them: nothing of the catalog is kept in the browser. */
export function useOwnViews(): OwnViews {
  const { hub } = useSignedIn();
  const [views, setViews] = useState<Views>([]);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    hub.get(path, { signal: stop.signal }).then(
      ({ body }) => setViews(viewsOf(body)),
      (error: unknown) => stop.signal.aborted || setProblem(messageOf(error)),
    );
    return () => stop.abort();
  }, [hub]);
  const become = async (how: (before: Views) => Views): Promise<boolean> => {
    try {
      setViews(await change(hub, how));
      setProblem('');
      return true;
    } catch (error) {
      setProblem(messageOf(error));
      return false;
    }
  };
  return {
    views,
    problem,
    keep: (view) => become((before) => [...before.filter(({ name }) => name !== view.name), view]),
    remove: (gone) => become((before) => before.filter(({ name }) => name !== gone)),
  };
}
