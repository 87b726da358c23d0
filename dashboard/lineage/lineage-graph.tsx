import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { counted } from '../ui/counted.ts';
import { arrowsOf, type Graph, type Step } from './graph.ts';
import { GraphNode } from './graph-node.tsx';
import { type Layout, stepFrom } from './layout.ts';
import { type LineageSearch, maxSteps } from './lineage-search.ts';
import { type Canvas, canvasOf, curve, nodePx, type Point } from './pixels.ts';
import { useArranged } from './use-arranged.ts';
import { useLiveGraph } from './use-live-graph.ts';

export interface LineageGraphProps {
  readonly urn: string;
  readonly search: LineageSearch;
  readonly become: (next: LineageSearch) => void;
}

const cuts = {
  depth: 'There is more further away.',
  nodes: 'There is more than one graph may hold.',
  time: 'There is more than could be read in time.',
} as const;

/** What leads to an asset and what it leads to, from left to right, live. */
export function LineageGraph({ urn, search, become }: LineageGraphProps): React.JSX.Element {
  const shown = useLiveGraph(urn, search);
  const { layout, waiting, settle, still } = useArranged(shown);
  const { graph, problem } = shown;
  const { more = [] } = search;
  if (graph === undefined || !layout.has(urn))
    return problem === undefined ? <p aria-busy="true">Loading…</p> : <p role="alert">{problem}</p>;
  const add = (step: Step): void => become({ ...search, more: [...more, step] });
  return (
    <div {...still}>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      <div className="graph-facts">
        <span role="status" className="hint">
          {factsOf(graph)}
        </span>
        {waiting === 0 ? null : (
          <button type="button" className="waiting" onClick={settle}>
            {waiting} new
          </button>
        )}
      </div>
      <Drawing {...{ urn, graph, layout }} add={more.length < maxSteps ? add : undefined} />
    </div>
  );
}

function factsOf({ entities, cut, omitted }: Graph): string {
  const count = entities.size - 1;
  const facts = [count === 0 ? 'Nothing that you may see.' : `${counted(count, 'neighbour')}, near and far.`];
  if (cut !== undefined) facts.push(cuts[cut]);
  if (omitted > 0) facts.push(`${omitted} more are not drawn: choose one way or fewer steps.`);
  return facts.join(' ');
}

interface DrawingProps {
  readonly urn: string;
  readonly graph: Graph;
  readonly layout: Layout;
  /** Undefined: there is no place for more. */
  readonly add: ((step: Step) => void) | undefined;
}

function Drawing({ urn, graph, layout, add }: DrawingProps): React.JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(urn);
  const current = layout.has(focused) ? focused : urn;
  const canvas = canvasOf(layout);
  const pointOf = (key: string): Point => canvas.at(layout.get(key) ?? { column: 0, row: 0 });
  useAnchored(frame, current, pointOf(current));
  const onKey = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const next = key === 'Home' ? urn : stepFrom(layout, arrowsOf(graph), { key, from: current });
    if (next === undefined) return;
    event.preventDefault();
    // at once: the next key may follow in the same frame
    flushSync(() => setFocused(next));
    frame.current?.querySelector<HTMLElement>('a[tabindex="0"]')?.focus();
  };
  const drawn = graph.edges.filter(({ from, to }) => layout.has(from) && layout.has(to));
  return (
    <div className="graph" ref={frame} onKeyDown={onKey}>
      <div className="graph-canvas" style={{ width: canvas.width, height: canvas.height }}>
        <Edges {...{ canvas, current, pointOf }} edges={drawn} />
        <ul aria-label="Lineage graph">
          {[...layout.keys()].map((key) => (
            <GraphNode
              key={key}
              entity={graph.entities.get(key)}
              point={pointOf(key)}
              isAsset={key === urn}
              isCurrent={key === current}
              focused={() => setFocused(key)}
              looked={graph.looked}
              add={add}
            />
          ))}
        </ul>
      </div>
    </div>
  );
}

interface EdgesProps {
  readonly canvas: Canvas;
  readonly edges: Graph['edges'];
  readonly current: string;
  readonly pointOf: (key: string) => Point;
}

/** A picture only: what leads where is told by the list below the graph. */
function Edges({ canvas, edges, current, pointOf }: EdgesProps): React.JSX.Element {
  const arrow = { refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto', markerUnits: 'userSpaceOnUse' };
  return (
    <svg aria-hidden="true" width={canvas.width} height={canvas.height}>
      <marker id="arrow" {...arrow}>
        <path className="graph-arrow" d="M0,0 L8,4 L0,8 z" />
      </marker>
      {edges.map((edge) => (
        <path
          key={edge.urn}
          className="graph-edge"
          data-near={edge.from === current || edge.to === current}
          d={curve(pointOf(edge.from), pointOf(edge.to))}
          markerEnd="url(#arrow)"
        />
      ))}
    </svg>
  );
}

/** The node stays where it is on the screen when all get new places; the first time it is in the middle. */
function useAnchored(frame: React.RefObject<HTMLDivElement | null>, key: string, { x, y }: Point): void {
  const before = useRef<{ readonly key: string; readonly x: number; readonly y: number }>(undefined);
  useLayoutEffect(() => {
    const element = frame.current;
    const last = before.current;
    before.current = { key, x, y };
    if (element === null) return;
    if (last === undefined) {
      element.scrollLeft = x - (element.clientWidth - nodePx.width) / 2;
      element.scrollTop = y - (element.clientHeight - nodePx.height) / 2;
    } else if (last.key === key) {
      element.scrollLeft += x - last.x;
      element.scrollTop += y - last.y;
    }
  }, [frame, key, x, y]);
}
