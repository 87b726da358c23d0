import type { Change } from '../../../channels/catalog/change.ts';
import type { MessageFacts } from '../change-base.ts';
import { deleteChange, headerPatch, isGone, upsertChange } from './asset-change.ts';
import { type EntityHeader, readEntityHeader } from './entity-header.ts';
import { mutatedTags, withMutatedDetails } from './mutated-details.ts';
import type { Notification } from './notification.ts';
import { readReferenceable } from './referenceable.ts';
import type { Ancestors } from './super-types.ts';
import { termChange } from './term-change.ts';
import { tagChange } from './tag-change.ts';

/** Who did it, as far as the source says: of a new entity who made it, else who changed it last. */
function withActor(facts: MessageFacts, { createdBy, updatedBy }: EntityHeader, isNew: boolean): MessageFacts {
  const id = isNew ? (createdBy ?? updatedBy) : updatedBy;
  if (id === undefined) return facts;
  return { ...facts, actor: { id }, authtype: id.startsWith('service-account') ? 'service_account' : 'user' };
}

/** @throws HubError invalid-message, limit-exceeded */
export function entityChanges(
  notification: Notification,
  facts: MessageFacts,
  ancestors: Ancestors,
): readonly Change[] {
  const { version, subject, body, path, operation } = notification;
  const read = version === 1 ? readReferenceable(subject, body, path) : readEntityHeader(subject);
  const header = withMutatedDetails(read, notification);
  const known = withActor(facts, header, operation === 'ENTITY_CREATE');
  const isDeleted = operation === 'ENTITY_DELETE' || isGone(header);
  const term = termChange(known, header, isDeleted);
  if (term !== undefined) return [term];
  if (isDeleted) return [deleteChange(known, header)];
  const context = { guid: header.guid, profile: facts.profile, ancestors };
  const tags = tagChange(notification, header.tags, mutatedTags(notification), context);
  // what only adds or removes a tag is no state that a newer one could stand for
  const completeness = tags?.mode === 'delta' ? 'delta' : known.completeness;
  return [upsertChange({ ...known, completeness }, header, headerPatch(facts, header), tags)];
}
