import { HubError } from '../../channels/protocol/hub-error.ts';

export interface RequestSlotOptions {
  readonly perPrincipal: number;
  readonly perNode: number;
}

const retryAfterMs = 500;

/** Requests under way: from the token to the last byte of the answer. An answer that nobody reads takes memory, too. */
export class RequestSlots {
  readonly #options: RequestSlotOptions;
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(options: RequestSlotOptions) {
    this.#options = options;
  }

  /** Takes one; returns what gives it back, once. @throws HubError rate-limited */
  take(principal: string): () => void {
    const { perPrincipal, perNode } = this.#options;
    const held = this.#taken.get(principal) ?? 0;
    if (held >= perPrincipal)
      throw new HubError('rate-limited', `you already have ${perPrincipal} requests under way`, { retryAfterMs });
    if (this.#total >= perNode)
      throw new HubError('rate-limited', `this node already has ${perNode} requests under way`, { retryAfterMs });
    this.#count(principal, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#count(principal, -1);
      isHeld = false;
    };
  }

  #count(principal: string, by: number): void {
    this.#total += by;
    const held = (this.#taken.get(principal) ?? 0) + by;
    if (held > 0) this.#taken.set(principal, held);
    else this.#taken.delete(principal);
  }
}
