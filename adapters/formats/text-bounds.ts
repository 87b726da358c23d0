import { documentLimits } from '../../channels/catalog/limits.ts';

// oxlint-disable-next-line no-control-regex -- names, ids and urns must not carry what cannot be shown
export const unprintable = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

/** True for a name, id or urn that a document can hold: not empty, of bounded length, nothing in it that cannot be shown. */
export function isName(value: unknown, maxLength: number = documentLimits.nameLength): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && !unprintable.test(value);
}

/** The first characters of a text; a pair of surrogates is not cut in two. */
export function cutText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}

/** A text that a document can hold. One that is too long ends with a marker that says how long it was. */
export function boundedText(text: string, maxLength: number = documentLimits.textLength): string {
  if (text.length <= maxLength) return text;
  const marker = `… [cut, of ${text.length} characters]`;
  return cutText(text, maxLength - marker.length) + marker;
}
