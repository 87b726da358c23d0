import type { Representation } from '../representation.ts';

/** One of a list. The tag is always that of the whole. */
export function listItemText({ asset, etag }: Representation, fields: readonly string[] | undefined): string {
  if (fields === undefined) return JSON.stringify({ asset, etag });
  return JSON.stringify({ asset: Object.fromEntries(fields.map((field) => [field, asset[field]])), etag });
}
