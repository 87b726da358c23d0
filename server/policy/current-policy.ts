import { LRUCache } from 'lru-cache';
import type { Policy } from '../../channels/policy/policy.ts';
import { classOf, may, mayIngest, type PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { rightsKeyOf } from '../../channels/policy/rights-key.ts';
import { type Writer, writerOf } from '../../channels/policy/writer.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

/** Different rights that are worth remembering; one more is computed again. */
const maxRemembered = 10_000;
/** Each has a condition for every field. */
const maxWriters = 1000;

/** The classes of one policy. */
interface Classes {
  readonly policy: Policy;
  readonly rightsOf: (principal: Principal) => string;
  readonly byRights: LRUCache<string, PolicyClass>;
  readonly byId: LRUCache<string, PolicyClass>;
  readonly writers: LRUCache<string, Writer>;
}

function classesOf(policy: Policy): Classes {
  return {
    policy,
    rightsOf: rightsKeyOf(policy),
    byRights: new LRUCache({ max: maxRemembered }),
    byId: new LRUCache({ max: maxRemembered }),
    writers: new LRUCache({ max: maxWriters }),
  };
}

/**
 * The current policy of this node: the only place that authorises. A caller that keeps an answer for longer
 * than a turn listens to `onChange`.
 */
export class CurrentPolicy {
  readonly #listeners = new Set<() => void>();
  #classes: Classes;

  constructor(policy: Policy) {
    this.#classes = classesOf(policy);
  }

  /**
   * The class of a principal, computed once for equal rights and held once for equal classes: ten thousand sessions in
   * twenty classes keep twenty of them.
   * @throws HubError filter-too-large when the claims of the principal make a condition larger than a filter may be
   */
  classOf(principal: Principal): PolicyClass {
    const { policy, rightsOf, byRights, byId } = this.#classes;
    const rights = rightsOf(principal);
    const held = byRights.get(rights);
    if (held !== undefined) return held;
    const computed = classOf(policy, principal);
    const shared = byId.get(computed.id) ?? computed;
    byRights.set(rights, shared);
    byId.set(shared.id, shared);
    return shared;
  }

  get roleNames(): readonly string[] {
    return Object.keys(this.#classes.policy.roles);
  }

  /** What a principal may change. @throws HubError filter-too-large */
  writerOf(principal: Principal): Writer {
    const { policy, rightsOf, writers } = this.#classes;
    const rights = rightsOf(principal);
    const writer = writers.get(rights) ?? writerOf(policy, principal);
    writers.set(rights, writer);
    return writer;
  }

  /** Whether a grant without conditions allows it. */
  may(principal: Principal, action: 'administer' | 'operate'): boolean {
    return may(this.#classes.policy, principal, action);
  }

  get revision(): number {
    return this.#classes.policy.version;
  }

  /** @throws HubError forbidden */
  assertMay(principal: Principal, action: 'administer' | 'operate'): void {
    if (!this.may(principal, action)) throw new HubError('forbidden', `no grant allows you to ${action}`);
  }

  /** @throws HubError forbidden */
  assertMayIngest(principal: Principal, connector: string): void {
    if (!mayIngest(this.#classes.policy, principal, connector))
      throw new HubError('forbidden', `connector: no grant allows you to ingest as ${connector}`);
  }

  /** Replaces the current policy; classes returned before are void. */
  replace(policy: Policy): void {
    this.#classes = classesOf(policy);
    for (const listener of this.#listeners) listener();
  }

  /** Calls the listener after each change, in the same turn. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
