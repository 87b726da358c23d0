import { type Principal, principalKey } from '../../../channels/policy/principal.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { SearchedResult, SearchResultMessage } from '../../../channels/protocol/search.ts';
import type { Ack } from '../../../channels/protocol/up.ts';
import { parseUp, searchSchema, unsearchSchema } from '../../../channels/protocol/up-schema.ts';
import { parseSearchRequest, type SearchRequest } from '../../../channels/search/search-request.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import { KeyedCounts } from '../../limits/keyed-counts.ts';
import type { Answer, FeatureSession, SessionFeature } from '../../part/session-feature.ts';
import { resultPacket } from '../../transport/packet.ts';
import { deliveredOf } from '../judge.ts';
import type { SearchBudgets } from '../search-budgets.ts';
import { resultMembers, type Searcher } from '../searcher.ts';
import type { LiveSearches } from '../live/live-searches.ts';
import type { StandingSearch } from '../live/standing-search.ts';

export interface SessionSearchesOptions {
  readonly live: LiveSearches;
  readonly searcher: Searcher;
  readonly budgets: SearchBudgets;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  /** Resolves when the documents of the tenant can be searched. @throws HubError not-ready */
  readonly built: (tenant: string) => Promise<void>;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** Live searches of a session, and of a principal over all its sessions of this node. */
export const searchesPerSession = 50;
const searchesPerPrincipal = 200;
/** How long a search waits for its first result. */
const patienceMs = 5000;

/** A query that has no result yet. */
interface Attempt {
  readonly rev: number;
  readonly request: SearchRequest;
  readonly reason: SearchResultMessage['reason'];
  /** Undefined until the index of the tenant is there. */
  search: StandingSearch | undefined;
}

/** What a session has under one id. */
interface Entry {
  /** Of the newest query. */
  rev: number;
  /** The query whose result the client has, and may go on with under other rights. */
  shown: { readonly rev: number; readonly request: SearchRequest } | undefined;
  /** Its hits are what the client has. */
  current: StandingSearch | undefined;
  /** The newest query, until its result is there. */
  attempt: Attempt | undefined;
}

type Entries = Map<string, Entry>;

/** The feature `search` of sessions: opens live searches, changes them while somebody types, and ends them. */
export class SessionSearches implements SessionFeature {
  readonly name = 'search';
  readonly messages = {
    search: (session: FeatureSession, payload: unknown, answer: Answer) => this.#search(session, payload, answer),
    unsearch: (session: FeatureSession, payload: unknown, answer: Answer) => this.#unsearch(session, payload, answer),
  };
  readonly #options: SessionSearchesOptions;
  readonly #sessions = new Map<FeatureSession, Entries>();
  readonly #perPrincipal = new KeyedCounts();

  constructor(options: SessionSearchesOptions) {
    this.#options = options;
  }

  delivered: NonNullable<SessionFeature['delivered']> = (events) => this.#options.live.delivered(events);

  lost: NonNullable<SessionFeature['lost']> = () => this.#options.live.lost();

  closed(session: FeatureSession): void {
    for (const id of this.#sessions.get(session)?.keys() ?? []) this.#end(session, id);
  }

  /** What it had is gone at once; what the new rights let it see comes as soon as it is found. */
  reclassified(session: FeatureSession): void {
    for (const [id, entry] of this.#sessions.get(session) ?? []) {
      const { attempt, current, shown } = entry;
      entry.current = undefined;
      this.#drop(session, current);
      // a query on its way goes on under the new rights
      if (attempt !== undefined) this.#retract(session, attempt);
      else if (shown !== undefined) this.#reopen(session, id, entry, shown);
    }
  }

  async #search(session: FeatureSession, payload: unknown, answer: Answer): Promise<void> {
    const { id, rev = 0, once = false } = parseUp(searchSchema, payload);
    const request = parseSearchRequest(queryIn(payload));
    if (once) return this.#once(session, { id, rev, request }, answer);
    const entry = this.#entryOf(session, id);
    if (rev < entry.rev) throw new HubError('invalid-request', `rev: must not be lower than ${entry.rev}`);
    entry.rev = rev;
    await this.#open(session, id, entry, { rev, request, reason: undefined, search: undefined }, answer);
  }

