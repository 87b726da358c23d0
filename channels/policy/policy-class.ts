import { sha256Text } from '../event/hash.ts';
import type { Head } from '../event/head.ts';
import { isJsonObject, type JsonValue } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import { filterKey } from '../subscription/canonical-filter.ts';
import { compileFilter, type HeadPredicate } from '../subscription/compile-filter.ts';
import type { Filter } from '../subscription/filter.ts';
import { classificationFields, headFields } from '../subscription/head-fields.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import { granted, grantsOf } from './grants.ts';
import type { Policy } from './policy.ts';
import type { Principal } from './principal.ts';
import { isVariable } from './substitute.ts';

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
  /** No grant gives this class anything to read, whatever the catalog holds. */
  readonly isEmpty: boolean;
}

function readable(policy: Policy, principal: Principal): Filter {
  return granted(grantsOf(policy, principal, 'read'), principal);
}

/** Of a filter in canonical form. */
function isNothing(filter: Filter): boolean {
  return filter.op === 'or' ? filter.args.every(isNothing) : filter.op === 'and' && filter.args.some(isNothing);
}

/** @throws HubError filter-too-large when the claims of the principal make a condition larger than a filter may be */
export function classOf(policy: Policy, principal: Principal): PolicyClass {
  const filter = readable(policy, principal);
  const matches = compileFilter(filter);
  const { tenant } = principal;
  return {
    id: sha256Text(`${tenant}\n${filterKey(filter)}`).slice(0, 22),
    tenant,
    readable: filter,
    isEmpty: isNothing(filter),
    mayRead: (head: Head) => head.tenant === tenant && matches(head),
  };
}

/** May the principal send messages as this connector? Deny wins. */
export function mayIngest(policy: Policy, principal: Principal, connector: string): boolean {
  const grants = grantsOf(policy, principal, 'ingest').filter(
    (grant) => grant.connectors === undefined || grant.connectors.includes(connector),
  );
  return grants.some((grant) => grant.allow !== undefined) && !grants.some((grant) => grant.deny !== undefined);
}

/** Does a grant without conditions allow it? Deny wins. */
export function may(policy: Policy, principal: Principal, action: 'administer' | 'operate'): boolean {
  const grants = grantsOf(policy, principal, action);
  return grants.some((grant) => grant.allow !== undefined) && !grants.some((grant) => grant.deny !== undefined);
}

const numberFields: ReadonlySet<string> = new Set(
  Object.entries({ ...headFields, ...classificationFields })
    .filter(([, kind]) => kind.type === 'number')
    .map(([name]) => name),
);

/** The condition with a claim of the kind that each place needs: a list where a list must stand, else a text or number. */
function probed(value: JsonValue, operator = '', field = ''): JsonValue {
  if (typeof value === 'string' && isVariable(value)) {
    const sample = numberFields.has(field) ? 1 : 'probe';
    return operator === '$in' || operator === '$nin' ? [sample] : sample;
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => probed(item, '', field));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, probed(member, key, key.startsWith('$') ? field : key)]),
  );
}

/**
 * Checks every condition of a policy without a principal: a wrong grant must be found at start, not when somebody connects.
 * @throws HubError config-invalid naming role and grant
 */
export function assertPolicy(policy: Policy): void {
  for (const [role, grants] of Object.entries(policy.roles)) {
    grants.forEach((grant, index) => {
      try {
        parseFilter(probed(grant.where ?? {}));
      } catch (error) {
        throw new HubError('config-invalid', `policy.roles.${role}[${index}].where: ${HubError.from(error).message}`, {
          cause: error,
        });
      }
    });
  }
}
