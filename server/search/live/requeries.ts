import { setTimeout as pause } from 'node:timers/promises';
import type { IndexPosition, SearchIndex } from '../../../channels/ports/search-index.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Found } from '../searcher.ts';
import type { StandingSearch } from './standing-search.ts';

export interface RequeriesOptions {
  readonly index: Pick<SearchIndex, 'position'>;
  /** @throws HubError storage-unavailable */
  readonly find: (search: StandingSearch) => Promise<Found>;
  readonly covers: (one: IndexPosition, other: IndexPosition) => boolean;
  /** The index has answered. */
  readonly onFound: (search: StandingSearch, found: Found) => void;
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'searchRequeries'>;
}

/** Searches that run at the same time. */
const atOnce = 4;
/** Rest of a search behind a run: that much, or so many times as long as the run took. */
const rest = { list: 20, counts: 1000, runs: 4 } as const;
/** A tenant rests so many times as long as its searches ran: the others have most of the time. */
const tenantRest = 2;
/** How often an index that is behind is looked at, and one that does not answer. */
const look = { firstMs: 2, lastMs: 100 } as const;
const away = { firstMs: 100, lastMs: 5000 } as const;

/** One search that waits for the index. */
interface Request {
  readonly search: StandingSearch;
  /** Who pays for the run, in milliseconds. */
  readonly charge: ((ms: number) => void) | undefined;
}

/**
 * Asks the index again for searches that need it: those without a result first, then those that may lack hits, then those
 * of which only the counts may be wrong, in turns of the tenants. None is asked for before the index knows what it is asked
 * for, a few run at the same time, and each rests in proportion to what it costs, so a busy one does not starve the others.
 */
export class Requeries {
  readonly #options: RequeriesOptions;
  readonly #requests = new Map<StandingSearch, Request>();
  readonly #running = new Set<StandingSearch>();
  readonly #lastRuns = new WeakMap<StandingSearch, { readonly endMs: number; readonly tookMs: number }>();
  /** Until when the searches of a tenant rest. */
  readonly #rests = new Map<string, number>();
  readonly #closing = new AbortController();
  #lastTenant = '';
  #failures = 0;
  #loop: Promise<void> | undefined;
  #isRunning = false;
  #wake: AbortController | undefined;

  constructor(options: RequeriesOptions) {
    this.#options = options;
  }

  /** The index did not answer when it was last asked. */
  get isAway(): boolean {
    return this.#failures > 0;
  }

  /** The search has no result yet, or is dirty. */
  want(search: StandingSearch, charge?: (ms: number) => void): void {
    if (this.#closing.signal.aborted || this.#requests.has(search) || search.room.members === 0) return;
    this.#requests.set(search, { search, charge });
    this.#wake?.abort();
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#loop = this.#run();
  }

  forget(search: StandingSearch): void {
    this.#requests.delete(search);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.abort();
    await this.#loop;
    while (this.#running.size > 0) await pause(1);
  }

  async #run(): Promise<void> {
    let lookMs: number = look.firstMs;
    while (this.#requests.size > 0 && !this.#closing.signal.aborted) {
      const known = await this.#position();
      const begun = this.#begin(known);
      lookMs = begun > 0 ? look.firstMs : Math.min(look.lastMs, lookMs * 1.5);
      if (this.#requests.size > 0) await this.#sleep(this.#failures > 0 ? this.#awayMs() : lookMs);
    }
    // in the same turn as the look before: nothing can come between
    this.#isRunning = false;
  }

  #awayMs(): number {
    return Math.min(away.lastMs, away.firstMs * 2 ** this.#failures);
  }

  async #sleep(ms: number): Promise<void> {
    this.#wake = new AbortController();
    await pause(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    this.#wake = undefined;
  }

  async #position(): Promise<IndexPosition | undefined> {
    try {
      const position = await this.#options.index.position();
      this.#failures = 0;
      return position;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#options.logger.warn({ error }, 'the search index does not answer; retrying');
  }

  /** Number of searches that were begun. */
  #begin(known: IndexPosition | undefined): number {
    let begun = 0;
    while (this.#running.size < atOnce && this.#failures === 0) {
      const request = this.#next(known);
      if (request === undefined) return begun;
      this.#requests.delete(request.search);
      this.#lastTenant = request.search.judge.policyClass.tenant;
      this.#running.add(request.search);
      void this.#ask(request);
      begun += 1;
    }
    return begun;
  }

  #next(known: IndexPosition | undefined): Request | undefined {
    const nowMs = this.#options.nowMs();
    let best: Request | undefined;
    for (const request of this.#requests.values())
      if (this.#isDue(request, known, nowMs) && (best === undefined || this.#isBefore(request.search, best.search)))
        best = request;
    return best;
  }

  #isDue({ search }: Request, known: IndexPosition | undefined, nowMs: number): boolean {
    if (this.#running.has(search)) return false;
    if (!search.isReady) return true;
    const { dirt } = search;
    if (dirt === undefined || known === undefined || !this.#options.covers(known, dirt.position)) return false;
    if (nowMs < (this.#rests.get(search.judge.policyClass.tenant) ?? 0)) return false;
    const last = this.#lastRuns.get(search);
    return last === undefined || nowMs >= last.endMs + Math.max(rest[dirt.kind], last.tookMs * rest.runs);
  }

  #isBefore(one: StandingSearch, other: StandingSearch): boolean {
    const [first, second] = [urgency(one), urgency(other)];
    if (first !== second) return first < second;
    const isOther = (search: StandingSearch): boolean => search.judge.policyClass.tenant !== this.#lastTenant;
    if (isOther(one) !== isOther(other)) return isOther(one);
    return (one.dirt?.sinceMs ?? 0) < (other.dirt?.sinceMs ?? 0);
  }

  async #ask({ search, charge }: Request): Promise<void> {
    const { find, onFound, nowMs, metrics, logger } = this.#options;
    const startedMs = nowMs();
    const kind = search.isReady ? (search.dirt?.kind ?? 'counts') : 'first';
    metrics.searchRequeries.inc({ reason: kind });
    let tookMs: number | undefined;
    try {
      const found = await find(search);
      this.#failures = 0;
      tookMs = found.tookMs;
      onFound(search, found);
    } catch (error) {
      if (HubError.from(error).code === 'internal') logger.error({ error }, 'a live search failed; retrying');
      this.#failed(error);
    } finally {
      this.#running.delete(search);
      this.#noteRun(search, tookMs ?? nowMs() - startedMs, charge);
    }
    if (search.isReady && search.dirt === undefined) this.#wake?.abort();
    else this.want(search);
  }

  /** The first run is paid for by who wants it, the others by the tenant, which rests. */
  #noteRun(search: StandingSearch, tookMs: number, charge: Request['charge']): void {
    const endMs = this.#options.nowMs();
    this.#lastRuns.set(search, { endMs, tookMs });
    if (charge !== undefined) return charge(tookMs);
    const { tenant } = search.judge.policyClass;
    for (const [each, untilMs] of this.#rests) if (untilMs <= endMs) this.#rests.delete(each);
    this.#rests.set(tenant, Math.max(this.#rests.get(tenant) ?? 0, endMs) + tookMs * tenantRest);
  }
}

function urgency({ isReady, dirt }: StandingSearch): number {
  if (!isReady) return 0;
  return dirt?.kind === 'list' ? 1 : 2;
}
