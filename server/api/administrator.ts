import type { Policy } from '../../channels/policy/policy.ts';
import { mayAdminister } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { RouteRequest } from './router.ts';

/** @throws HubError forbidden */
export async function administrator(request: RouteRequest, policy: Policy): Promise<Principal> {
  const principal = await request.principal();
  if (!mayAdminister(policy, principal)) throw new HubError('forbidden', 'no grant allows you to administer');
  return principal;
}
