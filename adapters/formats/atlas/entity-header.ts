import type { JsonObject } from '../../../channels/event/json.ts';
import { asList, asName, asObject, asText, type Field, isAbsent, member, optional } from '../fields.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';

/** A tag as the source lists it. */
export interface TagEntry {
  readonly name: string;
  /** guid of the entity that carries it directly; another than the entity's own when it was propagated. */
  readonly entityGuid: string | undefined;
  readonly attributes: Field;
}

/** An entity as all versions of the notification describe it. */
export interface EntityHeader {
  readonly guid: string;
  readonly typeName: string;
  readonly status: string | undefined;
  readonly deleteHandler: string | undefined;
  readonly attributes: JsonObject;
  readonly attributesPath: string;
  readonly relations: JsonObject;
  readonly displayText: Field;
  /** undefined: the message says nothing about tags. */
  readonly tags: readonly TagEntry[] | undefined;
}

/** Super-types and repetitions are still among them, so there may be more than a document holds. */
const maxEntries = documentLimits.classifications * 10;

function word(field: Field): string | undefined {
  return optional(field, (each) => asText(each, documentLimits.idLength));
}

function readTag(field: Field): TagEntry {
  const tag = asObject(field);
  return {
    name: asName(member(tag, 'typeName', field.path), documentLimits.idLength),
    entityGuid: optional(member(tag, 'entityGuid', field.path), (guid) => asName(guid)),
    attributes: member(tag, 'attributes', field.path),
  };
}

function nameOnly(field: Field): TagEntry {
  return {
    name: asName(field, documentLimits.idLength),
    entityGuid: undefined,
    attributes: { value: undefined, path: field.path },
  };
}

/** @throws HubError invalid-message, limit-exceeded */
export function readTags(field: Field): readonly TagEntry[] | undefined {
  return optional(field, (list) => asList(list, maxEntries).map(readTag));
}

/** Some messages carry the names alone, or beside a list that was not filled: then they are the list. */
function tagsOf(entity: JsonObject, path: string): readonly TagEntry[] | undefined {
  const tags = readTags(member(entity, 'classifications', path));
  if (tags !== undefined && tags.length > 0) return tags;
  const names = member(entity, 'classificationNames', path);
  return optional(names, (list) => asList(list, maxEntries).map(nameOnly)) ?? tags;
}

function objectOrEmpty(field: Field): JsonObject {
  return isAbsent(field) ? {} : asObject(field);
}

/** AtlasEntityHeader, and AtlasEntity, which has all of its members. @throws HubError invalid-message, limit-exceeded */
export function readEntityHeader(field: Field): EntityHeader {
  const entity = asObject(field);
  const { path } = field;
  const attributes = member(entity, 'attributes', path);
  return {
    guid: asName(member(entity, 'guid', path)),
    typeName: asName(member(entity, 'typeName', path), documentLimits.idLength),
    status: word(member(entity, 'status', path)),
    deleteHandler: word(member(entity, 'deleteHandler', path)),
    attributes: objectOrEmpty(attributes),
    attributesPath: attributes.path,
    relations: objectOrEmpty(member(entity, 'relationshipAttributes', path)),
    displayText: member(entity, 'displayText', path),
    tags: tagsOf(entity, path),
  };
}
