import { isJsonObject } from '../event/json.ts';
import { normalText } from '../event/normal-text.ts';
import { HubError } from '../protocol/hub-error.ts';
import { canonicalFilter } from './canonical-filter.ts';
import type { Filter, FilterValue } from './filter.ts';
import { classificationFields, classificationLists, type FieldKind, headFields } from './head-fields.ts';

/** Bounds of one filter. They keep the cost of matching an event known in advance. */
export const filterLimits = { maxNodes: 32, maxDepth: 4, maxValues: 200, maxTextLength: 1024 } as const;

const comparisons = { $eq: 'eq', $ne: 'ne', $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' } as const;
const operatorNames = [...Object.keys(comparisons), '$in', '$nin', '$exists', '$startsWith', '$not', '$elemMatch'];

interface Budget {
  nodes: number;
  values: number;
}

interface Scope {
  readonly fields: Readonly<Record<string, FieldKind>>;
  readonly lists: readonly string[];
  readonly budget: Budget;
}

function invalid(path: string, problem: string): HubError {
  return new HubError('invalid-filter', `filter${path}: ${problem}`);
}

function spend(budget: Budget, depth: number): void {
  budget.nodes += 1;
  if (budget.nodes > filterLimits.maxNodes) {
    throw new HubError(
      'filter-too-large',
      `filter has more than ${filterLimits.maxNodes} conditions; split it into several subscriptions`,
    );
  }
  if (depth > filterLimits.maxDepth) {
    throw new HubError('filter-too-large', `filter is nested deeper than ${filterLimits.maxDepth} levels`);
  }
}

function spendValue(budget: Budget): void {
  budget.values += 1;
  if (budget.values > filterLimits.maxValues) {
    throw new HubError('filter-too-large', `filter has more than ${filterLimits.maxValues} values`);
  }
}

function text(raw: string, path: string): string {
  if (raw.length > filterLimits.maxTextLength)
    throw invalid(path, `must have at most ${filterLimits.maxTextLength} characters`);
  return normalText(raw);
}

function value(raw: unknown, field: FieldKind, path: string, budget: Budget): FilterValue {
  spendValue(budget);
  if (raw === null && field.nullable) return null;
  if (typeof raw !== field.type) {
    throw invalid(path, `must be a ${field.type}${field.nullable ? ' or null' : ''}`);
  }
  if (typeof raw === 'string') return text(raw, path);
  if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
  throw invalid(path, `must be a finite ${field.type}`);
}

function ordered(raw: unknown, field: FieldKind, path: string, budget: Budget): FilterValue {
  const parsed = value(raw, field, path, budget);
  if (parsed === null) throw invalid(path, 'cannot be null with an order comparison');
  return parsed;
}

function values(raw: unknown, field: FieldKind, path: string, budget: Budget): readonly FilterValue[] {
  if (!Array.isArray(raw) || raw.length === 0) throw invalid(path, 'must be a list with at least one value');
  return raw.map((item: unknown, index) => value(item, field, `${path}[${index}]`, budget));
}

function operator(
  name: string,
  raw: unknown,
  field: string,
  kind: FieldKind,
  path: string,
  depth: number,
  scope: Scope,
): Filter {
  const at = `${path}.${name}`;
  spend(scope.budget, depth);
  switch (name) {
    case '$eq':
    case '$ne':
      return { op: comparisons[name], field, value: value(raw, kind, at, scope.budget) };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return { op: comparisons[name], field, value: ordered(raw, kind, at, scope.budget) };
    case '$in':
    case '$nin':
      return { op: name === '$in' ? 'in' : 'nin', field, values: values(raw, kind, at, scope.budget) };
    case '$exists':
      if (typeof raw !== 'boolean') throw invalid(at, 'must be true or false');
      return { op: 'exists', field, value: raw };
    case '$startsWith':
      if (kind.type !== 'string' || typeof raw !== 'string' || raw === '')
        throw invalid(at, 'needs a string field and a non-empty string');
      spendValue(scope.budget);
      return { op: 'startsWith', field, value: text(raw, at) };
    case '$not':
      return { op: 'not', arg: condition(field, kind, raw, at, depth + 1, scope) };
    default:
      throw invalid(at, `unknown operator; use one of ${operatorNames.join(' ')}`);
  }
}

function condition(field: string, kind: FieldKind, raw: unknown, path: string, depth: number, scope: Scope): Filter {
  if (!isJsonObject(raw)) {
    if (Array.isArray(raw)) throw invalid(path, 'a list is not a value here; use $in');
    return operator('$eq', raw, field, kind, path, depth, scope);
  }
  const entries = Object.entries(raw);
  if (entries.length === 0) throw invalid(path, 'must name at least one operator');
  return {
    op: 'and',
    args: entries.map(([name, operand]) => operator(name, operand, field, kind, path, depth, scope)),
  };
}

function elemMatch(field: string, raw: unknown, path: string, depth: number, scope: Scope): Filter {
  if (!isJsonObject(raw) || Object.keys(raw).length !== 1 || !isJsonObject(raw['$elemMatch'])) {
    throw invalid(path, `must be {"$elemMatch": {...}} with fields ${Object.keys(classificationFields).join(', ')}`);
  }
  spend(scope.budget, depth);
  const inner: Scope = { fields: classificationFields, lists: [], budget: scope.budget };
  return { op: 'elemMatch', field, arg: object(raw['$elemMatch'], `${path}.$elemMatch`, depth + 1, inner) };
}

function group(op: 'and' | 'or', raw: unknown, path: string, depth: number, scope: Scope): Filter {
  if (!Array.isArray(raw) || raw.length === 0) throw invalid(path, 'must be a list with at least one filter');
  spend(scope.budget, depth);
  return { op, args: raw.map((item: unknown, index) => object(item, `${path}[${index}]`, depth + 1, scope)) };
}

function member(name: string, raw: unknown, path: string, depth: number, scope: Scope): Filter {
  const at = `${path}.${name}`;
  if (name === '$and' || name === '$or') return group(name === '$and' ? 'and' : 'or', raw, at, depth, scope);
  if (name === '$not') {
    spend(scope.budget, depth);
    return { op: 'not', arg: object(raw, at, depth + 1, scope) };
  }
  if (scope.lists.includes(name)) return elemMatch(name, raw, at, depth, scope);
  const kind = Object.hasOwn(scope.fields, name) ? scope.fields[name] : undefined;
  if (kind === undefined) {
    throw invalid(at, `unknown field; known fields: ${[...Object.keys(scope.fields), ...scope.lists].join(', ')}`);
  }
  return condition(name, kind, raw, at, depth, scope);
}

function object(raw: unknown, path: string, depth: number, scope: Scope): Filter {
  if (!isJsonObject(raw)) throw invalid(path, 'must be an object');
  return { op: 'and', args: Object.entries(raw).map(([name, part]) => member(name, part, path, depth, scope)) };
}

/**
 * A filter from its JSON form: a small subset of MongoDB's query language over head fields. `{}` matches everything.
 * The result is canonical. Messages name the place, never the value, because values may be secret to others.
 * @throws HubError invalid-filter, filter-too-large
 */
export function parseFilter(raw: unknown): Filter {
  const scope: Scope = { fields: headFields, lists: classificationLists, budget: { nodes: 0, values: 0 } };
  return canonicalFilter(object(raw, '', 1, scope));
}
