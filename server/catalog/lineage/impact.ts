import type { Impact, ImpactGroup, LineageNode } from '../../../channels/protocol/lineage.ts';

/** The largest first, equal ones by value. */
function grouped(values: readonly (string | null)[]): readonly ImpactGroup[] {
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
