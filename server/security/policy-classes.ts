import { LRUCache } from 'lru-cache';
import type { Policy } from '../../channels/policy/policy.ts';
import { classOf, type PolicyClass } from '../../channels/policy/policy-class.ts';
import { rightsKeyOf } from '../../channels/policy/rights-key.ts';
import type { Principal } from '../../channels/policy/principal.ts';

/** Different rights that are worth remembering; one more is computed again. */
const maxRemembered = 10_000;

/**
 * The class of each principal, computed once for equal rights and held once for equal classes: ten thousand sessions
 * in twenty classes keep twenty of them.
 */
export function createPolicyClasses(policy: Policy): (principal: Principal) => PolicyClass {
  const byRights = new LRUCache<string, PolicyClass>({ max: maxRemembered });
  const byId = new LRUCache<string, PolicyClass>({ max: maxRemembered });
  const rightsOf = rightsKeyOf(policy);
  return (principal) => {
    const rights = rightsOf(principal);
    const held = byRights.get(rights);
    if (held !== undefined) return held;
    const computed = classOf(policy, principal);
    const shared = byId.get(computed.id) ?? computed;
    byRights.set(rights, shared);
    byId.set(shared.id, shared);
    return shared;
  };
}
