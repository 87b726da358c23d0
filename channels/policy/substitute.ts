import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../event/json.ts';
import type { Principal } from './principal.ts';

const variable = /^\$\{principal\.([A-Za-z_][\w-]*)\}$/;

/** True for `${principal.<claim>}`. */
export function isVariable(text: string): boolean {
  return variableIn(text) !== undefined;
}

/** `<claim>` of `${principal.<claim>}`. */
export function variableIn(text: string): string | undefined {
  return variable.exec(text)?.[1];
}

/** The principal has no such claim, or an empty or unusable one. */
export const missing = Symbol('missing claim');
type Substituted = JsonValue | typeof missing;

function claimOf(name: string, principal: Principal): Substituted {
  if (name === 'sub') return principal.sub;
  if (name === 'roles') return principal.roles;
  const claim = Object.hasOwn(principal.claims, name) ? principal.claims[name] : undefined;
  return claim !== undefined && isUsable(claim) ? claim : missing;
}

/** A claim is only ever a value to compare with: an object could bring operators of its own into a grant. */
function isUsable(claim: JsonValue): boolean {
  if (Array.isArray(claim)) return claim.length > 0 && claim.every((item: JsonValue) => isValue(item));
  return isValue(claim);
}

/** An empty text names nothing: a `deny` for it would deny nothing, and `$ne` would allow everything. */
function isValue(item: JsonValue): boolean {
  return typeof item !== 'object' && item !== '';
}

function substituteList(items: readonly JsonValue[], principal: Principal): Substituted {
  const values = items.map((item) => substitute(item, principal));
  return values.every((value) => value !== missing) ? values.flat() : missing;
}

function substituteObject(object: JsonObject, principal: Principal): Substituted {
  const entries: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(object)) {
    const found = substitute(value, principal);
    if (found === missing) return missing;
    entries.push([key, found]);
  }
  return Object.fromEntries(entries);
}

/**
 * Replaces every value that is exactly `${principal.<claim>}` by the claim. A claim that is a list also spreads inside
 * a list. Only whole values are replaced: text is never built from claims.
 */
export function substitute(value: JsonValue, principal: Principal): Substituted {
  if (typeof value === 'string') {
    const name = variableIn(value);
    return name === undefined ? value : claimOf(name, principal);
  }
  if (isJsonList(value)) return substituteList(value, principal);
  return isJsonObject(value) ? substituteObject(value, principal) : value;
}
