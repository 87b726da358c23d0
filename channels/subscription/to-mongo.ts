import type { Filter } from './filter.ts';

/** A query document of MongoDB (and of engines that read the same language). */
export type MongoQuery = { readonly [key: string]: unknown };

function escaped(text: string): string {
  // MongoDB refuses a pattern with a NUL in it, but takes its escape.
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`).replaceAll('\0', String.raw`\x00`);
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
    case 'nin':
      return { [prefix + filter.field]: { [`$${filter.op}`]: filter.values } };
    case 'exists':
      return {
        [filter.value ? '$nor' : '$or']: [{ [prefix + filter.field]: null }, { [prefix + filter.field]: { $size: 0 } }],
      };
    case 'startsWith':
      return { [prefix + filter.field]: { $regex: `^${escaped(filter.value)}` } };
    case 'elemMatch':
      return { [prefix + filter.field]: { $elemMatch: toMongoFilter(filter.arg, '') } };
    case 'eq':
    case 'ne':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { [prefix + filter.field]: { [`$${filter.op}`]: filter.value } };
  }
}
