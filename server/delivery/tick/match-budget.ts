import { type Principal, principalKey } from '../../../channels/policy/principal.ts';
import { matchCost } from '../../../channels/subscription/match-cost.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';

export interface MatchBudgetOptions {
  readonly perPrincipal: number;
  readonly perTenant: number;
}

type Owner = Pick<Principal, 'tenant' | 'sub'>;

/** What one payer holds: each selection is matched once, however often it is subscribed to. */
class Account {
  readonly #held = new Map<string, number>();
  #cost = 0;

  get cost(): number {
    return this.#cost;
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  take(key: string, cost: number): void {
    const count = this.#held.get(key) ?? 0;
    if (count === 0) this.#cost += cost;
    this.#held.set(key, count + 1);
  }

  /** True when nothing is held any more. */
  release(key: string, cost: number): boolean {
    const count = (this.#held.get(key) ?? 0) - 1;
    if (count > 0) this.#held.set(key, count);
    else if (this.#held.delete(key)) this.#cost -= cost;
    return this.#held.size === 0;
  }
}

/**
 * Bounds what matching the subscriptions of a principal and of a tenant costs each event: numbers alone do not, because a
 * condition that no index serves costs thousands of times what an equality does, and every event of the tenant pays.
 */
export class MatchBudget {
  readonly #options: MatchBudgetOptions;
  readonly #principals = new Map<string, Account>();
  readonly #tenants = new Map<string, Account>();

  constructor(options: MatchBudgetOptions) {
    this.#options = options;
  }

  /** Cost by tenant, of those that have any. */
  get tenants(): ReadonlyMap<string, number> {
    return new Map([...this.#tenants].map(([tenant, { cost }]) => [tenant, cost]));
  }

  /** @throws HubError too-costly */
  assertCapacity(owner: Owner, selection: Selection): void {
    const { perPrincipal, perTenant } = this.#options;
    const cost = matchCost(selection.filter);
    if (cost === 0) return;
    const [principal, whole] = [this.#principals.get(principalKey(owner)), this.#tenants.get(owner.tenant)];
    if (!fits(principal, selection, cost, perPrincipal)) throw tooCostly('your subscriptions', perPrincipal);
    if (!fits(whole, selection, cost, perTenant)) throw tooCostly('the subscriptions of your tenant', perTenant);
  }

  take(owner: Owner, selection: Selection): void {
    const cost = matchCost(selection.filter);
    if (cost === 0) return;
    for (const [accounts, name] of this.#accountsOf(owner)) {
      const account = accounts.get(name) ?? new Account();
      accounts.set(name, account);
      account.take(selection.conditionKey, cost);
    }
  }

  release(owner: Owner, selection: Selection): void {
    const cost = matchCost(selection.filter);
    if (cost === 0) return;
    for (const [accounts, name] of this.#accountsOf(owner))
      if (accounts.get(name)?.release(selection.conditionKey, cost) === true) accounts.delete(name);
  }

  #accountsOf(owner: Owner): readonly (readonly [Map<string, Account>, string])[] {
    return [
      [this.#principals, principalKey(owner)],
      [this.#tenants, owner.tenant],
    ];
  }
}

function fits(account: Account | undefined, { conditionKey }: Selection, cost: number, most: number): boolean {
  return account === undefined ? cost <= most : account.has(conditionKey) || account.cost + cost <= most;
}

function tooCostly(whose: string, most: number): HubError {
  return new HubError(
    'too-costly',
    `filter: ${whose} would cost each event more than ${most} comparisons on this node; give the filter an equality on urn, name, owners, tags or domain, share one filter, or unsubscribe what is not needed`,
  );
}
