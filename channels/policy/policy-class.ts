import { sha256Text } from '../event/hash.ts';
import type { Head } from '../event/head.ts';
import type { JsonObject } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import { canonicalFilter, filterKey } from '../subscription/canonical-filter.ts';
import { compileFilter, type HeadPredicate } from '../subscription/compile-filter.ts';
import type { Filter } from '../subscription/filter.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import type { Action, Grant, Policy } from './policy.ts';
import type { Principal } from './principal.ts';
import { missing, substitute } from './substitute.ts';

/**
 * The canonical form of everything that policy grants a principal. Principals with equal ids see equal bytes and share
 * rooms, decisions and frames: an event is judged once per class, not once per subscriber.
 */
export interface PolicyClass {
  /** Equal for equal rights within a tenant. */
  readonly id: string;
  readonly tenant: string;
  /** What may be read, as a condition over heads; also usable as a store query. */
  readonly readable: Filter;
  readonly mayRead: HeadPredicate;
}

const everything: Filter = { op: 'and', args: [] };
const nothing: Filter = { op: 'or', args: [] };

function actionOf(grant: Grant): Action | undefined {
  return grant.allow ?? grant.deny;
}

function grantsOf(policy: Policy, principal: Principal, action: Action): readonly Grant[] {
  return principal.roles.flatMap((role) => (Object.hasOwn(policy.roles, role) ? (policy.roles[role] ?? []) : [])).filter((grant) => actionOf(grant) === action);
}

function kindCondition(grant: Grant): Filter {
  return grant.kinds === undefined ? everything : { op: 'in', field: 'kind', values: grant.kinds };
}

/** An allow that needs a claim the principal lacks gives nothing; a deny that needs one denies all of its kinds. */
function condition(grant: Grant, principal: Principal): Filter {
  const where = substitute(grant.where ?? {}, principal);
  if (where === missing) return grant.allow === undefined ? kindCondition(grant) : nothing;
  return { op: 'and', args: [kindCondition(grant), parseFilter(where as JsonObject)] };
}

function readable(policy: Policy, principal: Principal): Filter {
  const grants = grantsOf(policy, principal, 'read');
  const allowed = grants.filter((grant) => grant.allow !== undefined).map((grant) => condition(grant, principal));
  const denied = grants.filter((grant) => grant.deny !== undefined).map((grant) => condition(grant, principal));
  const refusals = denied.map((filter): Filter => ({ op: 'not', arg: filter }));
  return canonicalFilter({ op: 'and', args: [{ op: 'or', args: allowed.filter((filter) => filter !== nothing) }, ...refusals] });
}

/** @throws HubError invalid-filter when a grant of the policy is not a filter after substitution */
export function classOf(policy: Policy, principal: Principal): PolicyClass {
  const filter = readable(policy, principal);
  const matches = compileFilter(filter);
  const { tenant } = principal;
  return {
    id: sha256Text(`${tenant}\n${filterKey(filter)}`).slice(0, 22),
    tenant,
    readable: filter,
    mayRead: (head: Head) => head.tenant === tenant && matches(head),
  };
}

/** May the principal send messages as this connector? Deny wins. */
export function mayIngest(policy: Policy, principal: Principal, connector: string): boolean {
  const grants = grantsOf(policy, principal, 'ingest').filter((grant) => grant.connectors === undefined || grant.connectors.includes(connector));
  return grants.some((grant) => grant.allow !== undefined) && !grants.some((grant) => grant.deny !== undefined);
}

export function mayAdminister(policy: Policy, principal: Principal): boolean {
  const grants = grantsOf(policy, principal, 'administer');
  return grants.some((grant) => grant.allow !== undefined) && !grants.some((grant) => grant.deny !== undefined);
}

/** Stands in for any claim when only the form of a policy is checked. */
const probe: Principal = { tenant: 'probe', sub: 'probe', roles: [], claims: new Proxy({}, { getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'probe' }), get: () => 'probe' }), expiresAtMs: 0 };

function probedFilter(where: JsonObject): void {
  const attempts = [where, JSON.parse(JSON.stringify(where).replaceAll(/"\$\{principal\.[^"}]*\}"/g, '["probe"]')) as JsonObject];
  const faults: unknown[] = [];
  for (const attempt of attempts) {
    try {
      parseFilter(substitute(attempt, probe) as JsonObject);
      return;
    } catch (error) {
      faults.push(error);
    }
  }
  throw faults[0];
}

/**
 * Checks every condition of a policy without a principal: a wrong grant must be found at start, not when somebody connects.
 * @throws HubError config-invalid naming role and grant
 */
export function assertPolicy(policy: Policy): void {
  for (const [role, grants] of Object.entries(policy.roles)) {
    grants.forEach((grant, index) => {
      try {
        probedFilter(grant.where ?? {});
      } catch (error) {
        throw new HubError('config-invalid', `policy.roles.${role}[${index}].where: ${HubError.from(error).message}`, { cause: error });
      }
    });
  }
}
