import type { Stopwatch } from '../../../channels/ports/clock.ts';
import { OwnedBuckets } from '../../limits/owned-buckets.ts';

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
  readonly #owners: OwnedBuckets;

  constructor(memoryBytes: number, stopwatch: Stopwatch) {
    const burst = memoryBytes * ownerShare;
    this.#owners = new OwnedBuckets({
      ratePerSecond: burst / refillSeconds,
      burst,
      stopwatch,
      refusal: 'you request more history than allowed; retry after retryAfterMs',
    });
  }

  /** Charges a question. @throws HubError rate-limited with the time to wait */
  assertCapacity(owner: string): void {
    this.#owners.assertCapacity(owner);
    this.#owners.spend(owner, leastBytes);
  }

  spend(owner: string, bytes: number): void {
    this.#owners.spend(owner, bytes);
  }
}
