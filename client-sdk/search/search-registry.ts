import { type BackoffBounds, backoffMs } from '../connection/backoff.ts';
import type { Environment } from '../connection/environment.ts';
import { Leaver } from '../connection/leaver.ts';
import type { Link, SearchEventName, SessionHandlers } from '../connection/link.ts';
import { HubClientError } from '../hub-client-error.ts';
import { nextSearch } from './next-search.ts';
import {
  isSearchSettled,
  type SearchEffect,
  type SearchEvent,
  searchRequestOf,
  type SearchSinkEffect,
  type SearchState,
} from './search-state.ts';

/** The application's side of a search. */
export interface SearchSink {
  readonly perform: (effects: readonly SearchSinkEffect[], state: SearchState) => void;
}

interface Entry {
  readonly sink: SearchSink;
  state: SearchState;
  /** What ends the running timer, by number of the link. */
  readonly timers: Map<number, () => void>;
}

interface Session {
  readonly link: Link;
  readonly leaver: Leaver;
  readonly isOffered: boolean;
}

/** What a link tells of searches. */
type SearchHandlers = Pick<SessionHandlers, SearchEventName | 'up' | 'down'>;

/** All open searches, and the driver of their states. No decisions here. */
export class SearchRegistry {
  readonly #environment: Environment;
  readonly #backoff: BackoffBounds;
  readonly #entries = new Map<string, Entry>();
  readonly #sessions = new Map<number, Session>();
  readonly #settled = new Map<number, () => void>();
  #lastLink = 0;

  constructor(environment: Environment, backoff: BackoffBounds) {
    this.#environment = environment;
    this.#backoff = backoff;
  }

  /** Asks for it on all links that there are, and on those to come. */
  add(state: SearchState, sink: SearchSink): void {
    this.#entries.set(state.id, { sink, state, timers: new Map() });
    // not at once: where it ends for good, the application has to have its listeners
    queueMicrotask(() => {
      for (const [link, { isOffered }] of [...this.#sessions]) this.dispatch(state.id, { type: 'up', isOffered, link });
    });
  }

  /** A new link. `settled` is called once, when every search has its result from it or will not have it soon. */
  open(settled: () => void): SearchHandlers {
    const link = (this.#lastLink += 1);
    const tellAll = (event: SearchEvent): void => {
      for (const id of [...this.#entries.keys()]) this.dispatch(id, event);
    };
    return {
      up: (opened, features) => {
        const leaver = new Leaver(this.#environment, this.#backoff.maxMs);
        leaver.up(opened);
        const isOffered = features.includes('search');
        this.#sessions.set(link, { link: opened, leaver, isOffered });
        this.#settled.set(link, settled);
        tellAll({ type: 'up', isOffered, link });
        this.#checkSettled();
      },
      down: () => {
        this.#sessions.get(link)?.leaver.down();
        this.#sessions.delete(link);
        this.#settled.delete(link);
        for (const entry of this.#entries.values()) stopTimer(entry, link);
        tellAll({ type: 'down', link });
      },
      result: (message) => this.dispatch(message.id, { type: 'result', message, link }),
      searchended: ({ id, error }) => this.dispatch(id, { type: 'ended', error: HubClientError.fromWire(error), link }),
      delta: (message) => {
        // a copy: a listener may close searches
        for (const [id, { state }] of [...this.#entries])
          if (state.attachments.get(link)?.room === message.room) this.dispatch(id, { type: 'delta', message, link });
      },
    };
  }

  /** Without effect where there is no such search. */
  dispatch(id: string, event: SearchEvent): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { state, effects } = nextSearch(entry.state, event);
    if (state === entry.state) return;
    entry.state = state;
    if (state.isEnded) this.#forget(id, entry);
    // requests first: a listener may want another query, which must not come before
    entry.sink.perform(
      effects.flatMap((effect) => this.#ask(id, entry, effect)),
      state,
    );
    this.#checkSettled();
  }

  endAll(error: HubClientError | null): void {
    for (const [id, entry] of [...this.#entries]) {
      this.#forget(id, entry);
      entry.state = { ...entry.state, source: null, isEnded: true };
      entry.sink.perform([{ type: 'end', error }], entry.state);
    }
  }

  /** Does what is for the hub; what is not is left. */
  #ask(id: string, entry: Entry, effect: SearchEffect): readonly SearchSinkEffect[] {
    switch (effect.type) {
      case 'request':
        this.#request(entry.state, effect);
        return [];
      case 'leave':
        this.#sessions.get(effect.link)?.leaver.leave('unsearch', id, () => undefined);
        return [];
      case 'retry':
        this.#retryLater(id, entry, effect);
        return [];
      default:
        return [effect];
    }
  }

  #request(state: SearchState, { link, asked }: Extract<SearchEffect, { readonly type: 'request' }>): void {
    this.#sessions.get(link)?.link.request('search', searchRequestOf(state, asked), (answer) => {
      if (answer.ok) return this.dispatch(state.id, { type: 'accepted', link });
      this.dispatch(state.id, { type: 'refused', error: HubClientError.fromWire(answer.error), link });
    });
  }

  #retryLater(
    id: string,
    entry: Entry,
    { link, failures, retryAfterMs }: Extract<SearchEffect, { readonly type: 'retry' }>,
  ): void {
    stopTimer(entry, link);
    const delayMs = retryAfterMs + backoffMs(failures, this.#environment.random(), this.#backoff);
    const cancel = this.#environment.setTimer(delayMs, () => {
      entry.timers.delete(link);
      this.dispatch(id, { type: 'retry', link });
    });
    entry.timers.set(link, cancel);
  }

  #checkSettled(): void {
    for (const [link, settled] of [...this.#settled]) {
      const isOpen = [...this.#entries.values()].some(({ state }) => !isSearchSettled(state, link));
      if (isOpen) continue;
      this.#settled.delete(link);
      settled();
    }
  }

  #forget(id: string, { timers }: Entry): void {
    for (const cancel of timers.values()) cancel();
    this.#entries.delete(id);
  }
}

function stopTimer({ timers }: Entry, link: number): void {
  timers.get(link)?.();
  timers.delete(link);
}
