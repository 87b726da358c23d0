import type { Head } from '../event/head.ts';
import { compareText } from './compare-text.ts';
import type { Filter, FilterValue } from './filter.ts';

export type HeadPredicate = (head: Head) => boolean;

/** Values of a head, or of an element of one of its lists, by the names that filters use. */
export type Fields = Readonly<Record<string, unknown>>;
export type FieldsPredicate = (subject: Fields) => boolean;
type Test = FieldsPredicate;

/** Any element of a list, or the value itself, satisfies the test. */
function some(field: string, test: (value: unknown) => boolean): Test {
  return (subject) => {
    const held = subject[field];
    return Array.isArray(held) ? held.some(test) : test(held ?? null);
  };
}

/** Undefined for what has no order: values of different types, and null. */
function orderOf(held: unknown, wanted: FilterValue): number | undefined {
  if (typeof held === 'string' && typeof wanted === 'string') return compareText(held, wanted);
  return typeof held === 'number' && typeof wanted === 'number' ? held - wanted : undefined;
}

function compare(op: 'gt' | 'gte' | 'lt' | 'lte', wanted: FilterValue): (value: unknown) => boolean {
  return (held) => {
    const order = orderOf(held, wanted);
    if (order === undefined) return false;
    switch (op) {
      case 'gt':
        return order > 0;
      case 'gte':
        return order >= 0;
      case 'lt':
        return order < 0;
      case 'lte':
        return order <= 0;
    }
  };
}

function exists(field: string): Test {
  return (subject) => {
    const held = subject[field];
    return Array.isArray(held) ? held.length > 0 : held !== null && held !== undefined;
  };
}

function negate(test: Test): Test {
  return (subject) => !test(subject);
}

function compileNode(filter: Filter): Test {
  switch (filter.op) {
    case 'and': {
      const tests = filter.args.map(compileNode);
      return (subject) => tests.every((test) => test(subject));
    }
    case 'or': {
      const tests = filter.args.map(compileNode);
      return (subject) => tests.some((test) => test(subject));
    }
    case 'not':
      return negate(compileNode(filter.arg));
    case 'eq':
      return some(filter.field, (held) => held === filter.value);
    case 'ne':
      return negate(some(filter.field, (held) => held === filter.value));
    case 'in':
    case 'nin': {
      const wanted = new Set<unknown>(filter.values);
      const test = some(filter.field, (held) => wanted.has(held));
      return filter.op === 'in' ? test : negate(test);
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return some(filter.field, compare(filter.op, filter.value));
    case 'exists':
      return filter.value ? exists(filter.field) : negate(exists(filter.field));
    case 'startsWith':
      return some(filter.field, (held) => typeof held === 'string' && held.startsWith(filter.value));
    case 'elemMatch': {
      const test = compileNode(filter.arg);
      return (subject) => {
        const held = subject[filter.field];
        return Array.isArray(held) && held.some(test);
      };
    }
  }
}

/** The same over parts of a head: what is not there is null. */
export function compileFields(filter: Filter): FieldsPredicate {
  return compileNode(filter);
}

/** A predicate over heads, compiled once. Agrees with `toMongoFilter` on every head. */
export function compileFilter(filter: Filter): HeadPredicate {
  return compileNode(filter);
}
