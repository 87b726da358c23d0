import { canonicalJson, type JsonValue } from '../event/json.ts';
import type { Policy } from './policy.ts';
import type { Principal } from './principal.ts';
import { variableIn } from './substitute.ts';

function variablesIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') {
    const name = variableIn(value);
    return name === undefined ? [] : [name];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(variablesIn) : [];
}

/**
 * A text that is equal for principals to whom the policy grants the same: it holds their roles as far as the policy knows
 * them, and what its conditions ask of them. Whatever else a token says, the time of the sign-in or a name, is left out, so
 * ten thousand users of one role are one entry of a cache.
 */
export function rightsKeyOf(policy: Policy): (principal: Principal) => string {
  const conditions = Object.values(policy.roles).flatMap((grants) => grants.map(({ where }) => where ?? {}));
  const names = [...new Set(conditions.flatMap(variablesIn))].toSorted();
  return ({ tenant, sub, roles, claims }) => {
    const values: Record<string, JsonValue> = {};
    for (const name of names) {
      if (name === 'sub') values[name] = sub;
      else if (name === 'roles') values[name] = roles;
      else if (Object.hasOwn(claims, name)) values[name] = claims[name] ?? null;
    }
    const known = [...new Set(roles)].filter((role) => Object.hasOwn(policy.roles, role)).toSorted();
    return canonicalJson({ tenant, roles: known, values });
  };
}
