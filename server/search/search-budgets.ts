import type { Stopwatch } from '../../channels/ports/clock.ts';
import { OwnedBuckets } from '../limits/owned-buckets.ts';

/** Time of searches that a principal may use on a node: milliseconds in a second, and at once. */
const time = { msPerSecond: 500, burstMs: 5000 } as const;

/** What the searches of each principal cost, in time: a search may be answered in a millisecond, or need to rank all documents. */
export class SearchBudgets {
  readonly #stopwatch: Stopwatch;
  readonly #owners: OwnedBuckets;

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
    this.#owners = new OwnedBuckets({
      ratePerSecond: time.msPerSecond,
      burst: time.burstMs,
      stopwatch,
      refusal: 'search: your searches take too much time; ask for less, or less often',
    });
  }

  /** @throws HubError rate-limited with the time to wait */
  assertCapacity(owner: string): void {
    this.#owners.assertCapacity(owner);
  }

  /** Runs a search on the account of a principal. @throws HubError rate-limited with the time to wait */
  async run<Result extends { readonly tookMs: number }>(owner: string, search: () => Promise<Result>): Promise<Result> {
    this.assertCapacity(owner);
    const startedMs = this.#stopwatch.elapsedMs();
    try {
      const result = await search();
      this.spend(owner, result.tookMs);
      return result;
    } catch (error) {
      this.spend(owner, this.#stopwatch.elapsedMs() - startedMs);
      throw error;
    }
  }

  /** A search on its account took that long. */
  spend(owner: string, ms: number): void {
    this.#owners.spend(owner, ms);
  }
}
