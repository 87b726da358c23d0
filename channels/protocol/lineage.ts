import type { WireEntity } from './entity.ts';

/** An entity of a lineage graph. */
export interface LineageNode {
  /** As in events. */
  readonly entity: WireEntity;
  /** Edges between it and the asset that was asked for: below 0 upstream, above 0 downstream. */
  readonly distance: number;
}

/** A relationship between two nodes of a lineage graph. */
export interface LineageEdge {
  /** Identity of the relationship. */
  readonly urn: string;
  /** Its type, e.g. `lineage`. */
  readonly type: string;
  /** urn of where data comes from. */
  readonly from: string;
  /** urn of where data goes. */
  readonly to: string;
}

/** Why a graph is not whole: more is further away, there is no place for more, or it took too long. */
export type LineageCut = 'depth' | 'nodes' | 'time';

/** Answer of `GET /v1/assets/<urn>/lineage`. */
export interface Lineage {
  /** The nearest first. */
  readonly nodes: readonly LineageNode[];
  /** Between nodes of this answer only. */
  readonly edges: readonly LineageEdge[];
  /** Absent: this is all that you may see. */
  readonly cut?: LineageCut;
}

/** How many entities have a value in common. */
export interface ImpactGroup {
  /** null: they have none. */
  readonly value: string | null;
  /** Entities. */
  readonly count: number;
}

/** Answer of `GET /v1/assets/<urn>/impact`: what depends on an asset, in numbers. */
export interface Impact {
  /** Entities downstream. */
  readonly total: number;
  /** By type, the most frequent first. */
  readonly types: readonly ImpactGroup[];
  /** By domain. */
  readonly domains: readonly ImpactGroup[];
  /** Those to notify before a change, with how many of the entities each owns. */
  readonly owners: readonly ImpactGroup[];
  /** As in {@link Lineage}. */
  readonly cut?: LineageCut;
}
