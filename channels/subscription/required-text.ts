import type { Filter } from './filter.ts';

/**
 * The text that `field` must equal (for a list: contain) wherever the filter matches; undefined when the filter does not
 * say so. Stores look it up in an index instead of testing every document.
 */
export function requiredText(filter: Filter, field: string): string | undefined {
  if (filter.op === 'eq') return filter.field === field && typeof filter.value === 'string' ? filter.value : undefined;
  if (filter.op !== 'and') return undefined;
  for (const arg of filter.args) {
    const text = requiredText(arg, field);
    if (text !== undefined) return text;
  }
  return undefined;
}
