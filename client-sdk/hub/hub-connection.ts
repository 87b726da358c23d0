import type { Field } from '../../channels/protocol/fields.ts';
import type { Shape, SubscribeRequest } from '../../channels/protocol/up.ts';
import { Connection, type ConnectionOptions } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { SessionHandlers } from '../connection/link.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { HubAnswer, HubBodyOptions, HubMethod, HubRequestOptions } from '../rest/rest.ts';
import { createSendRequest, type SendRequest } from '../rest/send-request.ts';
import { onlyResult } from '../search/only-result.ts';
import { newSearch } from '../search/search-state.ts';
import { SearchRegistry } from '../search/search-registry.ts';
import { SearchSubscription } from '../search/search-subscription.ts';
import type { HubSearch, LiveSearch, SearchOptions, SearchResult } from '../search/search.ts';
import { ChannelSubscription } from '../subscription/channel-subscription.ts';
import type { FeedEvent, ViewItem, ViewShape } from '../subscription/shaped.ts';
import type { ChannelOptions, Subscription } from '../subscription/subscription.ts';
import { SubscriptionRegistry } from '../subscription/subscription-registry.ts';
import { ViewSubscription } from '../view/view-subscription.ts';
import type { View, ViewOptions } from '../view/view.ts';
import type { Hub, HubEvents, HubStatus } from './hub.ts';

interface WantedForm {
  readonly shape?: Shape | undefined;
  readonly fields?: readonly Field[];
}

/** Enough for a burst of some seconds at the rate of a busy catalog, about 1 MB. */
const defaultMaxBuffered = 1000;

/** Joins one connection with the registries of its subscriptions and searches. */
export class HubConnection implements Hub {
  readonly #events = new Emitter<HubEvents>();
  readonly #registry: SubscriptionRegistry;
  readonly #searches: SearchRegistry;
  readonly #connection: Connection;
  readonly search: HubSearch = Object.assign((q: string, options?: SearchOptions) => this.#search(q, options), {
    once: (q: string, options?: SearchOptions) => this.#searchOnce(q, options),
  });
  readonly #send: SendRequest;
  #lastId = 0;

  constructor(options: Omit<ConnectionOptions, 'handlers'>) {
    this.#send = createSendRequest(options.url, options.token);
    this.#registry = new SubscriptionRegistry(options.environment, options.backoff, (message) =>
      this.#events.emit('notice', message),
    );
    this.#searches = new SearchRegistry(options.environment, options.backoff);
    this.#connection = new Connection({
      ...options,
      handlers: {
        session: (settled) => this.#open(settled),
        state: (state) => this.#changed(state),
        error: (error) => this.#events.emit('error', error),
      },
    });
  }

  get status(): HubStatus {
    return this.#connection.state.name;
  }

  channel<S extends Shape | undefined = undefined, F extends Field = never>(
    name: string,
    options: ChannelOptions<S, F> = {},
  ): Subscription<FeedEvent<S, F>> {
    const { maxBuffered = defaultMaxBuffered } = options;
    const since = options.since === undefined ? undefined : timeOf(options.since);
    const id = this.#newId();
    const subscription = new ChannelSubscription({ id, channel: name, maxBuffered, left: () => this.#leave(id) });
    this.#registry.add({ id, channel: name, ...wantedOf(options), ...(since && { since }) }, subscription);
    // a hub answers in the form that it was asked for
    return subscription as unknown as Subscription<FeedEvent<S, F>>;
  }

  view<S extends ViewShape | undefined = undefined, F extends Field = never>(
    name: string,
    options: ViewOptions<S, F> = {},
  ): View<ViewItem<S, F>> {
    const id = this.#newId();
    const broken = (): void => this.#registry.restart(id);
    const hasDocuments = options.shape !== 'entity';
    const view = new ViewSubscription({ id, channel: name, left: () => this.#leave(id), broken, hasDocuments });
    this.#registry.add({ id, channel: name, mode: 'view', ...wantedOf(options) }, view);
    return view as unknown as View<ViewItem<S, F>>;
  }

  get<Body>(path: string, options?: HubBodyOptions): Promise<HubAnswer<Body>> {
    return this.#request('GET', path, options);
  }

  post<Body>(path: string, body?: object, options?: HubBodyOptions): Promise<HubAnswer<Body>> {
    return this.#request('POST', path, { ...options, ...(body && { body }) });
  }

  put<Body>(path: string, body: object, options?: HubBodyOptions): Promise<HubAnswer<Body>> {
    return this.#request('PUT', path, { ...options, body });
  }

  patch<Body>(path: string, body: object, options?: HubBodyOptions): Promise<HubAnswer<Body>> {
    return this.#request('PATCH', path, { ...options, body });
  }

  delete<Body>(path: string, options?: HubBodyOptions): Promise<HubAnswer<Body>> {
    return this.#request('DELETE', path, options);
  }

  on<Name extends keyof HubEvents>(name: Name, listener: (value: HubEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  close(): void {
    this.#connection.close();
  }

  async #request<Body>(method: HubMethod, path: string, options?: HubRequestOptions): Promise<HubAnswer<Body>> {
    // what the body is, the caller says
    return (await this.#send(method, path, options)) as HubAnswer<Body>;
  }

  #search(q: string, options: SearchOptions = {}): LiveSearch {
    const state = newSearch(this.#newId(), { ...options, q });
    const search = new SearchSubscription(state, (wish) => this.#searches.dispatch(state.id, wish));
    this.#searches.add(state, search);
    return search;
  }

  async #searchOnce(q: string, options: SearchOptions = {}): Promise<SearchResult> {
    const state = newSearch(this.#newId(), { ...options, q }, true);
    return new Promise((resolve, reject) => this.#searches.add(state, onlyResult(resolve, reject)));
  }

  /** Settled on a link are those of both registries. */
  #open(settled: () => void): SessionHandlers {
    let left = 2;
    const isOne = (): void => {
      left -= 1;
      if (left === 0) settled();
    };
    const [feeds, searches] = [this.#registry.open(isOne), this.#searches.open(isOne)];
    return {
      ...feeds,
      ...searches,
      up: (link, features) => {
        feeds.up(link, features);
        searches.up(link, features);
      },
      down: () => {
        feeds.down();
        searches.down();
      },
    };
  }

  #newId(): string {
    if (this.status === 'closed') throw new HubClientError('closed', 'the hub object is closed', { retryable: false });
    this.#lastId += 1;
    return `s${this.#lastId}`;
  }

  #leave(id: string): void {
    this.#registry.dispatch(id, { type: 'close' });
  }

  #changed(state: ConnectionState): void {
    this.#events.emit('status', state.name);
    if (state.name !== 'closed') return;
    this.#registry.endAll(state.error);
    this.#searches.endAll(state.error);
  }
}

/** What a request says of it. */
function wantedOf({ filter, shape, fields }: Pick<SubscribeRequest, 'filter'> & WantedForm): Partial<SubscribeRequest> {
  return { ...(filter && { filter }), ...(shape && { shape }), ...(fields && { fields }) };
}

function timeOf(since: string | Date): string {
  const time = new Date(since);
  if (Number.isNaN(time.getTime()))
    throw new HubClientError('invalid-request', '`since` must be an RFC 3339 time', { retryable: false });
  return typeof since === 'string' ? since : time.toISOString();
}
