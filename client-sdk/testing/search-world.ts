import type { SearchHit, SearchResultMessage } from '../../channels/protocol/search.ts';
import { sameJson } from '../../channels/event/json.ts';
import { HubClientError } from '../hub-client-error.ts';
import { differences } from '../search/hit-list.ts';
import { nextSearch } from '../search/next-search.ts';
import {
  isSearchSettled,
  newSearch,
  type Query,
  type SearchEvent,
  type SearchLinkEvent,
  type SearchSinkEffect,
  type SearchState,
} from '../search/search-state.ts';
import { sampleHit } from './contract-server.ts';

/** What an entity is from now on: its place, and which of the queries find it. */
export interface EntityState {
  readonly urn: string;
  readonly rank: number;
  readonly words: readonly string[];
}

/** One thing that may happen. `on` chooses among the links that there are; what makes no sense at the moment is left out. */
export type SearchWorldStep =
  | { readonly do: 'write'; readonly entity: EntityState }
  | { readonly do: 'query'; readonly q: string }
  | { readonly do: 'advance' | 'deliver'; readonly on: number; readonly count: number }
  | { readonly do: 'answer' | 'cut' | 'policy' | 'drop' | 'wrong' | 'forget'; readonly on: number }
  | { readonly do: 'goaway' | 'switch' | 'retry' | 'refuse' | 'close' };

type Result = Omit<SearchResultMessage, 'id'>;

/** A link to a node of its own, which may be behind the catalog. */
interface LinkModel {
  readonly link: number;
  /** So much of the catalog's history is known there. */
  tail: number;
  /** The search that stands there. */
  standing: { readonly asked: Query; readonly room: string; hits: readonly SearchHit[] } | null;
  /** Asked for and not answered. */
  asked: Query | null;
  /** Sent and not yet arrived. */
  readonly frames: SearchLinkEvent[];
}

const limit = 4;

/** Hubs, links and one live search: everything may be cut, late, refused or out of step. */
export class SearchWorld {
  state: SearchState = newSearch('q', { q: 'a' });
  links: LinkModel[] = [];
  readonly #history: EntityState[] = [];
  readonly #perform: (effects: readonly SearchSinkEffect[], state: SearchState) => void;
  #retries: number[] = [];
  #refuses = false;
  #lastLink = 0;
  #lastRoom = 0;

  constructor(perform: (effects: readonly SearchSinkEffect[], state: SearchState) => void) {
    this.#perform = perform;
    this.#connect();
  }

  run(step: SearchWorldStep): void {
    switch (step.do) {
      case 'write':
        return void this.#history.push(step.entity);
      case 'query':
        return this.tell({ type: 'query', query: { q: step.q } });
      case 'goaway':
        return this.links.length === 1 ? this.#connect() : undefined;
      case 'switch': {
        const [, next] = this.links;
        return next !== undefined && isSearchSettled(this.state, next.link) ? this.#cut(0) : undefined;
      }
      case 'retry':
        for (const link of this.#retries.splice(0)) this.tell({ type: 'retry', link });
        return undefined;
      case 'refuse':
        this.#refuses = true;
        return undefined;
      case 'close':
        return this.tell({ type: 'close' });
      default: {
        const on = step.on % this.links.length;
        const model = this.links[on];
        return model === undefined || step.do === 'cut' ? this.#cut(on) : this.#onLink(model, step);
      }
    }
  }

  /** No more faults: everything that can arrive does. */
  settle(): void {
    this.#refuses = false;
    for (let round = 0; round < 20; round += 1) {
      this.run({ do: 'retry' });
      for (const model of [...this.links]) {
        this.#advance(model, this.#history.length);
        this.#answer(model);
        this.#deliver(model, model.frames.length);
      }
      this.run({ do: 'switch' });
    }
  }

  /** What the wanted query finds in the whole catalog. */
  expected(): readonly SearchHit[] {
    return this.#found(this.state.wanted, this.#history.length);
  }

  #onLink(model: LinkModel, step: Extract<SearchWorldStep, { readonly on: number }>): void {
    switch (step.do) {
      case 'advance':
        return this.#advance(model, step.count);
      case 'deliver':
        return this.#deliver(model, step.count);
      case 'answer':
        return this.#answer(model);
      case 'policy':
        return model.standing === null ? undefined : this.#stand(model, model.standing.asked, { reason: 'token' });
      case 'drop':
        // after a change of rights it cannot be opened again for now
        if (model.standing === null) return undefined;
        model.standing = null;
        return void model.frames.push({ type: 'ended', error: refusal('not-ready') });
      case 'forget':
        // the search is gone, and whoever asks for it hears so
        if (model.asked === null) return undefined;
        model.standing = null;
        model.frames.push({ type: 'refused', error: refusal('unknown-subscription') });
        model.asked = null;
        return undefined;
      case 'wrong': {
        const { standing } = model;
        if (standing === null) return undefined;
        const changes = [{ kind: 'leave', urn: 'urn:example:nowhere' }] as const;
        return void model.frames.push({ type: 'delta', message: { room: standing.room, changes } });
      }
      case 'cut':
        return undefined;
      default:
        return step satisfies never;
    }
  }

