import { useEffect, useState } from 'react';
import { HubClientError } from '@pursight/client';
import { recordOf, textOf } from '../ui/json.ts';
import { useSignedIn } from '../session/signed-in.ts';

const maxAsked = 200;

/** Names of entities by their urns, as far as they are visible; asked for once each, one after the other. */
export function useNames(urns: readonly string[]): ReadonlyMap<string, string> {
  const { hub } = useSignedIn();
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const wanted = [...new Set(urns)].slice(0, maxAsked).join('\n');
  useEffect(() => {
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      for (const urn of wanted.split('\n').filter(Boolean)) {
        const name = await nameOf(urn, stop.signal);
        if (stop.signal.aborted) return;
        if (name !== '') setNames((before) => new Map(before).set(urn, name));
      }
    };
    const nameOf = async (urn: string, signal: AbortSignal): Promise<string> => {
      try {
        const { body } = await hub.get(`/v1/documents/${encodeURIComponent(urn)}`, { signal });
        const entity = recordOf(body['entity']);
        return textOf(entity['fqn']) || textOf(entity['name']) || textOf(body['fqn']) || textOf(body['name']);
      } catch (error) {
        // not visible, or not known: the urn is shown
        if (error instanceof HubClientError || signal.aborted) return '';
        throw error;
      }
    };
    void ask();
    return () => stop.abort();
  }, [hub, wanted]);
  return names;
}
