import { HubError } from '../../channels/protocol/hub-error.ts';
import { KeyedCounts } from '../limits/keyed-counts.ts';
import type { RequestBudget } from './limit-headers.ts';

export interface RequestSlotOptions {
  readonly perPrincipal: number;
  readonly perNode: number;
}

const retryAfterMs = 500;

/** Requests in progress: from the token to the last byte of the answer. An unread answer takes memory, too. */
export class RequestSlots {
  readonly #options: RequestSlotOptions;
  readonly #taken = new KeyedCounts();
  #total = 0;

  constructor(options: RequestSlotOptions) {
    this.#options = options;
  }

  /** Takes one; returns what gives it back, once. @throws HubError rate-limited */
  take(principal: string): () => void {
    const { perPrincipal, perNode } = this.#options;
    if (this.#taken.get(principal) >= perPrincipal)
      throw new HubError('rate-limited', `you already have ${perPrincipal} requests in progress`, { retryAfterMs });
    if (this.#total >= perNode)
      throw new HubError('rate-limited', `this node already has ${perNode} requests in progress`, { retryAfterMs });
    this.#count(principal, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#count(principal, -1);
      isHeld = false;
    };
  }

  /** How a principal stands to its part. */
  budgetOf(principal: string): RequestBudget {
    const quota = this.#options.perPrincipal;
    const remaining = Math.max(0, quota - this.#taken.get(principal));
    return { name: 'requests', quota, remaining };
  }

  #count(principal: string, by: number): void {
    this.#total += by;
    this.#taken.add(principal, by);
  }
}
