import { HubError } from '../protocol/hub-error.ts';
import type { Filter } from '../subscription/filter.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import { grantedByConfirmed } from './confirmed-only.ts';
import type { Action, Grant, Policy } from './policy.ts';
import type { Principal } from './principal.ts';
import { missing, substitute } from './substitute.ts';

const everything: Filter = { op: 'and', args: [] };
const nothing: Filter = { op: 'or', args: [] };

function actionOf(grant: Grant): Action | undefined {
  return grant.allow ?? grant.deny;
}

/** What the roles of a principal say of an action. */
export function grantsOf(policy: Policy, principal: Principal, action: Action): readonly Grant[] {
  return principal.roles
    .flatMap((role) => (Object.hasOwn(policy.roles, role) ? (policy.roles[role] ?? []) : []))
    .filter((grant) => actionOf(grant) === action);
}

function kindCondition(grant: Grant): Filter {
  return grant.kinds === undefined ? everything : { op: 'in', field: 'kind', values: grant.kinds };
}

/**
 * The condition of a grant with the principal's claims in it; `missing` if it lacks one, or has one of a kind that the
 * place does not take: the condition itself was found good when the policy was read, so what is wrong is the claim.
 * @throws HubError filter-too-large
 */
function whereOf(grant: Grant, principal: Principal): Filter | typeof missing {
  const where = substitute(grant.where ?? {}, principal);
  if (where === missing) return missing;
  try {
    return parseFilter(where);
  } catch (error) {
    if (HubError.from(error).code === 'invalid-filter') return missing;
    throw error;
  }
}

/** An allow that needs a claim the principal lacks gives nothing; a deny that needs one denies all of its kinds. */
function condition(grant: Grant, principal: Principal): Filter {
  const where = whereOf(grant, principal);
  if (where === missing) return grant.allow === undefined ? kindCondition(grant) : nothing;
  return { op: 'and', args: [kindCondition(grant), where] };
}

/**
 * The entities for which the grants, all of one action, allow it to the principal: one of them allows and none denies.
 * @throws HubError filter-too-large
 */
export function granted(grants: readonly Grant[], principal: Principal): Filter {
  const allowed = grants.filter((grant) => grant.allow !== undefined).map((grant) => condition(grant, principal));
  const denied = grants.filter((grant) => grant.deny !== undefined).map((grant) => condition(grant, principal));
  const refusals = denied.map((filter): Filter => ({ op: 'not', arg: filter }));
  return grantedByConfirmed({
    op: 'and',
    args: [{ op: 'or', args: allowed.filter((filter) => filter !== nothing) }, ...refusals],
  });
}
