import type { Lineage } from '@pursight/client';
import { expect, it } from 'vitest';
import { arrowsOf, changed, graphOf, grown, maxNodes } from './graph.ts';

function node(urn: string, distance: number): Lineage['nodes'][number] {
  const head = { kind: 'asset', type: 'table', name: urn, fqn: null, platform: null, domain: null };
  return { distance, entity: { ...head, urn, owners: [], tags: [], status: 'active' } };
}
const edge = (from: string, to: string): Lineage['edges'][number] => ({
  ...{ urn: `${from}-${to}`, type: 'lineage', from, to },
});
const both = ['upstream', 'downstream'] as const;
const answer: Lineage = {
  nodes: [node('a', 0), node('up', -1), node('down', 1)],
  edges: [edge('up', 'a'), edge('a', 'down')],
  cut: 'depth',
};

it('knows from where one can go on', () => {
  expect([...graphOf(answer, both, 1).looked].toSorted()).toEqual(['<a', '>a']);
  expect([...graphOf(answer, both, 2).looked].toSorted()).toEqual(['<a', '<up', '>a', '>down']);
  expect([...graphOf(answer, ['downstream'], 2).looked].toSorted()).toEqual(['>a', '>down']);
});

it('grows by what a node leads to, and an edge that both answers have is one', () => {
  const more = grown(graphOf(answer, both, 1), '>down', {
    nodes: [node('down', 0), node('further', 1)],
    edges: [edge('a', 'down'), edge('down', 'further')],
  });
  expect([...more.entities.keys()]).toEqual(['a', 'up', 'down', 'further']);
  expect(more.edges.map(({ urn }) => urn)).toEqual(['up-a', 'a-down', 'down-further']);
  expect(more.looked.has('>down')).toBe(true);
});

it('what is beyond its bound is counted, and no edge leads there', () => {
  const nodes = [node('a', 0), ...Array.from({ length: maxNodes }, (_, at) => node(`n${at}`, 1))];
  const edges = nodes.slice(1).map(({ entity }) => edge('a', entity.urn));
  const graph = graphOf({ nodes, edges }, both, 1);
  expect([graph.entities.size, graph.edges.length, graph.omitted]).toEqual([maxNodes, maxNodes - 1, 1]);
  expect(grown(graph, '>n0', { nodes: [node('n0', 0), node('x', 1)], edges: [edge('n0', 'x')] }).omitted).toBe(2);
});

it('what may no longer be seen is gone with its edges, and what is known of a node changes in its place', () => {
  const graph = changed(graphOf(answer, both, 1), ['up'], [{ ...node('down', 1).entity, name: 'renamed' }]);
  expect([...graph.entities.values()].map(({ name }) => name)).toEqual(['a', 'renamed']);
  expect(graph.edges.map(({ urn }) => urn)).toEqual(['a-down']);
});

it('between two nodes there is one arrow, and none from a node to itself', () => {
  const edges = [edge('a', 'b'), { ...edge('a', 'b'), urn: 'other' }, edge('a', 'a')];
  expect(arrowsOf({ edges })).toEqual([{ from: 'a', to: 'b' }]);
});
