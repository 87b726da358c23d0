/** A value that a filter can compare with. */
export type FilterValue = string | number | boolean | null;

/**
 * A filter in canonical form: the same meaning has the same form on every node. Fields are head fields; inside
 * `elemMatch` they are the fields of one classification. Array fields compare as in MongoDB: `eq` is "contains".
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly args: readonly Filter[] }
  | { readonly op: 'not'; readonly arg: Filter }
  | { readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'; readonly field: string; readonly value: FilterValue }
  | { readonly op: 'in' | 'nin'; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly op: 'exists'; readonly field: string; readonly value: boolean }
  | { readonly op: 'startsWith'; readonly field: string; readonly value: string }
  | { readonly op: 'elemMatch'; readonly field: string; readonly arg: Filter };

/** Matches everything. */
export const everything: Filter = { op: 'and', args: [] };