  #advance(model: LinkModel, count: number): void {
    model.tail = Math.min(this.#history.length, model.tail + count);
    const { standing } = model;
    if (standing === null) return;
    const hits = this.#found(standing.asked, model.tail).map((hit) => sameOf(hit, standing.hits));
    const changes = differences(standing.hits, hits);
    standing.hits = hits;
    const total = { value: hits.length, relation: 'exact' } as const;
    if (changes.length > 0) model.frames.push({ type: 'delta', message: { room: standing.room, changes, total } });
  }

  #answer(model: LinkModel): void {
    const { asked } = model;
    if (asked === null) return;
    model.asked = null;
    if (this.#refuses) {
      this.#refuses = false;
      return void model.frames.push({ type: 'refused', error: refusal('rate-limited') });
    }
    model.frames.push({ type: 'accepted' });
    this.#stand(model, asked, {});
  }

  #stand(model: LinkModel, asked: Query, more: Pick<Result, 'reason'>): void {
    const hits = this.#found(asked, model.tail);
    const room = `room ${(this.#lastRoom += 1)}`;
    model.standing = { asked, room, hits };
    const total = { value: hits.length, relation: 'exact' } as const;
    model.frames.push({ type: 'result', message: { rev: asked.rev, room, hits, total, facets: {}, ...more } });
  }

  #found({ query }: Query, tail: number): readonly SearchHit[] {
    const entities = new Map<string, { readonly entity: EntityState; readonly version: number }>();
    for (const [version, entity] of this.#history.slice(0, tail).entries())
      entities.set(entity.urn, { entity, version });
    return [...entities.values()]
      .filter(({ entity }) => entity.words.includes(query.q ?? ''))
      .toSorted((one, other) => one.entity.rank - other.entity.rank || (one.entity.urn < other.entity.urn ? -1 : 1))
      .slice(0, limit)
      .map(({ entity, version }) => sampleHit(entity.urn, version));
  }

  #deliver(model: LinkModel, count: number): void {
    for (const frame of model.frames.splice(0, count)) {
      if (!this.links.includes(model)) return;
      this.tell({ ...frame, link: model.link });
    }
  }

  #connect(): void {
    if (this.state.isEnded) return;
    const link = (this.#lastLink += 1);
    this.links.push({ link, tail: 0, standing: null, asked: null, frames: [] });
    this.tell({ type: 'up', isOffered: true, link });
  }

  #cut(index: number): void {
    const [model] = this.links.splice(index, 1);
    if (model !== undefined) this.tell({ type: 'down', link: model.link });
    if (this.links.length === 0) this.#connect();
  }

  tell(event: SearchEvent): void {
    const { state, effects } = nextSearch(this.state, event);
    if (state === this.state) return;
    this.state = state;
    const told = effects.flatMap((effect): SearchSinkEffect[] => {
      if (effect.type === 'retry') this.#retries.push(effect.link);
      else if (effect.type === 'request') this.#ask(effect.link, effect.asked);
      else if (effect.type !== 'leave') return [effect];
      return [];
    });
    this.#perform(told, state);
  }

  #ask(link: number, asked: Query): void {
    const model = this.links.find((each) => each.link === link);
    if (model === undefined) return;
    const isAnswered = model.frames.every(({ type }) => type !== 'accepted' && type !== 'refused');
    if (model.asked !== null || !isAnswered) throw new Error('two requests are on their way at once');
    model.asked = asked;
  }
}

/** The hit before, where it says the same. */
function sameOf(hit: SearchHit, before: readonly SearchHit[]): SearchHit {
  return before.find((held) => sameJson(held, hit)) ?? hit;
}

function refusal(code: 'rate-limited' | 'not-ready' | 'unknown-subscription'): HubClientError {
  return new HubClientError(code, 'not now', { retryable: code !== 'unknown-subscription' });
}
