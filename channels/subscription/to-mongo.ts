import type { Filter } from './filter.ts';
import { indexedAs } from './term.ts';

/** A query document of MongoDB (and of engines that read the same language). */
export type MongoQuery = { readonly [key: string]: unknown };

function escaped(text: string): string {
  // MongoDB refuses a pattern with a NUL in it, but takes its escape.
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`).replaceAll('\0', String.raw`\x00`);
}

/** What has no index of its own is also asked of the field in whose index it is. */
function indexed(field: string, condition: object, prefix: string): MongoQuery {
  const query = { [prefix + field]: condition };
  const wider = indexedAs(field);
  return wider === field ? query : { $and: [{ [prefix + wider]: condition }, query] };
}

/**
 * The same condition as `compileFilter`, as a MongoDB query on stored documents. `prefix` is put before field names.
 * An empty list counts as not existing, as in memory.
 */
export function toMongoFilter(filter: Filter, prefix = 'head.'): MongoQuery {
  switch (filter.op) {
    case 'and':
      return filter.args.length === 0 ? {} : { $and: filter.args.map((arg) => toMongoFilter(arg, prefix)) };
    case 'or':
      return filter.args.length === 0 ? { $nor: [{}] } : { $or: filter.args.map((arg) => toMongoFilter(arg, prefix)) };
    case 'not':
      return { $nor: [toMongoFilter(filter.arg, prefix)] };
    case 'in':
      return indexed(filter.field, { $in: filter.values }, prefix);
    case 'nin':
      return { [prefix + filter.field]: { $nin: filter.values } };
    case 'exists':
      return {
        [filter.value ? '$nor' : '$or']: [{ [prefix + filter.field]: null }, { [prefix + filter.field]: { $size: 0 } }],
      };
    case 'startsWith':
      return indexed(filter.field, { $regex: `^${escaped(filter.value)}` }, prefix);
    case 'elemMatch':
      return { [prefix + filter.field]: { $elemMatch: toMongoFilter(filter.arg, '') } };
    case 'eq':
      return indexed(filter.field, { $eq: filter.value }, prefix);
    case 'ne':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { [prefix + filter.field]: { [`$${filter.op}`]: filter.value } };
  }
}
