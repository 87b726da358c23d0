import { isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { asList, asName, asObject, type Field, member, optional } from '../fields.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isName } from '../text-bounds.ts';
import { beside } from './beside-attributes.ts';
import { readTerms } from './terms.ts';

/** A tag as the source lists it. */
export interface TagEntry {
  readonly name: string;
  /** guid of the entity that carries it directly; another than the entity's own when it was propagated. */
  readonly entityGuid: string | undefined;
  readonly attributes: JsonValue | undefined;
}

/** An entity as all versions of the notification describe it. */
export interface EntityHeader {
  readonly guid: string;
  readonly typeName: string;
  readonly status: string | undefined;
  readonly deleteHandler: string | undefined;
  /** Its attributes and what is kept next to them: labels, custom and business attributes. */
  readonly attributes: JsonObject;
  /** Those of `attributes` that the message says have just changed. */
  readonly changed: JsonObject;
  readonly relations: JsonObject;
  readonly displayText: JsonValue | undefined;
  /** undefined: the message says nothing about tags. */
  readonly tags: readonly TagEntry[] | undefined;
  /** undefined: the message says nothing about terms. */
  readonly terms: readonly string[] | undefined;
  readonly createdBy: string | undefined;
  readonly updatedBy: string | undefined;
}

/** Super-types and repetitions are still among them, so there may be more than a document holds. */
const maxEntries = documentLimits.classifications * 10;

function word(value: JsonValue | undefined): string | undefined {
  return isName(value, documentLimits.idLength) ? value : undefined;
}

/** A tag, or no more than its name. */
function readTag(field: Field): TagEntry {
  if (typeof field.value === 'string') return nameOnly(field);
  const tag = asObject(field);
  const guid = member(tag, 'entityGuid', field.path).value;
  return {
    name: asName(member(tag, 'typeName', field.path), documentLimits.idLength),
    entityGuid: isName(guid) ? guid : undefined,
    attributes: member(tag, 'attributes', field.path).value,
  };
}

function nameOnly(field: Field): TagEntry {
  return { name: asName(field, documentLimits.idLength), entityGuid: undefined, attributes: undefined };
}

/** @throws HubError invalid-message, limit-exceeded */
export function readTags(field: Field): readonly TagEntry[] | undefined {
  return optional(field, (list) => asList(list, maxEntries).map(readTag));
}

/**
 * The tags of an entity. Some messages carry the names alone, or next to a list that was not filled: then they are the
 * list. @throws HubError invalid-message, limit-exceeded
 */
export function tagsOf(entity: JsonObject, path: string): readonly TagEntry[] | undefined {
  const tags = readTags(member(entity, 'classifications', path));
  if (tags !== undefined && tags.length > 0) return tags;
  const names = member(entity, 'classificationNames', path);
  return optional(names, (list) => asList(list, maxEntries).map(nameOnly)) ?? tags;
}

/** Who is named by a member such as `updatedBy`; nobody by anything but a name. */
export function personIn(entity: JsonObject, key: string): string | undefined {
  return word(member(entity, key, '').value);
}

function objectOrEmpty(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** What should be attributes and is something else is a property itself. */
function attributesIn(value: JsonValue | undefined): JsonObject {
  if (value === undefined || value === null) return {};
  return isJsonObject(value) ? value : { attributes: value };
}

/** An attribute of the same name counts more. */
function withBeside(others: JsonObject, attributes: JsonObject): JsonObject {
  return Object.keys(others).length === 0 ? attributes : { ...others, ...attributes };
}

/** AtlasEntityHeader, and AtlasEntity, which has all of its members. @throws HubError invalid-message, limit-exceeded */
export function readEntityHeader(field: Field): EntityHeader {
  const entity = asObject(field);
  const { path } = field;
  const relations = objectOrEmpty(member(entity, 'relationshipAttributes', path).value);
  return {
    guid: asName(member(entity, 'guid', path)),
    typeName: asName(member(entity, 'typeName', path), documentLimits.idLength),
    status: word(member(entity, 'status', path).value),
    deleteHandler: word(member(entity, 'deleteHandler', path).value),
    attributes: withBeside(beside(entity, 'filled'), attributesIn(member(entity, 'attributes', path).value)),
    changed: {},
    relations,
    displayText: member(entity, 'displayText', path).value,
    tags: tagsOf(entity, path),
    terms: readTerms(entity, relations, 'filled'),
    createdBy: personIn(entity, 'createdBy'),
    updatedBy: personIn(entity, 'updatedBy'),
  };
}
