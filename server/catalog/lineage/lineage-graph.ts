import { type CatalogDocument, documentKey, type RelationshipDocument } from '../../../channels/catalog/document.ts';
import type { LineageEdge, LineageNode } from '../../../channels/protocol/lineage.ts';
import type { Mask } from '../../../channels/wire/mask.ts';
import { wireHead } from '../../../channels/wire/wire-document.ts';
import type { DeliveredVersion } from '../../delivery/outlet/outlet.ts';

export interface GraphBounds {
  readonly maxNodes: number;
  /** Of the JSON of all nodes. */
  readonly maxCharacters: number;
}

/** What was found of a graph, through a mask and within bounds. */
export class LineageGraph {
  readonly #mask: Mask;
  readonly #bounds: GraphBounds;
  readonly #nodes = new Map<string, LineageNode>();
  readonly #edges = new Map<string, LineageEdge>();
  readonly #delivered: DeliveredVersion[] = [];
  #characters = 0;

  constructor(mask: Mask, bounds: GraphBounds) {
    this.#mask = mask;
    this.#bounds = bounds;
  }

  /** The nearest first, then by urn. */
  get nodes(): readonly LineageNode[] {
    return [...this.#nodes.values()].toSorted(
      (a, b) => Math.abs(a.distance) - Math.abs(b.distance) || (a.entity.urn < b.entity.urn ? -1 : 1),
    );
  }

  get edges(): readonly LineageEdge[] {
    return [...this.#edges.values()].toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  }

  get delivered(): readonly DeliveredVersion[] {
    return this.#delivered;
  }

  has(urn: string): boolean {
    return this.#nodes.has(urn);
  }

  /** False: there is no place for it. */
  add({ tenant, urn, version, head }: CatalogDocument, distance: number): boolean {
    if (this.#nodes.has(urn)) return true;
    const entity = { urn, ...wireHead(head, this.#mask) };
    const characters = JSON.stringify(entity).length;
    const { maxNodes, maxCharacters } = this.#bounds;
    if (this.#nodes.size >= maxNodes || this.#characters + characters > maxCharacters) return false;
    this.#characters += characters;
    this.#nodes.set(urn, { entity, distance });
    this.#delivered.push({ entity: documentKey(tenant, urn), version });
    return true;
  }

  /** Between two nodes that are there. */
  connect({ head: _head, ...edge }: RelationshipDocument): void {
    const shown = this.#mask.document(edge);
    if (shown.kind !== 'relationship') return;
    const { urn, type, from, to } = shown;
    this.#edges.set(urn, { urn, type, from, to });
  }
}
