import { HubError } from '../../channels/protocol/hub-error.ts';

/** Counts what each key holds and refuses above a limit. */
class Counter {
  readonly #counts = new Map<string, number>();

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, by: number): void {
    const count = this.get(key) + by;
    if (count <= 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

export interface ConnectionLimitOptions {
  readonly perNode: number;
  readonly perAddress: number;
  readonly perPrincipal: number;
}

const retryAfterMs = 5000;

/** Connections of this node, by address and by principal. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions;
  readonly #addresses = new Counter();
  readonly #principals = new Counter();
  #total = 0;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** May this principal open one more from this address? @throws HubError too-many-connections */
  assertRoom(address: string, principal: string): void {
    const { perNode, perAddress, perPrincipal } = this.#options;
    if (this.#total >= perNode) throw this.#refusal(`this node already has ${perNode} connections`);
    if (this.#addresses.get(address) >= perAddress)
      throw this.#refusal(`your address already has ${perAddress} connections to this node`);
    if (this.#principals.get(principal) >= perPrincipal)
      throw this.#refusal(`you already have ${perPrincipal} connections to this node`);
  }

  /** Counts one connection; the returned function gives it back, once. */
  take(address: string, principal: string): () => void {
    this.#count(address, principal, 1);
    let held = true;
    return () => {
      if (held) this.#count(address, principal, -1);
      held = false;
    };
  }

  #count(address: string, principal: string, by: number): void {
    this.#total += by;
    this.#addresses.add(address, by);
    this.#principals.add(principal, by);
  }

  #refusal(problem: string): HubError {
    return new HubError('too-many-connections', `${problem}; close some, or retry later or on another node`, {
      retryAfterMs,
    });
  }
}
