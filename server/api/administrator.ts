import type { Principal } from '../../channels/policy/principal.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { RouteRequest } from '../http/router.ts';

async function granted(
  request: RouteRequest,
  policy: CurrentPolicy,
  action: 'administer' | 'operate',
): Promise<Principal> {
  const principal = await request.principal();
  policy.assertMay(principal, action);
  return principal;
}

/** Who looks after one tenant. @throws HubError forbidden */
export function administrator(request: RouteRequest, policy: CurrentPolicy): Promise<Principal> {
  return granted(request, policy, 'administer');
}

/** Who looks after what all tenants share. @throws HubError forbidden */
export function operator(request: RouteRequest, policy: CurrentPolicy): Promise<Principal> {
  return granted(request, policy, 'operate');
}
