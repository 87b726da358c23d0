import { createHash } from 'node:crypto';
import { isGone } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';

/** Most selective first: an equality on the first of these that a filter has is looked up, the rest is tested. */
const indexedFields = [
  'refs',
  'tags',
  'owners',
  'domain',
  'type',
  'connector',
  'kind',
] as const satisfies readonly (keyof Head)[];
/** Longer values are hashed: the urn needs the room in the key. */
const maxTermLength = 64;

/** Field and value as one part of a key: without the separator and control characters, and short. */
function term(field: string, value: string): string {
  const text = value.replaceAll(/[%|\p{Cc}]/gu, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return text.length <= maxTermLength
    ? `${field}=${text}`
    : `${field}#${createHash('sha256').update(value).digest('base64url')}`;
}

/** Terms under which a head is found; none for a deleted document. */
export function termsOf(head: Head): ReadonlySet<string> {
  if (isGone(head)) return new Set();
  return new Set(
    indexedFields.flatMap((field) => {
      const value = head[field];
      if (value === null) return [];
      return typeof value === 'string' ? [term(field, value)] : value.map((item) => term(field, item));
    }),
  );
}

/** A term that every match of the filter has; undefined when there is none and all documents must be looked at. */
export function termOf(filter: Filter): string | undefined {
  for (const field of indexedFields) {
    const value = requiredText(filter, field);
    if (value !== undefined) return term(field, value);
  }
  return undefined;
}

/** Documents of one kind are counted by their kind term. */
export function kindTerm(kind: string): string {
  return term('kind', kind);
}
