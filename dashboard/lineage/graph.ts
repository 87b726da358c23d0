import type { Lineage, LineageEdge, LineageNode } from '@pursight/client';
import type { Arrow } from './ranks.ts';

export type Way = 'upstream' | 'downstream';

/** One step from a node: `>` and its urn what it leads to, `<` and its urn what it comes from. */
export type Step = `${'<' | '>'}${string}`;

export type Entity = LineageNode['entity'];

/** What is drawn: the nearest nodes of an asset, and what somebody has added by hand. */
export interface Graph {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly edges: readonly LineageEdge[];
  /** Where one looked for more already, whether there was any or not. */
  readonly looked: ReadonlySet<Step>;
  readonly cut: Lineage['cut'];
  /** How many nodes were left out. */
  readonly omitted: number;
}

/** As many as can be read; and as many as a filter holds, by which the graph stays true. */
export const maxNodes = 200;

export function stepOf(way: Way, urn: string): Step {
  return `${way === 'upstream' ? '<' : '>'}${urn}`;
}

export function wayOf(step: Step): Way {
  return step.startsWith('<') ? 'upstream' : 'downstream';
}

export function urnOf(step: Step): string {
  return step.slice(1);
}

function between(edges: readonly LineageEdge[], entities: ReadonlyMap<string, Entity>): readonly LineageEdge[] {
  const known = new Map(edges.map((edge) => [edge.urn, edge]));
  return [...known.values()].filter(({ from, to }) => entities.has(from) && entities.has(to));
}

/** The answer for an asset, of which all nodes but the last were followed. */
export function graphOf({ nodes, edges, cut }: Lineage, ways: readonly Way[], depth: number): Graph {
  const drawn = nodes.slice(0, maxNodes);
  const entities = new Map(drawn.map(({ entity }) => [entity.urn, entity]));
  const looked = drawn.flatMap(({ entity, distance }) =>
    ways.flatMap((way) => {
      const far = way === 'upstream' ? -distance : distance;
      return far >= 0 && far < depth ? [stepOf(way, entity.urn)] : [];
    }),
  );
  const omitted = nodes.length - drawn.length;
  return { entities, edges: between(edges, entities), looked: new Set(looked), cut, omitted };
}

/** With the neighbours of one of its nodes, as far as there is room. */
export function grown(graph: Graph, step: Step, { nodes, edges }: Pick<Lineage, 'nodes' | 'edges'>): Graph {
  const entities = new Map(graph.entities);
  let { omitted } = graph;
  for (const { entity } of nodes)
    if (entities.has(entity.urn) || entities.size < maxNodes) entities.set(entity.urn, entity);
    else omitted += 1;
  const looked = new Set([...graph.looked, step]);
  return { ...graph, entities, looked, omitted, edges: between([...graph.edges, ...edges], entities) };
}

/** Without what may no longer be seen, or with what is known of a node now. */
export function changed(graph: Graph, left: readonly string[], heads: readonly Entity[]): Graph {
  const entities = new Map(graph.entities);
  for (const head of heads) if (entities.has(head.urn)) entities.set(head.urn, head);
  for (const urn of left) entities.delete(urn);
  return { ...graph, entities, edges: between(graph.edges, entities) };
}

/** What is laid out: each pair once, whatever leads from one to the other. */
export function arrowsOf({ edges }: Pick<Graph, 'edges'>): readonly Arrow[] {
  const pairs = new Map(edges.map(({ from, to }) => [`${from}\n${to}`, { from, to }]));
  return [...pairs.values()].filter(({ from, to }) => from !== to);
}
