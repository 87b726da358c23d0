import { type Hub, HubClientError, type Lineage, type View, type ViewItem } from '@pursight/client';
import { messageOf } from '../session/session.ts';
import { changed, type Graph, graphOf, grown, urnOf, wayOf } from './graph.ts';
import { type LineageSearch, usualDepth, waysOf } from './lineage-search.ts';

export interface GraphState {
  /** Undefined: not known yet. */
  readonly graph: Graph | undefined;
  readonly problem: string | undefined;
}

type HeadView = View<ViewItem<'entity'>>;

/** Changes of the graph within this time are read together. */
const restMs = 250;

/** Reads the graph of an asset, each step that was added by hand with a request of its own. @throws HubClientError */
async function readGraph(hub: Hub, urn: string, search: LineageSearch, signal: AbortSignal): Promise<Graph> {
  const { way = 'both', depth = usualDepth, more = [] } = search;
  const ask = async (from: string, query: { readonly direction: string; readonly depth: number }): Promise<Lineage> =>
    (await hub.get<Lineage>(`/v1/assets/${encodeURIComponent(from)}/lineage`, { query, signal })).body;
  let graph = graphOf(await ask(urn, { direction: way, depth }), waysOf(search), depth);
  for (const step of more) {
    if (!graph.entities.has(urnOf(step))) continue;
    try {
      graph = grown(graph, step, await ask(urnOf(step), { direction: wayOf(step), depth: 1 }));
    } catch (error) {
      // it has gone meanwhile
      if (!(error instanceof HubClientError) || error.code !== 'not-found') throw error;
    }
  }
  return graph;
}

/**
 * The graph of an asset, kept true: what its nodes are called and whether they may be seen follows their events at once, and where an
 * edge at one of them changes the graph is read again.
 */
export class LiveGraph {
  readonly #hub: Hub;
  readonly #urn: string;
  readonly #search: LineageSearch;
  readonly #become: (state: GraphState) => void;
  #graph: Graph | undefined;
  #watched = '';
  #views: readonly HeadView[] = [];
  #reading = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hub: Hub, { urn, search }: { urn: string; search: LineageSearch }, become: (state: GraphState) => void) {
    this.#hub = hub;
    this.#urn = urn;
    this.#search = search;
    this.#become = become;
    void this.#read();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#reading.abort();
    for (const view of this.#views) view.close();
  }

  async #read(): Promise<void> {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const graph = await readGraph(this.#hub, this.#urn, this.#search, signal);
      if (signal.aborted) return;
      this.#show(graph);
      this.#watch([...graph.entities.keys()]);
    } catch (error) {
      if (!signal.aborted) this.#become({ graph: this.#graph, problem: messageOf(error) });
    }
  }

  #readSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), restMs);
  }

  #show(graph: Graph | undefined): void {
    this.#graph = graph;
    this.#become({ graph, problem: undefined });
  }

  /** What happens between an answer and the first content of the views is in a second answer. */
  #watch(urns: readonly string[]): void {
    const wanted = urns.toSorted().join('\n');
    if (wanted === this.#watched || this.#hub.status === 'closed') return;
    this.#watched = wanted;
    for (const view of this.#views) view.close();
    const [heads, edges] = [
      this.#hub.view('assets', { filter: { urn: { $in: urns } }, shape: 'entity' }),
      this.#hub.view('relationships', { filter: { refs: { $in: urns } }, shape: 'entity' }),
    ];
    this.#views = [heads, edges];
    edges.on('change', () => this.#readSoon());
    heads.on('change', ({ left, updated }) => {
      const known = updated.flatMap((urn) => heads.get(urn)?.entity ?? []);
      if (this.#graph !== undefined) this.#show(changed(this.#graph, left, known));
    });
    for (const view of this.#views) {
      view.on('live', () => this.#readSoon());
      // nothing that was seen with other rights stays
      view.on('policy', () => this.#show(undefined));
      view.on('ended', (error) => {
        if (error !== null) this.#become({ graph: this.#graph, problem: error.message });
      });
    }
  }
}
