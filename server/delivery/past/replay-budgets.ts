import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../../channels/ports/clock.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { TokenBucket } from '../../limits/token-bucket.ts';

const maxRemembered = 10_000;
/** What an owner may have put together of the past: all that it may hold at once, and that again each 8 s. */
const [ownerShare, refillSeconds] = [1 / 4, 8];
/** Of every question, because looking costs something too; the same for all, however much had to be looked at. */
const leastBytes = 32 * 1024;

/**
 * What looking into the past may cost each owner, in bytes that it may see. What it will cost is known only afterwards, so
 * a question is asked while nothing is owed, and then paid. Records that were read and are not shown cost nothing: the
 * time to wait would tell how many there are. The turns of each owner bound that work.
 */
export class ReplayBudgets {
  readonly #burst: number;
  readonly #stopwatch: Stopwatch;
  readonly #owners = new LRUCache<string, TokenBucket>({ max: maxRemembered });

  constructor(memoryBytes: number, stopwatch: Stopwatch) {
    this.#burst = memoryBytes * ownerShare;
    this.#stopwatch = stopwatch;
  }

  /** Charges a question. @throws HubError rate-limited with the time to wait */
  assertCapacity(owner: string): void {
    const bucket = this.#of(owner);
    const retryAfterMs = bucket.owedMs();
    if (retryAfterMs > 0)
      throw new HubError('rate-limited', 'you request more history than allowed; retry after retryAfterMs', {
        retryAfterMs,
      });
    bucket.spend(leastBytes);
  }

  spend(owner: string, bytes: number): void {
    this.#of(owner).spend(bytes);
  }

  #of(owner: string): TokenBucket {
    const held =
      this.#owners.get(owner) ??
      new TokenBucket({ ratePerSecond: this.#burst / refillSeconds, burst: this.#burst, stopwatch: this.#stopwatch });
    this.#owners.set(owner, held);
    return held;
  }
}
