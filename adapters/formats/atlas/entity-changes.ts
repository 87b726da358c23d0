import type { AssetPatch, Change, ClassificationChange } from '../../../channels/catalog/change.ts';
import type { MessageFacts } from '../change-base.ts';
import { invalid } from '../faults.ts';
import { defined } from '../fields.ts';
import { deleteChange, headerPatch, isGone, upsertChange } from './asset-change.ts';
import { classificationsOf, stateOf, type TagContext } from './classifications.ts';
import { type EntityHeader, readEntityHeader } from './entity-header.ts';
import { type MutatedDetails, readMutatedDetails } from './mutated-details.ts';
import type { Notification } from './notification.ts';
import { readReferenceable } from './referenceable.ts';
import type { Ancestors } from './super-types.ts';

/**
 * Tag notifications carry the whole current list, except that the removal of the last tag carries none. Elsewhere the
 * list is filled or not as the source is configured, so its absence says nothing.
 */
function tagState(
  notification: Notification,
  header: EntityHeader,
  context: TagContext,
): ClassificationChange | undefined {
  if (header.tags !== undefined) return stateOf(header.tags, context);
  if (notification.operation === 'CLASSIFICATION_DELETE') return { mode: 'state', list: [] };
  if (!notification.operation.startsWith('CLASSIFICATION_')) return undefined;
  throw invalid(`${notification.subject.path}.classifications`, `must be a list in ${notification.operation}`);
}

/** A removed tag that is still in the whole list came from elsewhere as well, and stays. */
function tagDelta(
  notification: Notification,
  header: EntityHeader,
  tags: MutatedDetails['tags'],
  context: TagContext,
): ClassificationChange {
  const list = classificationsOf(tags ?? [], context);
  if (notification.operation !== 'CLASSIFICATION_DELETE') return { mode: 'delta', add: list, remove: [] };
  const kept = new Set(header.tags?.map((tag) => tag.name));
  return {
    mode: 'delta',
    add: [],
    remove: list.filter((tag) => !kept.has(tag.name)).map(({ scheme, name }) => ({ scheme, name })),
  };
}

/** Who it is, so that an asset first seen by a delta has a name. */
function identity({ type, name, fqn, platform }: AssetPatch): AssetPatch {
  return defined({ type, name, fqn, platform });
}

function deltaChange(
  facts: MessageFacts,
  notification: Notification,
  header: EntityHeader,
  details: MutatedDetails,
  context: TagContext,
): Change {
  const known = identity(headerPatch(facts, header));
  const changed: MessageFacts = {
    ...facts,
    completeness: 'delta',
    ...(details.actor === undefined
      ? {}
      : {
          actor: details.actor,
          authtype: details.actor.id.startsWith('service-account') ? 'service_account' : 'user',
        }),
  };
  if (details.tags !== undefined)
    return upsertChange(changed, header, known, tagDelta(notification, header, details.tags, context));
  const absent = { value: undefined, path: '' };
  const partial = {
    ...header,
    attributes: details.attributes ?? {},
    attributesPath: details.path,
    relations: {},
    displayText: absent,
  };
  return upsertChange(changed, header, { ...known, ...headerPatch(changed, partial) });
}

/** @throws HubError invalid-message, limit-exceeded */
export function entityChanges(
  notification: Notification,
  facts: MessageFacts,
  ancestors: Ancestors,
): readonly Change[] {
  const { version, subject, body, path } = notification;
  const header = version === 1 ? readReferenceable(subject, body, path) : readEntityHeader(subject);
  if (notification.operation === 'ENTITY_DELETE' || isGone(header)) return [deleteChange(facts, header)];
  const context = { guid: header.guid, profile: facts.profile, ancestors };
  const details = readMutatedDetails(notification);
  if (details?.tags !== undefined || details?.attributes !== undefined)
    return [deltaChange(facts, notification, header, details, context)];
  return [upsertChange(facts, header, headerPatch(facts, header), tagState(notification, header, context))];
}
