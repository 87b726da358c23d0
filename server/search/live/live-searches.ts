import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Stopwatch } from '../../../channels/ports/clock.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { IndexPosition, SearchIndex } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { SearchRequest } from '../../../channels/search/search-request.ts';
import { covers } from '../../../channels/position/vector.ts';
import type { Room } from '../../delivery/outlet/room.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { every, type Loop } from '../../turns/every.ts';
import { deltaText } from '../../transport/packet.ts';
import { deliveredOf, Judge } from '../judge.ts';
import type { Searcher } from '../searcher.ts';
import { Requeries } from './requeries.ts';
import { type Difference, StandingSearch } from './standing-search.ts';
import type { StandingSearches } from './standing-searches.ts';
import { TenantSearches } from './tenant-searches.ts';

export interface LiveSearchesOptions {
  readonly index: Pick<SearchIndex, 'position'>;
  readonly searcher: Searcher;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly clock: Stopwatch;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'searchRequeries'>;
  readonly outlet: Pick<Outlet, 'shown'>;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  /** How far events were delivered to clients. */
  readonly position: () => IndexPosition;
  readonly publish: (room: string, packet: string) => void;
  readonly nameOf: (tenant: string, search: string, classId: string) => string;
}

/** Different searches that stand in one tenant on a node, and hits that they hold together, of the tenant and of the node. */
export const liveSearchLimits = { perTenant: 2000, hitsPerTenant: 50_000, hits: 200_000 } as const;
/** A result that is behind by more is said to be. */
const staleMs = 1000;
const sayStaleEveryMs = 5000;
const faultPauseMs = 200;
/** Where the store does not have yet what was delivered. */
const restMs = 20;

/** Equal for searches that have the same result under one class. */
function keyOf({ words, selection, facets, sort, limit, highlight }: SearchRequest, { id }: PolicyClass): string {
  return JSON.stringify([id, words.key, selection.conditionKey, facets, sort, limit, highlight]);
}

/**
 * The searches of this node that stay live: equal ones of one policy class are one, with a room of its own. What delivery
 * has published is judged for them right behind it; who joins gets what is said of the result, and from then on each change.
 */
export class LiveSearches {
  readonly #options: LiveSearchesOptions;
  readonly #tenants = new Map<string, TenantSearches>();
  readonly #requeries: Requeries;
  /** Those that were said to be behind, and when. */
  readonly #saidStale = new Map<StandingSearch, number>();
  #loop: Promise<void> | undefined;
  #isRunning = false;
  #staleness: Loop | undefined;
  #isClosed = false;
  #steps = 0;

