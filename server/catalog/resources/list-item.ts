import type { DocumentKind } from '../../../channels/event/head.ts';
import type { Representation } from './representation.ts';

/** One of a list. The tag is always that of the whole. */
export function listItemText(
  kind: DocumentKind,
  { shown, etag }: Representation,
  fields: readonly string[] | undefined,
): string {
  const members = fields === undefined ? shown : Object.fromEntries(fields.map((field) => [field, shown[field]]));
  return JSON.stringify({ [kind]: members, etag });
}
