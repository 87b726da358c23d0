import type { IndexPosition, IndexResult } from '../../../channels/ports/search-index.ts';
import { maxSearchHits } from '../../../channels/ports/search-index.ts';
import { facetsOf } from '../../../channels/search/facets.ts';
import { type ListChange, listChanges } from '../../../channels/search/list-changes.ts';
import { compareRanks, type Rank } from '../../../channels/search/rank.ts';
import type { Room } from '../../delivery/outlet/room.ts';
import type { Judge, Shown } from '../judge.ts';
import type { Found } from '../searcher.ts';

/** Total and facets of a result. */
export type Counts = Pick<IndexResult, 'total' | 'facets'>;

/** A document changed: what it is for one search from now on. */
export interface Verdict {
  readonly urn: string;
  /** Of the document after the change. */
  readonly version: number;
  /** The log up to here has the change. */
  readonly position: IndexPosition;
  /** Its place in the result; undefined: it is not in it. */
  readonly rank: Rank | undefined;
  readonly show: (rank: Rank) => Shown;
  /** It was in the result before; undefined: that is not known. */
  readonly wasIn: boolean | undefined;
  /** A value by which the result may be counted is another. */
  readonly movesFacets: boolean;
}

/** What the index has to be asked for. `list`: hits may be missing. `counts`: only total and facets may be wrong. */
export interface Dirt {
  readonly kind: 'list' | 'counts';
  readonly sinceMs: number;
  /** An answer of the index counts if it knows this much of the log. */
  readonly position: IndexPosition;
}

/** A change that the index may not know yet. */
interface Change extends Pick<Verdict, 'urn' | 'version' | 'position'> {
  readonly isIn: boolean;
  /** By how much it changed the total; undefined: that, or what it is for the facets, is not known. */
  readonly count: number | undefined;
}

/** What is said of a result. */
export interface Saying {
  readonly rows: readonly Shown[];
  readonly counts: Counts;
}

/** How a result differs from what was last said of it. */
export interface Difference {
  readonly changes: readonly ListChange<Shown>[];
  readonly total: Counts['total'] | undefined;
  readonly facets: Counts['facets'] | undefined;
}

/** Hits that are held beyond those that are shown, so that one that leaves is replaced at once. */
const spareHits = 20;
/** Changes that the index may not know yet; beyond, it is asked again for all. */
const maxRemembered = 2000;

export interface StandingSearchOptions {
  readonly judge: Judge;
  readonly room: Room;
  readonly key: string;
  /** It hears of every change of the log behind this position that can concern it. */
  readonly since: IndexPosition;
  /** The log at `one` is at or behind `other`. */
  readonly covers: (one: IndexPosition, other: IndexPosition) => boolean;
}

/**
 * The result of one search of one class, kept true while documents change. It holds the first hits, and whether these are
 * all: then, and for a change that comes before the last of them, a verdict alone says what the result is now. Only what
 * happens beyond the last hit, and hits that are used up, need the index again.
 */
export class StandingSearch {
  readonly judge: Judge;
  readonly room: Room;
  readonly key: string;
  /** Undefined while it is up to date. */
  dirt: Dirt | undefined;
  /** The first result is there. */
  isReady = false;
  readonly #covers: StandingSearchOptions['covers'];
  #since: IndexPosition;
  /** Best first. */
  #rows: readonly Shown[] = [];
  /** Nothing matches beyond the rows. */
  #isComplete = false;
  #counts: Counts = { total: { value: 0, relation: 'exact' }, facets: {} };
  #said: Saying = { rows: [], counts: this.#counts };
  /** Changes by urn, the last one last. */
  #remembered = new Map<string, Change>();

  constructor({ judge, room, key, since, covers }: StandingSearchOptions) {
    this.judge = judge;
    this.room = room;
    this.key = key;
    this.#since = since;
    this.#covers = covers;
  }

  /** Hits to ask for. */
  get wanted(): number {
    return Math.min(maxSearchHits, this.judge.request.limit + spareHits);
  }

  /** What members know. */
  get said(): Saying {
    return this.#said;
  }

