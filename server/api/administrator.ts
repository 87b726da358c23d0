import type { Policy } from '../../channels/policy/policy.ts';
import { may } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { RouteRequest } from '../http/router.ts';

async function granted(request: RouteRequest, policy: Policy, action: 'administer' | 'operate'): Promise<Principal> {
  const principal = await request.principal();
  if (!may(policy, principal, action)) throw new HubError('forbidden', `no grant allows you to ${action}`);
  return principal;
}

/** Who looks after one tenant. @throws HubError forbidden */
export function administrator(request: RouteRequest, policy: Policy): Promise<Principal> {
  return granted(request, policy, 'administer');
}

/** Who looks after what all tenants share. @throws HubError forbidden */
export function operator(request: RouteRequest, policy: Policy): Promise<Principal> {
  return granted(request, policy, 'operate');
}
