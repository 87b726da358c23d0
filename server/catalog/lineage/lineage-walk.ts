import { type CatalogDocument, isGone, type RelationshipDocument } from '../../../channels/catalog/document.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { LineageCut } from '../../../channels/protocol/lineage.ts';
import type { Filter } from '../../../channels/subscription/filter.ts';
import type { AdmissionQueue } from '../../delivery/past/admission-queue.ts';
import type { LineageGraph } from './lineage-graph.ts';

export type Direction = 'upstream' | 'downstream';

export interface LineageOptions {
  readonly store: Pick<DocumentStore, 'find' | 'getMany'>;
  readonly turns: Turns;
  readonly slices: AdmissionQueue;
}

export interface LineagePath {
  /** A node of the graph. */
  readonly start: string;
  readonly direction: Direction;
  /** Edges from the first node, at most. */
  readonly depth: number;
  readonly isLate: () => boolean;
}

/** Whose edges are asked for at once. */
const nodesAtOnce = 20;
/** Read at once: a millisecond or two. */
const [pageEdges, pageBytes] = [1000, 512 * 1024];
/** Loaded at once: a document may have 384 KiB. */
const documentsAtOnce = 20;

const isEdge: Filter = { op: 'eq', field: 'kind', value: 'relationship' };

/** Edges of a level that were read together, with the node at the end that is further away. */
interface Step {
  readonly edge: RelationshipDocument;
  readonly far: string;
}

/**
 * Follows lineage in one direction level by level, from what somebody may see to what they may see: an edge or node that they
 * may not see, or that does not exist, ends the way, and nothing says that there was one.
 */
export class LineageWalk {
  readonly #options: LineageOptions;
  readonly #policyClass: PolicyClass;
  readonly #graph: LineageGraph;
  readonly #path: LineagePath;
  /** Not to be shown, so that they need not be loaded again. */
  readonly #hidden = new Set<string>();
  readonly #seen: Set<string>;
  #frontier: readonly string[];
  #distance = 0;

  constructor(options: LineageOptions, policyClass: PolicyClass, graph: LineageGraph, path: LineagePath) {
    this.#options = options;
    this.#policyClass = policyClass;
    this.#graph = graph;
    this.#path = path;
    this.#seen = new Set([path.start]);
    this.#frontier = [path.start];
  }

  /** Puts the next level into the graph; one beyond the last only tells whether there is one. */
  async level(): Promise<LineageCut | 'more' | 'end'> {
    this.#distance += 1;
    const isBeyond = this.#distance > this.#path.depth;
    const next: string[] = [];
    for await (const steps of this.#steps(this.#frontier)) {
      if (steps === 'late') return 'time';
      const fresh = await this.#visible(steps.flatMap(({ far }) => (this.#seen.has(far) ? [] : [far])));
      if (isBeyond && fresh.length > 0) return 'depth';
      const added = fresh.filter((document) => this.#add(document));
      for (const { edge, far } of steps) if (this.#seen.has(far)) this.#graph.connect(edge);
      if (added.length < fresh.length) return 'nodes';
      next.push(...added.map(({ urn }) => urn));
    }
    this.#frontier = next;
    return next.length === 0 ? 'end' : 'more';
  }

  #add(document: CatalogDocument): boolean {
    const sign = this.#path.direction === 'upstream' ? -1 : 1;
    if (!this.#graph.add(document, sign * this.#distance)) return false;
    this.#seen.add(document.urn);
    return true;
  }

  async *#steps(frontier: readonly string[]): AsyncGenerator<readonly Step[] | 'late'> {
    const { direction, isLate } = this.#path;
    const [near, far] = direction === 'upstream' ? (['to', 'from'] as const) : (['from', 'to'] as const);
    for (let start = 0; start < frontier.length; start += nodesAtOnce) {
      const urns = new Set(frontier.slice(start, start + nodesAtOnce));
      for (let after: string | undefined = ''; after !== undefined;) {
        if (isLate()) {
          yield 'late';
          return;
        }
        const page = await this.#page(urns, after);
        yield page.documents.flatMap((edge) =>
          edge.kind === 'relationship' && edge.lineage && urns.has(edge[near]) && this.#policyClass.mayRead(edge.head)
            ? [{ edge, far: edge[far] }]
            : [],
        );
        after = page.next;
      }
    }
  }

  #page(urns: ReadonlySet<string>, afterUrn: string): ReturnType<DocumentStore['find']> {
    const { store, turns, slices } = this.#options;
    const { tenant, readable } = this.#policyClass;
    // the one with the fewest matches first: a store that counts what each has stops there
    const ofThese: Filter = { op: 'in', field: 'refs', values: [...urns] };
    const filter: Filter = { op: 'and', args: [ofThese, isEdge, readable] };
    return slices.run(tenant, async () => {
      await turns.next(tenant);
      return store.find({ tenant, filter, afterUrn, limit: pageEdges, maxBytes: pageBytes });
    });
  }

  async #visible(urns: readonly string[]): Promise<readonly CatalogDocument[]> {
    const { store, turns } = this.#options;
    const { tenant, mayRead } = this.#policyClass;
    const wanted = [...new Set(urns)].filter((urn) => !this.#hidden.has(urn));
    const found: CatalogDocument[] = [];
    for (let start = 0; start < wanted.length; start += documentsAtOnce) {
      await turns.next(tenant);
      const some = wanted.slice(start, start + documentsAtOnce);
      const documents = await store.getMany(some.map((urn) => ({ tenant, urn })));
      for (const [index, urn] of some.entries()) {
        const document = documents[index];
        if (document === undefined || isGone(document) || !mayRead(document.head)) this.#hidden.add(urn);
        else found.push(document);
      }
    }
    return found;
  }
}
