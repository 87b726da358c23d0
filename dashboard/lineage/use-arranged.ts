import { useCallback, useLayoutEffect, useState } from 'react';
import { type StillHandlers, useStill } from '../live/use-still.ts';
import { arrowsOf } from './graph.ts';
import { type Layout, layOut } from './layout.ts';
import type { ShownGraph } from './use-live-graph.ts';

interface Arranged {
  readonly layout: Layout;
  readonly asked: string;
}

const nothing: Arranged = { layout: new Map(), asked: '' };

/** Places as they were while they are held, unless something else was asked for. */
function arrange(before: Arranged, { graph, asked }: ShownGraph, isHeld: boolean): Arranged {
  if (graph === undefined) return nothing;
  if (isHeld && before.asked === asked && before.layout.size > 0) return before;
  return { layout: layOut([...graph.entities.keys()], arrowsOf(graph), before.layout), asked };
}

export interface ArrangedGraph {
  readonly layout: Layout;
  /** How many nodes came while nothing may move. */
  readonly waiting: number;
  /** Lets them take their places. */
  readonly settle: () => void;
  readonly still: StillHandlers;
}

/** Places that stay as they are while somebody points at the graph or has the focus in it. */
export function useArranged(shown: ShownGraph): ArrangedGraph {
  const [isHeld, setHeld] = useState(false);
  const [{ layout }, setArranged] = useState(nothing);
  const still = useStill(setHeld);
  useLayoutEffect(() => setArranged((before) => arrange(before, shown, isHeld)), [shown, isHeld]);
  const settle = useCallback(() => setArranged((before) => arrange(before, shown, false)), [shown]);
  const waiting = [...(shown.graph?.entities.keys() ?? [])].filter((urn) => !layout.has(urn)).length;
  return { layout, waiting, settle, still };
}
