import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from '../limits/token-bucket.ts';

/** Time of searches that a principal may use on a node: milliseconds in a second, and at once. */
const time = { msPerSecond: 500, burstMs: 5000 } as const;
const maxRemembered = 10_000;

/** What the searches of each principal cost, in time: a search may be answered in a millisecond, or need to rank all documents. */
export class SearchBudgets {
  readonly #stopwatch: Stopwatch;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: maxRemembered });

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
  }

  /** @throws HubError rate-limited with the time to wait */
  assertCapacity(owner: string): void {
    const retryAfterMs = this.#of(owner).owedMs();
    if (retryAfterMs > 0)
      throw new HubError('rate-limited', 'search: your searches take too much time; ask for less, or less often', {
        retryAfterMs,
      });
  }

  /** Runs a search on the account of a principal. @throws HubError rate-limited with the time to wait */
  async run<Result>(owner: string, search: () => Promise<Result>): Promise<Result> {
    this.assertCapacity(owner);
    const startedMs = this.#stopwatch.elapsedMs();
    try {
      return await search();
    } finally {
      this.spend(owner, this.#stopwatch.elapsedMs() - startedMs);
    }
  }

  /** A search on its account took that long. */
  spend(owner: string, ms: number): void {
    this.#of(owner).spend(ms);
  }

  #of(owner: string): TokenBucket {
    const held = this.#buckets.get(owner);
    if (held !== undefined) return held;
    const { msPerSecond: ratePerSecond, burstMs: burst } = time;
    const made = new TokenBucket({ ratePerSecond, burst, stopwatch: this.#stopwatch });
    this.#buckets.set(owner, made);
    return made;
  }
}
