/**
 * One process serves all tenants with one thread. A job that gives the thread back between two pieces is polite alone; a
 * hundred polite jobs still put a hundred pieces into each turn of the event loop, and whoever wants to send one small
 * change waits for all of them, at each of the dozen steps that it takes. So the pieces of everybody wait here, a turn of the
 * event loop gives them a millisecond or two together, and the tenant that has had the least time is the next. Where more
 * than one tenant has long work, it rests as long as it worked: half of the time belongs to what is short and live.
 */
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { Turns } from '../../channels/ports/turns.ts';

/** Of long work in one turn of the event loop, and of one piece of it. */
const turnMs = 1.5;
/** No turn is that long: beyond it the process was frozen, and nobody is to rest for that. */
const longestMs = 250;
/** A tenant without a turn for that long is no longer counted. */
const lateMs = 1000;

/** Runs something after a time. */
type Later = (work: () => void, ms: number) => unknown;

interface TenantTurns {
  readonly waiting: (() => void)[];
  /** Time it has had, in milliseconds; one that comes begins where the others are. */
  usedMs: number;
  lastMs: number;
}

export class ThreadTurns implements Turns {
  readonly #stopwatch: Stopwatch;
  readonly #later: Later;
  readonly #tenants = new Map<string, TenantTurns>();
  /** Tenants that wait. */
  #waiting = 0;
  /** What the tenant had used that was served last. */
  #servedMs = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  #endedMs = Number.NEGATIVE_INFINITY;
  /** Of this turn of the event loop. */
  #usedMs = 0;
  #isTaken = false;
  #isScheduled = false;

  constructor(stopwatch: Stopwatch, later: Later = setTimeout) {
    this.#stopwatch = stopwatch;
    this.#later = later;
  }

  get isOver(): boolean {
    return this.#stopwatch.elapsedMs() - this.#startedMs >= turnMs;
  }

  next(tenant: string, begun?: 'begun'): Promise<void> {
    const turns = this.#turnsOf(tenant);
    if (!this.#isTaken && this.#waiting === 0 && this.#usedMs < turnMs) {
      this.#begin(turns);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      if (turns.waiting.length === 0) {
        this.#waiting += 1;
        turns.usedMs = Math.max(turns.usedMs, this.#servedMs);
      }
      if (begun === undefined) turns.waiting.push(resolve);
      else turns.waiting.unshift(resolve);
      // a turn that is in progress looks for the next when it ends
      if (!this.#isTaken) this.#schedule();
    });
  }

  isContended(tenant: string): boolean {
    const sinceMs = this.#stopwatch.elapsedMs() - lateMs;
    for (const [other, { lastMs }] of this.#tenants) if (other !== tenant && lastMs > sinceMs) return true;
    return false;
  }

  #turnsOf(tenant: string): TenantTurns {
    const held = this.#tenants.get(tenant);
    if (held !== undefined) return held;
    const fresh = { waiting: [], usedMs: this.#servedMs, lastMs: Number.NEGATIVE_INFINITY };
    this.#tenants.set(tenant, fresh);
    return fresh;
  }

  #begin(turns: TenantTurns): void {
    this.#isTaken = true;
    this.#startedMs = this.#stopwatch.elapsedMs();
    this.#servedMs = turns.usedMs;
    // behind everything that follows from the turn at once: the queue of ticks comes after that of promises
    queueMicrotask(() => process.nextTick(() => this.#end(turns)));
  }

  #end(turns: TenantTurns): void {
    const nowMs = this.#stopwatch.elapsedMs();
    const tookMs = Math.min(nowMs - this.#startedMs, longestMs);
    turns.usedMs += tookMs;
    turns.lastMs = nowMs;
    this.#endedMs = nowMs;
    this.#usedMs += tookMs;
    this.#isTaken = false;
    this.#schedule();
    if (this.#usedMs < turnMs) this.#serve();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#look());
  }

  /** At the beginning of a turn of the event loop. */
  #look(): void {
    this.#forget();
    const restMs = this.#tenants.size > 1 ? this.#endedMs + this.#usedMs - this.#stopwatch.elapsedMs() : 0;
    if (restMs > 0) return void this.#later(() => this.#look(), Math.ceil(restMs));
    this.#isScheduled = false;
    this.#usedMs = 0;
    this.#serve();
  }

  /** The tenant that has had the least. */
  #serve(): void {
    if (this.#isTaken || this.#waiting === 0) return;
    let least: TenantTurns | undefined;
    for (const turns of this.#tenants.values())
      if (turns.waiting.length > 0 && (least === undefined || turns.usedMs < least.usedMs)) least = turns;
    const resolve = least?.waiting.shift();
    if (least === undefined || resolve === undefined) return;
    if (least.waiting.length === 0) this.#waiting -= 1;
    this.#begin(least);
    resolve();
  }

  /** Who works alone need not rest for those that did something long ago. */
  #forget(): void {
    const sinceMs = this.#stopwatch.elapsedMs() - lateMs;
    for (const [tenant, { waiting, lastMs }] of this.#tenants)
      if (waiting.length === 0 && lastMs <= sinceMs) this.#tenants.delete(tenant);
  }
}
