import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface OwnedBucketsOptions {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly stopwatch: Stopwatch;
  /** What is said to who owes something. */
  readonly refusal: string;
}

/** Beyond this number of owners the least recently seen one is reset. */
const maxRemembered = 10_000;

/** A budget for each owner of what is known only afterwards: something is begun while nothing is owed, and then paid. */
export class OwnedBuckets {
  readonly #options: OwnedBucketsOptions;
  readonly #owners = new LRUCache<string, TokenBucket>({ max: maxRemembered });

  constructor(options: OwnedBucketsOptions) {
    this.#options = options;
  }

  /** @throws HubError rate-limited with the time to wait */
  assertCapacity(owner: string): void {
    const retryAfterMs = this.#of(owner).owedMs();
    if (retryAfterMs > 0) throw new HubError('rate-limited', this.#options.refusal, { retryAfterMs });
  }

  spend(owner: string, cost: number): void {
    this.#of(owner).spend(cost);
  }

  #of(owner: string): TokenBucket {
    const held = this.#owners.get(owner) ?? new TokenBucket(this.#options);
    this.#owners.set(owner, held);
    return held;
  }
}
