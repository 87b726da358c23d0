import type { LineageNode } from './lineage-graph.ts';

interface Group {
  /** null: without one. */
  readonly value: string | null;
  readonly count: number;
}

/** What depends on an asset, in numbers, and who has to be notified of a change. */
export interface Impact {
  readonly total: number;
  readonly types: readonly Group[];
  readonly domains: readonly Group[];
  /** Of how many each is an owner. */
  readonly owners: readonly Group[];
}

/** The largest first, equal ones by value. */
function grouped(values: readonly (string | null)[]): readonly Group[] {
  const counts = new Map<string | null, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
}

/** Of the nodes behind an asset, without itself. */
export function impactOf(nodes: readonly LineageNode[]): Impact {
  const entities = nodes.filter(({ distance }) => distance !== 0).map(({ entity }) => entity);
  return {
    total: entities.length,
    types: grouped(entities.map(({ type }) => type)),
    domains: grouped(entities.map(({ domain }) => domain)),
    owners: grouped(entities.flatMap(({ owners }) => owners)),
  };
}
