import { HubError } from '../../channels/protocol/hub-error.ts';
import { KeyedCounts } from './keyed-counts.ts';

export interface ConnectionLimitOptions {
  readonly perNode: number;
  readonly perAddress: number;
  readonly perPrincipal: number;
}

const retryAfterMs = 5000;

/** Connections of this node: by address from their handshake on, and by principal once that is known. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions;
  readonly #addresses = new KeyedCounts();
  readonly #principals = new KeyedCounts();
  #total = 0;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** Current connections, authenticated or not. */
  get total(): number {
    return this.#total;
  }

  /** Is there room for one more from this address? */
  refusalFor(address: string): HubError | undefined {
    const { perNode, perAddress } = this.#options;
    if (this.#total >= perNode) return refusal(`this node already has ${perNode} connections`);
    if (this.#addresses.get(address) >= perAddress)
      return refusal(`your address already has ${perAddress} connections to this node`);
    return undefined;
  }

  /** Counts one connection until it is given back. */
  take(address: string): void {
    this.#count(address, 1);
  }

  release(address: string): void {
    this.#count(address, -1);
  }

  /** May this principal have one more? */
  refusalForPrincipal(principal: string): HubError | undefined {
    const { perPrincipal } = this.#options;
    if (this.#principals.get(principal) < perPrincipal) return undefined;
    return refusal(`you already have ${perPrincipal} connections to this node`);
  }

  /** Counts one connection of the principal until it is given back. */
  takeFor(principal: string): void {
    this.#principals.add(principal, 1);
  }

  releaseFor(principal: string): void {
    this.#principals.add(principal, -1);
  }

  #count(address: string, by: number): void {
    this.#total += by;
    this.#addresses.add(address, by);
  }
}

function refusal(problem: string): HubError {
  return new HubError('too-many-connections', `${problem}; close some, or retry later or on another node`, {
    retryAfterMs,
  });
}