  #reopen(session: FeatureSession, id: string, entry: Entry, shown: NonNullable<Entry['shown']>): void {
    const attempt: Attempt = { ...shown, reason: 'token', search: undefined };
    // a failure is told by `searchended`
    this.#open(session, id, entry, attempt, () => undefined).catch(() => undefined);
  }

  async #once(
    session: FeatureSession,
    { id, rev, request }: { readonly id: string; readonly rev: number; readonly request: SearchRequest },
    answer: Answer,
  ): Promise<void> {
    const { built, searcher, outlet, budgets, pending } = this.#options;
    const { principal, policyClass } = session;
    const owner = principalKey(principal);
    await built(principal.tenant);
    const { members, delivered } = await budgets.run(owner, () => searcher.search(request, policyClass));
    await pending();
    // its rights may have changed meanwhile
    if (session.policyClass !== policyClass) throw new HubError('not-ready', 'search: your rights have changed; retry');
    answer(accepted({ id, rev, room: '' }));
    outlet.fetched({ owner, session: session.id }, delivered);
    session.sendPacket(resultPacket({ id, rev, room: '' }, members));
  }

  #unsearch(session: FeatureSession, payload: unknown, answer: Answer): void {
    const { id } = parseUp(unsearchSchema, payload);
    if (this.#sessions.get(session)?.has(id) !== true)
      throw new HubError('unknown-subscription', `id: this session has no search ${id}`);
    this.#end(session, id);
    answer({ ok: true });
  }

  /**
   * Resolves when its result was sent and it is live. What was typed before is of no interest any more; what the client has
   * stays until then, and also if this fails.
   * @throws HubError unknown-subscription if something else took its place
   */
  async #open(session: FeatureSession, id: string, entry: Entry, attempt: Attempt, answer: Answer): Promise<void> {
    const before = entry.attempt;
    entry.attempt = attempt;
    if (before !== undefined) this.#retract(session, before);
    try {
      while (!(await this.#try(session, id, entry, attempt, answer))) if (entry.attempt !== attempt) throw superseded();
    } catch (error) {
      this.#retract(session, attempt);
      if (entry.attempt === attempt) this.#failed(session, id, entry, error);
      throw error;
    }
  }

  /** True when its result was sent; false if it was retracted meanwhile. */
  async #try(session: FeatureSession, id: string, entry: Entry, attempt: Attempt, answer: Answer): Promise<boolean> {
    const { built, budgets, live } = this.#options;
    const owner = principalKey(session.principal);
    budgets.assertCapacity(owner);
    await built(session.principal.tenant);
    if (entry.attempt !== attempt) return false;
    const { rev, request, reason } = attempt;
    const search = live.enter(request, session.policyClass, (ms) => budgets.spend(owner, ms));
    attempt.search = search;
    const room = search.room.name;
    const outcome = await this.#whenSettled(search, () => {
      if (attempt.search !== search || entry.attempt !== attempt) return false;
      answer(accepted({ id, rev, room }));
      this.#show(session, search, { id, rev, room, ...(reason && { reason }) });
      const { current } = entry;
      Object.assign(entry, { current: search, attempt: undefined, shown: { rev, request } });
      this.#drop(session, current);
      return true;
    });
    if (outcome === 'late' && attempt.search === search)
      throw new HubError('storage-unavailable', 'search: the search index does not answer; retry in a moment');
    return outcome === 'shown';
  }

  /** The result that the client has stays, unless its rights were lost. */
  #failed(session: FeatureSession, id: string, entry: Entry, error: unknown): void {
    entry.attempt = undefined;
    if (entry.current !== undefined) return;
    this.#end(session, id);
    // the answer is for the query that failed: that what it has is not live any more is another matter
    if (entry.shown !== undefined) session.send('searchended', { id, error: HubError.from(error).toWire() });
  }

  #retract(session: FeatureSession, attempt: Attempt): void {
    const { search } = attempt;
    attempt.search = undefined;
    this.#drop(session, search);
  }

  /** Calls `become` in the round in which the result is up to date, so that nothing comes between it and what follows. */
  #whenSettled(search: StandingSearch, become: () => boolean): Promise<'shown' | 'retracted' | 'late'> {
    return new Promise((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        resolve('late');
      }, patienceMs);
      this.#options.live.whenSettled(search, () => {
        clearTimeout(timer);
        if (!isLate) resolve(become() ? 'shown' : 'retracted');
      });
    });
  }

  #show(
    session: FeatureSession,
    search: StandingSearch,
    head: Omit<SearchResultMessage, 'hits' | 'total' | 'facets'>,
  ): void {
    const { live, outlet } = this.#options;
    const { rows, counts } = search.said;
    const staleMs = live.sayingStaleMs(search);
    const owner = principalKey(session.principal);
    session.join(search.room);
    outlet.fetched(
      { owner, session: session.id },
      rows.map((row) => deliveredOf(session.principal.tenant, row)),
    );
    session.sendPacket(
      resultPacket({ ...head, ...(staleMs !== undefined && { staleMs }) }, resultMembers(rows, counts)),
    );
  }

  #entryOf(session: FeatureSession, id: string): Entry {
    const entries: Entries = this.#sessions.get(session) ?? new Map<string, Entry>();
    const held = entries.get(id);
    if (held !== undefined) return held;
    this.#assertRoom(entries, session.principal);
    const entry: Entry = { rev: 0, shown: undefined, current: undefined, attempt: undefined };
    this.#sessions.set(session, entries.set(id, entry));
    this.#perPrincipal.add(principalKey(session.principal), 1);
    return entry;
  }

  #assertRoom(entries: Entries, principal: Principal): void {
    if (entries.size >= searchesPerSession)
      throw new HubError(
        'too-many-subscriptions',
        `this session has ${searchesPerSession} live searches; end one first`,
      );
    if (this.#perPrincipal.get(principalKey(principal)) >= searchesPerPrincipal)
      throw new HubError(
        'too-many-subscriptions',
        `you have ${searchesPerPrincipal} live searches on this node; end some`,
      );
  }

  #end(session: FeatureSession, id: string): void {
    const entries = this.#sessions.get(session);
    const entry = entries?.get(id);
    if (entries === undefined || entry === undefined) return;
    entries.delete(id);
    this.#leave(session, entry);
    if (entries.size === 0) this.#sessions.delete(session);
    this.#perPrincipal.add(principalKey(session.principal), -1);
  }

  /** Of an entry nothing follows any more. */
  #leave(session: FeatureSession, entry: Entry): void {
    const { current, attempt } = entry;
    Object.assign(entry, { current: undefined, attempt: undefined });
    if (attempt !== undefined) this.#retract(session, attempt);
    this.#drop(session, current);
  }

  #drop(session: FeatureSession, search: StandingSearch | undefined): void {
    if (search === undefined) return;
    const isElsewhere = [...(this.#sessions.get(session)?.values() ?? [])].some(({ current }) => current === search);
    if (!isElsewhere) session.part(search.room);
    this.#options.live.leave(search);
  }
}

function accepted(result: SearchedResult): Ack<SearchedResult> {
  return { ok: true, ...result };
}

function superseded(): HubError {
  return new HubError('unknown-subscription', 'search: ended, or replaced by another query, before it had a result');
}

/** What is searched for: all of the message but what says under which name. */
function queryIn(payload: unknown): object {
  if (!isJsonObject(payload)) return {};
  const { id: _id, rev: _rev, once: _once, ...query } = payload;
  return query;
}
