import { canonicalFilter } from '../subscription/canonical-filter.ts';
import type { Filter, FilterValue } from '../subscription/filter.ts';
import { classificationLists } from '../subscription/head-fields.ts';

type Comparison = Extract<Filter, { readonly field: string }>;

function withRejectedIn(filter: Comparison, values: readonly FilterValue[]): Filter {
  return filter.field === 'state' && values.includes('suggested')
    ? { op: 'in', field: 'state', values: [...values, 'rejected'] }
    : filter;
}

/** A rejected suggestion still protects until somebody declassifies it: what closes for suggestions closes for it. */
function withRejected(filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, args: filter.args.map(withRejected) };
    case 'not':
      return filter;
    case 'eq':
      return withRejectedIn(filter, [filter.value]);
    case 'in':
      return withRejectedIn(filter, filter.values);
    default:
      return filter;
  }
}

const isConfirmed: Filter = { op: 'eq', field: 'state', value: 'confirmed' };

/** True where the comparison holds because of something that is there, not because it is missing. */
function asksForPresence(filter: Comparison): boolean {
  return filter.op === 'exists' ? filter.value : filter.op !== 'ne' && filter.op !== 'nin';
}

function ofConfirmed(filter: Comparison): Filter {
  if (filter.op === 'elemMatch')
    return classificationLists.includes(filter.field)
      ? { ...filter, arg: { op: 'and', args: [filter.arg, isConfirmed] } }
      : filter;
  return filter.field === 'tags' ? { ...filter, field: 'confirmedTags' } : filter;
}

function closing(filter: Comparison): Filter {
  return filter.op === 'elemMatch' && classificationLists.includes(filter.field)
    ? { ...filter, arg: withRejected(filter.arg) }
    : filter;
}

/** `grants`: an entity that matches is seen more for it. */
function compiled(filter: Filter, grants: boolean): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, args: filter.args.map((arg) => compiled(arg, grants)) };
    case 'not':
      return { op: 'not', arg: compiled(filter.arg, !grants) };
    default:
      return asksForPresence(filter) === grants ? ofConfirmed(filter) : closing(filter);
  }
}

/**
 * What may be read, with tags that a scanner has merely suggested: such a tag denies like any other, and never grants.
 * Wherever a tag opens an entity (an `allow` that asks for it, a `deny` that makes an exception for it) only confirmed ones
 * count; wherever it closes one, all do.
 */
export function grantedByConfirmed(readable: Filter): Filter {
  return canonicalFilter(compiled(readable, true));
}
