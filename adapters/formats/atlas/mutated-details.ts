import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { member } from '../fields.ts';
import { beside, businessAttributes } from './beside-attributes.ts';
import { type EntityHeader, personIn, readTags, tagsOf, type TagEntry } from './entity-header.ts';
import type { Notification } from './notification.ts';
import { readTerms } from './terms.ts';

function changedIn(details: JsonObject, operation: Notification['operation']): JsonObject {
  if (operation === 'BUSINESS_ATTRIBUTE_UPDATE') return businessAttributes(details);
  const { attributes } = details;
  return { ...beside(details, 'whole'), ...(isJsonObject(attributes) ? attributes : {}) };
}

function isFilled(tags: EntityHeader['tags']): boolean {
  return tags !== undefined && tags.length > 0;
}

/**
 * The header with what a fork of the source says has just changed: values that a header does not have otherwise, and who
 * changed them. The rest of the header is how the entity is now, as in any other message.
 * @throws HubError invalid-message, limit-exceeded
 */
export function withMutatedDetails(header: EntityHeader, { operation, body, path }: Notification): EntityHeader {
  const { value: details, path: at } = member(body, 'mutatedDetails', path);
  if (!isJsonObject(details) || operation.startsWith('CLASSIFICATION_')) return header;
  const isBusiness = operation === 'BUSINESS_ATTRIBUTE_UPDATE';
  const changed = changedIn(details, operation);
  const relations = details['relationshipAttributes'];
  const ownRelations = isJsonObject(relations) ? relations : {};
  return {
    ...header,
    attributes: { ...header.attributes, ...changed },
    changed,
    relations: { ...header.relations, ...ownRelations },
    tags: isBusiness || isFilled(header.tags) ? header.tags : (tagsOf(details, at) ?? header.tags),
    terms: isBusiness ? header.terms : (readTerms(details, ownRelations, 'whole') ?? header.terms),
    createdBy: personIn(details, 'createdBy') ?? header.createdBy,
    updatedBy: personIn(details, 'updatedBy') ?? header.updatedBy,
  };
}

/** The tags that a tag notification says were added, changed or removed. @throws HubError invalid-message, limit-exceeded */
export function mutatedTags({ operation, body, path }: Notification): readonly TagEntry[] {
  const field = member(body, 'mutatedDetails', path);
  return operation.startsWith('CLASSIFICATION_') && Array.isArray(field.value) ? (readTags(field) ?? []) : [];
}
