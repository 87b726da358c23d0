import { useEffect, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { isRecord } from '../ui/json.ts';
import { type LineageSearch, parseLineageSearch } from './lineage-search.ts';
import { type GraphState, LiveGraph } from './live-graph.ts';

export interface ShownGraph extends GraphState {
  /** What the graph answers; what was asked meanwhile is not there yet. */
  readonly asked: string;
}

/** The graph of an asset; while another one is read, the one before stays. */
export function useLiveGraph(urn: string, search: LineageSearch): ShownGraph {
  const { hub } = useSignedIn();
  const [shown, setShown] = useState<ShownGraph>({ graph: undefined, problem: undefined, asked: '' });
  const asked = JSON.stringify(search);
  useEffect(() => {
    const parsed: unknown = JSON.parse(asked);
    const next = parseLineageSearch(isRecord(parsed) ? parsed : {});
    const live = new LiveGraph(hub, { urn, search: next }, (state) => setShown({ ...state, asked }));
    return () => live.close();
  }, [hub, urn, asked]);
  return shown;
}
