import { canonicalJson } from '../event/json.ts';
import type { Filter, FilterValue } from './filter.ts';

function sortedUnique(filters: readonly Filter[]): readonly Filter[] {
  const byText = new Map(filters.map((filter) => [canonicalJson(filter), filter]));
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, filter]) => filter);
}

function canonicalValues(values: readonly FilterValue[]): readonly FilterValue[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function canonicalGroup(op: 'and' | 'or', args: readonly Filter[]): Filter {
  const flat = args.map(canonicalFilter).flatMap((arg) => (arg.op === op ? arg.args : [arg]));
  const unique = sortedUnique(flat);
  const [only] = unique;
  return unique.length === 1 && only !== undefined ? only : { op, args: unique };
}

/**
 * The canonical form: nested groups of one kind flattened, arguments sorted and each once, one-value lists as
 * equality, double negation gone. Two filters written differently but built of the same parts become equal text.
 */
export function canonicalFilter(filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return canonicalGroup(filter.op, filter.args);
    case 'not': {
      const arg = canonicalFilter(filter.arg);
      return arg.op === 'not' ? arg.arg : { op: 'not', arg };
    }
    case 'elemMatch':
      return { ...filter, arg: canonicalFilter(filter.arg) };
    case 'in':
    case 'nin': {
      const values = canonicalValues(filter.values);
      const [only] = values;
      if (values.length !== 1 || only === undefined) return { ...filter, values };
      return { op: filter.op === 'in' ? 'eq' : 'ne', field: filter.field, value: only };
    }
    default:
      return filter;
  }
}

/** Equal for filters with the same canonical form. */
export function filterKey(filter: Filter): string {
  return canonicalJson(filter);
}
