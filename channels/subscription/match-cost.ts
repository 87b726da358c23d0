import type { Filter } from './filter.ts';
import { breadthOf } from './term.ts';

/** A list of a head may hold hundreds of values, each of which is compared. */
const lists: ReadonlySet<string> = new Set([
  'owners',
  'tags',
  'confirmedTags',
  'refs',
  'classifications',
  'columnClassifications',
]);
const [scalarUnits, listUnits] = [1, 8];
/** However selective its index entry: thousands may be filed under one entity. */
const leastBreadth = 0.1;

function units(filter: Filter): number {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.reduce((sum, arg) => sum + units(arg), 0);
    case 'not':
      return units(filter.arg);
    case 'elemMatch':
      return listUnits * Math.max(1, units(filter.arg));
    default:
      return lists.has(filter.field) ? listUnits : scalarUnits;
  }
}

/**
 * What it costs to match a filter against the events of a tenant, in comparisons for an event, on average. One equality is
 * answered by the index alone and costs nothing, however many there are; a condition without any equality is evaluated
 * for every event, about a microsecond a unit.
 */
export function matchCost(filter: Filter): number {
  if (filter.op === 'eq' || filter.op === 'in') return 0;
  return Math.max(leastBreadth, breadthOf(filter)) * (1 + units(filter));
}
