import type { SearchDeltaMessage, SearchHit, SearchResultMessage } from '../../channels/protocol/search.ts';
import type { FakeConnection } from './fake-connection.ts';

/** One live search as a careful client holds it. */
interface Held {
  room: string;
  rev: number;
  hits: SearchHit[];
  total: SearchResultMessage['total'];
  facets: SearchResultMessage['facets'];
  staleMs: number | undefined;
}

/** A client with live searches on a connection without network. Every message has to fit what it holds. */
export class SearchClient {
  readonly searches = new Map<string, Held>();
  /** What did not fit. */
  readonly faults: string[] = [];
  /** Messages of each kind, and steps of deltas. */
  readonly counts: Record<string, number> = {};
  /** The newest event of each entity that reached it: no hit may be older. */
  readonly #events = new Map<string, string>();
  readonly #connection: FakeConnection;
  #read = 0;

  constructor(connection: FakeConnection) {
    this.#connection = connection;
  }

  search(request: { readonly id: string }): Promise<unknown> {
    return this.#connection.request('search', request);
  }

  end(id: string): Promise<unknown> {
    return this.#connection.request('unsearch', { id });
  }

  /** Takes what has come. */
  read(): void {
    for (const [name, payload] of this.#connection.sent.slice(this.#read)) this.#on(name, payload);
    this.#read = this.#connection.sent.length;
  }

  urns(id: string): readonly string[] {
    return this.searches.get(id)?.hits.map(({ entity }) => entity.urn) ?? [];
  }

  #on(name: string, payload: unknown): void {
    this.#count(name);
    if (name === 'result') this.#result(payload as SearchResultMessage);
    if (name === 'delta') this.#delta(payload as SearchDeltaMessage);
    if (name === 'events')
      for (const { subject, entity } of (payload as { events: { subject: string; entity?: { fqn: string } }[] }).events)
        if (entity !== undefined) this.#events.set(subject, entity.fqn);
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  #result({ id, rev, room, hits, total, facets, staleMs }: SearchResultMessage): void {
    const held = this.searches.get(id);
    if (held !== undefined && held.rev > rev) this.faults.push(`${id}: rev went back from ${held.rev} to ${rev}`);
    this.searches.set(id, { room, rev, hits: [...hits], total, facets, staleMs });
    for (const hit of hits) this.#assertNew(hit);
  }

  #delta({ room, changes, total, facets, staleMs }: SearchDeltaMessage): void {
    for (const [id, held] of this.searches) {
      if (held.room !== room) continue;
      for (const change of changes) this.#change(id, held, change);
      held.total = total ?? held.total;
      held.facets = facets ?? held.facets;
      held.staleMs = staleMs;
    }
  }

  #change(id: string, { hits }: Held, change: SearchDeltaMessage['changes'][number]): void {
    this.#count(change.kind);
    const urn = 'hit' in change ? change.hit.entity.urn : change.urn;
    const at = hits.findIndex(({ entity }) => entity.urn === urn);
    if ((at === -1) !== (change.kind === 'enter'))
      return void this.faults.push(`${id}: ${change.kind} of ${urn} at ${at}`);
    if ('hit' in change) this.#assertNew(change.hit);
    if (change.kind === 'update') return void hits.splice(at, 1, change.hit);
    const [gone] = at === -1 ? [undefined] : hits.splice(at, 1);
    if (change.kind === 'leave') return;
    const hit = change.kind === 'enter' ? change.hit : gone;
    const place = change.after === null ? 0 : hits.findIndex(({ entity }) => entity.urn === change.after) + 1;
    if (change.after !== null && place === 0)
      this.faults.push(`${id}: ${urn} behind ${change.after}, which is not there`);
    if (hit !== undefined) hits.splice(place, 0, hit);
  }

  /** A test that writes `v<version>` as fqn. */
  #assertNew({ entity: { urn, fqn } }: SearchHit): void {
    const seen = this.#events.get(urn);
    if (seen !== undefined && Number(fqn?.slice(1)) < Number(seen.slice(1)))
      this.faults.push(`${urn}: a hit of ${fqn} behind an event of ${seen}`);
  }
}
