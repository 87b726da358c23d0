import type { ClassificationChange } from '../../../channels/catalog/change.ts';
import { invalid } from '../faults.ts';
import { classificationsOf, stateOf, type TagContext } from './classifications.ts';
import type { TagEntry } from './entity-header.ts';
import type { Notification } from './notification.ts';

/** True unless the list lacks a tag that was just added: then the source did not fill it. */
function isFilled(list: readonly TagEntry[], added: readonly TagEntry[]): boolean {
  const names = new Set(list.map((tag) => tag.name));
  return added.every((tag) => names.has(tag.name));
}

/**
 * Tag notifications carry the whole current list, except that the removal of the last tag carries none. Where the list
 * was not filled, what the message says has changed is all that is known. Elsewhere the list is there or not as the
 * source is configured, so its absence says nothing.
 * @throws HubError invalid-message, limit-exceeded
 */
export function tagChange(
  { operation, subject }: Notification,
  list: readonly TagEntry[] | undefined,
  mutated: readonly TagEntry[],
  context: TagContext,
): ClassificationChange | undefined {
  const removes = operation === 'CLASSIFICATION_DELETE';
  if (list !== undefined && (removes || isFilled(list, mutated))) return stateOf(list, context);
  if (mutated.length > 0) {
    const tags = classificationsOf([...(list ?? []), ...mutated], context);
    return removes
      ? { mode: 'delta', add: [], remove: tags.map(({ scheme, name }) => ({ scheme, name })) }
      : { mode: 'delta', add: tags, remove: [] };
  }
  if (removes) return { mode: 'state', list: [] };
  if (!operation.startsWith('CLASSIFICATION_')) return undefined;
  throw invalid(`${subject.path}.classifications`, `must be a list in ${operation}`);
}