  constructor(options: LiveSearchesOptions) {
    this.#options = options;
    const { searcher, clock } = options;
    this.#requeries = new Requeries({
      ...options,
      find: (search) => searcher.find(search.judge, search.wanted, (urn) => search.held(urn)),
      covers: (one, other) => this.#covers(one, other),
      nowMs: () => clock.elapsedMs(),
      onFound: (search, found) => {
        search.merge(found, clock.elapsedMs());
        this.#tenants.get(search.judge.policyClass.tenant)?.touch(search);
        this.#wake();
      },
    });
  }

  get size(): number {
    return this.#sum(({ size }) => size);
  }

  /** The index did not answer when it was last asked: hits leave and change, and others do not come. */
  get isAway(): boolean {
    return this.#requeries.isAway;
  }

  get isBusy(): boolean {
    return [...this.#tenants.values()].some(({ isBusy }) => isBusy);
  }

  /** No result waits for the index. */
  get isClean(): boolean {
    for (const { standing } of this.#tenants.values())
      for (const { dirt, isReady } of standing.all) if (dirt !== undefined || !isReady) return false;
    return true;
  }

  get steps(): number {
    return this.#steps;
  }

  start(): void {
    this.#staleness = every(staleMs, () => this.#sayStale());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#staleness?.stop();
    await this.#requeries.close();
    await this.#loop;
  }

  /** Events that were delivered to clients. */
  delivered(events: readonly HubEvent[]): void {
    if (this.#tenants.size === 0) return;
    for (const event of events) this.#tenants.get(event.tenant)?.delivered(event);
    this.#wake();
  }

  /** Events were lost: every result is asked for again. */
  lost(): void {
    for (const searches of this.#tenants.values()) {
      searches.lost();
      for (const search of searches.standing.all) this.#requeries.want(search);
    }
  }

  /**
   * The search, with one member more. `charge` is told what its first run took, in milliseconds, if it needs one.
   * @throws HubError too-many-subscriptions
   */
  enter(request: SearchRequest, policyClass: PolicyClass, charge: (ms: number) => void): StandingSearch {
    const searches = this.#tenantOf(policyClass.tenant);
    const key = keyOf(request, policyClass);
    const held = searches.standing.get(key);
    const search = held ?? this.#make(request, policyClass, key);
    search.room.members += 1;
    if (held !== undefined) return held;
    searches.standing.add(search);
    this.#requeries.want(search, charge);
    return search;
  }

  /** One member less; a search without members goes. */
  leave(search: StandingSearch): void {
    search.room.members -= 1;
    if (search.room.members > 0) return;
    const { tenant } = search.judge.policyClass;
    const searches = this.#tenants.get(tenant);
    searches?.remove(search);
    this.#requeries.forget(search);
    this.#saidStale.delete(search);
    if (searches !== undefined) this.#dropEmpty(tenant, searches);
  }

  /** Calls `work` as soon as what is said of the search is up to date; who joins its room then misses nothing. */
  whenSettled(search: StandingSearch, work: () => void): void {
    const searches = this.#tenants.get(search.judge.policyClass.tenant);
    if (searches === undefined) return;
    searches.whenSettled(search, work);
    this.#wake();
  }

  /** How far behind its result may be, to be said to members, who are then told when it is up to date again. */
  sayingStaleMs(search: StandingSearch): number | undefined {
    const behindMs = this.#staleMsOf(search);
    if (behindMs === undefined) this.#saidStale.delete(search);
    else this.#saidStale.set(search, this.#options.clock.elapsedMs());
    return behindMs;
  }

  /** How far behind its result may be, in milliseconds; undefined: less than a second. */
  #staleMsOf({ dirt, isReady }: StandingSearch): number | undefined {
    if (dirt === undefined || !isReady) return undefined;
    const behindMs = this.#options.clock.elapsedMs() - dirt.sinceMs;
    return behindMs > staleMs ? Math.round(behindMs) : undefined;
  }

  /** Another may have been made for the tenant meanwhile. */
  #dropEmpty(tenant: string, searches: TenantSearches): void {
    if (searches.isEmpty && this.#tenants.get(tenant) === searches) this.#tenants.delete(tenant);
  }

  #make(request: SearchRequest, policyClass: PolicyClass, key: string): StandingSearch {
    const { nameOf, position } = this.#options;
    const judge = new Judge(request, policyClass);
    const name = nameOf(policyClass.tenant, `search|${key}`, policyClass.id);
    const room: Room = { name, selection: request.selection, policyClass, members: 0, handle: undefined };
    const covering = (one: IndexPosition, other: IndexPosition): boolean => this.#covers(one, other);
    const search = new StandingSearch({ judge, room, key, since: position(), covers: covering });
    this.#assertCapacity(policyClass.tenant, search);
    return search;
  }

  #assertCapacity(tenant: string, { wanted }: StandingSearch): void {
    const { perTenant, hitsPerTenant, hits } = liveSearchLimits;
    const { size, hits: held } = this.#tenantOf(tenant).standing;
    if (size >= perTenant || held + wanted > hitsPerTenant)
      throw tooMany(`your tenant has ${size} different live searches on this node, with ${held} hits`);
    if (this.#sum(({ hits: each }) => each) + wanted > hits)
      throw tooMany('this node has no room for more live searches');
  }

  #sum(of: (standing: StandingSearches) => number): number {
    let sum = 0;
    for (const { standing } of this.#tenants.values()) sum += of(standing);
    return sum;
  }

  #tenantOf(tenant: string): TenantSearches {
    const held = this.#tenants.get(tenant);
    if (held !== undefined) return held;
    const { clock } = this.#options;
    const made = new TenantSearches({
      ...this.#options,
      tenant,
      nowMs: () => clock.elapsedMs(),
      publish: (search, difference) => this.#publish(search, difference),
    });
    this.#tenants.set(tenant, made);
    return made;
  }

  /** Positions of an epoch before the current one are behind all of it. */
  #covers(one: IndexPosition, other: IndexPosition): boolean {
    if (one.epoch === other.epoch) return covers(one.vector, other.vector);
    return one.epoch === this.#options.position().epoch;
  }

  #wake(): void {
    if (this.#isClosed || this.#isRunning) return;
    this.#isRunning = true;
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    // behind what is being published in this turn
    await nextTurn();
    while (this.isBusy && !this.#isClosed)
      for (const [tenant, searches] of this.#tenants) {
        if (searches.isBusy) await this.#round(tenant, searches);
        this.#dropEmpty(tenant, searches);
      }
    // in the same turn as the look before: nothing can come between
    this.#isRunning = false;
  }

  async #round(tenant: string, searches: TenantSearches): Promise<void> {
    try {
      if (await searches.round()) this.#steps += 1;
      else await pause(restMs);
    } catch (error) {
      this.#options.logger.warn({ error, tenant }, 'live searches cannot read the catalog; retrying');
      await pause(faultPauseMs);
    }
    for (const search of searches.standing.all) if (search.dirt !== undefined) this.#requeries.want(search);
  }

  #publish(search: StandingSearch, difference: Difference): void {
    const { publish, outlet } = this.#options;
    const { room } = search;
    publish(room.name, deltaText(room.name, difference, this.sayingStaleMs(search)));
    const { tenant } = search.judge.policyClass;
    const shown = difference.changes.flatMap(({ kind, item }) => (kind === 'enter' || kind === 'update' ? [item] : []));
    if (shown.length > 0)
      outlet.shown(
        room,
        shown.map((each) => deliveredOf(tenant, each)),
      );
  }

  #sayStale(): void {
    const nowMs = this.#options.clock.elapsedMs();
    for (const { standing } of this.#tenants.values())
      for (const search of standing.all) {
        const behindMs = this.#staleMsOf(search);
        const saidMs = this.#saidStale.get(search);
        const isNews =
          behindMs === undefined
            ? saidMs !== undefined
            : nowMs - (saidMs ?? Number.NEGATIVE_INFINITY) >= sayStaleEveryMs;
        if (isNews) this.#publish(search, { changes: [], total: undefined, facets: undefined });
      }
  }
}

function tooMany(why: string): HubError {
  return new HubError('too-many-subscriptions', `search: ${why}; end those that are not needed, or retry later`);
}
