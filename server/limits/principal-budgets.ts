import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface PrincipalBudgetOptions {
  /** Of all connections of a principal together, counted as for one, see Peer. */
  readonly inboundBytesPerSecond: number;
  readonly inboundBurstBytes: number;
  readonly messagesPerSecond: number;
  readonly connectsPerSecond: number;
  /** At once; at least as many as it may have. */
  readonly connectsBurst: number;
  readonly stopwatch: Stopwatch;
}

interface Budget {
  /** Charges what came in; false when that is more than there is. One function for all connections of the principal. */
  readonly takeInbound: (bytes: number) => boolean;
  readonly messages: TokenBucket;
  readonly connects: TokenBucket;
}

/** Beyond this number of principals the least recently seen one is reset. */
const maxRemembered = 10_000;
/** For the hub as a whole it is the same whether one does it over one connection or over a hundred. */
export const sessionsWorth = 4;

/** What each principal may use of this node, over all its connections together. */
export class PrincipalBudgets {
  readonly #options: PrincipalBudgetOptions;
  readonly #budgets = new LRUCache<string, Budget>({ max: maxRemembered });

  constructor(options: PrincipalBudgetOptions) {
    this.#options = options;
  }

  /** Charges bytes that came in on one of its connections; false: too much. */
  inboundOf(principal: string): (bytes: number) => boolean {
    return this.#of(principal).takeInbound;
  }

  /** @throws HubError rate-limited with the time to wait */
  countMessage(principal: string): void {
    const retryAfterMs = this.#of(principal).messages.take();
    if (retryAfterMs > 0) throw new HubError('rate-limited', 'too many messages on your sessions', { retryAfterMs });
  }

  /** @throws HubError rate-limited with the time to wait */
  countConnect(principal: string): void {
    const retryAfterMs = this.#of(principal).connects.take();
    if (retryAfterMs > 0)
      throw new HubError('rate-limited', 'you connect too often; reconnect after retryAfterMs', { retryAfterMs });
  }

  #of(principal: string): Budget {
    const held = this.#budgets.get(principal) ?? this.#begin();
    this.#budgets.set(principal, held);
    return held;
  }

  #begin(): Budget {
    const { stopwatch, ...rates } = this.#options;
    const bucket = (ratePerSecond: number, burst: number): TokenBucket =>
      new TokenBucket({ ratePerSecond, burst, stopwatch });
    const inbound = bucket(rates.inboundBytesPerSecond, rates.inboundBurstBytes);
    return {
      takeInbound: (bytes) => inbound.take(bytes) === 0,
      messages: bucket(rates.messagesPerSecond, 4 * rates.messagesPerSecond),
      connects: bucket(rates.connectsPerSecond, rates.connectsBurst),
    };
  }
}