  /** Urns that it holds. */
  get urns(): readonly string[] {
    return this.#rows.map(({ urn }) => urn);
  }

  /** Nothing matches that it does not hold: what it does not hold did not match. */
  get knowsAll(): boolean {
    return this.isReady && this.#isComplete;
  }

  /** The hit, if it has it. */
  held(urn: string): Shown | undefined {
    return this.#rows.find((row) => row.urn === urn);
  }

  /** Marks that the index has to be asked. What was marked before stays marked, since when it was. */
  soil(kind: Dirt['kind'], position: IndexPosition, nowMs: number): void {
    const isList = kind === 'list' || this.dirt?.kind === 'list';
    this.dirt = { kind: isList ? 'list' : 'counts', sinceMs: this.dirt?.sinceMs ?? nowMs, position };
  }

  /** A document changed. */
  apply(verdict: Verdict, nowMs: number): void {
    const { urn, version, position, rank } = verdict;
    const held = this.held(urn);
    // it was loaded after the change
    if (held !== undefined && held.version >= version)
      return this.#remember({ urn, version: held.version, position, isIn: true, count: 0 }, nowMs);
    const count = this.#countOf(verdict, held !== undefined);
    this.#remember({ urn, version, position, isIn: rank !== undefined, count }, nowMs);
    if (!this.isReady) return;
    const others = held === undefined ? this.#rows : this.#rows.filter((row) => row !== held);
    const isInside = rank !== undefined && (this.#isComplete || this.#isWithin(rank));
    const rows = isInside ? this.#inserted(verdict.show(rank), others) : others;
    this.#recount(rows, verdict, count, nowMs);
    this.#take(rows);
    if (!this.#isComplete && rows.length < this.judge.request.limit) this.soil('list', position, nowMs);
  }

  /** The index was asked. */
  merge({ result, shown, refused }: Found, nowMs: number): void {
    // it ran out of time, and may lack hits that were there a moment ago: what is held is better
    const isCutShort = result.isCutShort === true;
    if (isCutShort && this.isReady) return this.soil('list', this.dirt?.position ?? this.#since, nowMs);
    const known = result.position;
    for (const [urn, { position }] of this.#remembered)
      if (known !== undefined && this.#covers(known, position)) this.#remembered.delete(urn);
    const unknown = [...this.#remembered.values()];
    const fresh = shown.filter(({ urn, version }) => version >= (this.#remembered.get(urn)?.version ?? 0));
    const freshUrns = new Set(fresh.map(({ urn }) => urn));
    const kept = this.#rows.filter(({ urn }) => this.#remembered.get(urn)?.isIn === true && !freshUrns.has(urn));
    const rows = [...fresh.map((row) => this.#newer(row)), ...kept].toSorted((one, other) =>
      this.#compare(one.rank, other.rank),
    );
    const urns = new Set(rows.map(({ urn }) => urn));
    const isLost = unknown.some(({ urn, isIn }) => isIn && !urns.has(urn));
    const isBehind = known === undefined || !this.#covers(known, this.#since);
    this.#isComplete = result.hits.length < this.wanted && !isLost && !isBehind && !isCutShort;
    const counts = unknown.reduce<number | undefined>((sum, { count }) => plus(sum, count), 0);
    const value = Math.max(rows.length, result.total.value - refused + (counts ?? 0));
    this.#counts = this.#isComplete
      ? this.#ownCounts(rows)
      : { total: { ...result.total, value }, facets: this.#sameFacets(result.facets) };
    this.#take(rows);
    this.isReady = true;
    const needs =
      isLost || isBehind || isCutShort ? 'list' : counts === undefined && !this.#isComplete ? 'counts' : undefined;
    const position = unknown.at(-1)?.position ?? this.#since;
    this.dirt = needs && { kind: needs, sinceMs: this.dirt?.sinceMs ?? nowMs, position };
  }

  /** Changes were lost: nothing is sure before the index was asked again, at this position of the log. */
  forget(position: IndexPosition, nowMs: number): void {
    this.#remembered.clear();
    this.#since = position;
    this.#isComplete = false;
    this.soil('list', position, nowMs);
  }

  /** Hits that `difference` would say. */
  get unsaid(): readonly Shown[] {
    const said = new Set(this.#said.rows);
    return this.#shown.filter((row) => !said.has(row));
  }

  /** How it differs from what was last said, which from then on is this; undefined: it does not. */
  difference(): Difference | undefined {
    const { rows, counts } = this.#said;
    const next = { rows: this.#shown, counts: this.#counts };
    const changes = isSame(next.rows, rows) ? [] : listChanges(rows, next.rows);
    const total = sameTotal(next.counts.total, counts.total) ? undefined : next.counts.total;
    const facets = next.counts.facets === counts.facets ? undefined : next.counts.facets;
    this.#said = next;
    return changes.length === 0 && total === undefined && facets === undefined ? undefined : { changes, total, facets };
  }

  get #shown(): readonly Shown[] {
    return this.#rows.slice(0, this.judge.request.limit);
  }

  #take(rows: readonly Shown[]): void {
    // from then on it is not known who follows the last
    if (rows.length > this.wanted) this.#isComplete = false;
    this.#rows = rows.slice(0, this.wanted);
  }

  /** What the index knows of an entity is one state of it, so of two changes in a row it may know one. */
  #remember(change: Change, nowMs: number): void {
    const isAgain = this.#remembered.delete(change.urn);
    this.#remembered.set(change.urn, isAgain ? { ...change, count: undefined } : change);
    if (this.#remembered.size > maxRemembered) this.forget(change.position, nowMs);
  }

  /**
   * Rows beyond the last are not known: a document that would come behind it may be anywhere among them. What is as good as
   * the last, also the last itself when it has changed, stands before them.
   */
  #isWithin(rank: Rank): boolean {
    const last = this.#rows.at(-1);
    return last !== undefined && this.#compare(rank, last.rank) <= 0;
  }

  #inserted(row: Shown, rows: readonly Shown[]): readonly Shown[] {
    const at = rows.findIndex(({ rank }) => this.#compare(row.rank, rank) < 0);
    return at === -1 ? [...rows, row] : rows.toSpliced(at, 0, row);
  }

  /** By how much a change moves the total; undefined: that is not known, or it moves facets. */
  #countOf({ rank, wasIn, movesFacets }: Verdict, wasHeld: boolean): number | undefined {
    const was = wasHeld || (this.knowsAll ? false : wasIn);
    if (was === undefined) return undefined;
    const count = (rank === undefined ? 0 : 1) - (was ? 1 : 0);
    const isCounted = this.judge.request.facets.length > 0;
    return isCounted && (count !== 0 || (movesFacets && rank !== undefined)) ? undefined : count;
  }

  #recount(rows: readonly Shown[], { position }: Verdict, count: number | undefined, nowMs: number): void {
    const { total } = this.#counts;
    if (this.#isComplete) this.#counts = this.#ownCounts(rows);
    else if (count === undefined) this.soil('counts', position, nowMs);
    else if (count !== 0 && total.relation === 'exact')
      this.#counts = { ...this.#counts, total: { ...total, value: total.value + count } };
  }

  #ownCounts(rows: readonly Shown[]): Counts {
    const heads = rows.map(({ head }) => head);
    const facets = this.#sameFacets(facetsOf(heads, this.judge.request.facets));
    return { total: { value: rows.length, relation: 'exact' }, facets };
  }

  /** Facets are said again only if they are another object. */
  #sameFacets(facets: Counts['facets']): Counts['facets'] {
    return JSON.stringify(facets) === JSON.stringify(this.#counts.facets) ? this.#counts.facets : facets;
  }

  /** What is held may have been loaded later. */
  #newer(row: Shown): Shown {
    const held = this.held(row.urn);
    return held !== undefined && held.version >= row.version ? held : row;
  }

  #compare(one: Rank, other: Rank): number {
    return compareRanks(this.judge.request.sort, one, other);
  }
}

function plus(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

function isSame(one: readonly Shown[], other: readonly Shown[]): boolean {
  return one.length === other.length && one.every((row, index) => row === other[index]);
}

function sameTotal(one: Counts['total'], other: Counts['total']): boolean {
  return one.value === other.value && one.relation === other.relation;
}
