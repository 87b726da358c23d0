import type { JsonObject } from '../../../channels/event/json.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { asList, asName, asObject, asText, type Field, isAbsent, member, optional } from '../fields.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import type { EntityHeader, TagEntry } from './entity-header.ts';

/** Version 1 says TRAIT where version 2 says CLASSIFICATION. */
export function traitOperation(operation: string): string {
  return operation.replace(/^TRAIT_/, 'CLASSIFICATION_');
}

/** A trait is a structure of its own; it does not tell which entity carries it. */
function readTrait(field: Field): TagEntry {
  const trait = asObject(field);
  return {
    name: asName(member(trait, 'typeName', field.path), documentLimits.idLength),
    entityGuid: undefined,
    attributes: member(trait, 'values', field.path).value,
  };
}

function named(name: string, path: string): TagEntry {
  return {
    name: asName({ value: name, path }, documentLimits.idLength),
    entityGuid: undefined,
    attributes: undefined,
  };
}

/** The list next to the entity is the whole one; the entity's own forms are used when it is not there. */
function traitsOf(
  body: JsonObject,
  bodyPath: string,
  entity: JsonObject,
  path: string,
): readonly TagEntry[] | undefined {
  const list = optional(member(body, 'traits', bodyPath), (field) =>
    asList(field, documentLimits.classifications * 10).map(readTrait),
  );
  if (list !== undefined) return list;
  const names = member(entity, 'traitNames', path);
  if (!isAbsent(names))
    return asList(names, documentLimits.classifications * 10).map((field) => named(asText(field), field.path));
  const traits = member(entity, 'traits', path);
  return isAbsent(traits) ? undefined : Object.keys(asObject(traits)).map((name) => named(name, traits.path));
}

/** A Referenceable of the first notification version. @throws HubError invalid-message, limit-exceeded */
export function readReferenceable(field: Field, body: JsonObject, bodyPath: string): EntityHeader {
  const entity = asObject(field);
  const { path } = field;
  const id = member(entity, 'id', path);
  const values = member(entity, 'values', path);
  const state = isJsonObject(id.value) ? member(id.value, 'state', id.path) : { value: undefined, path };
  return {
    guid: asName(isJsonObject(id.value) ? member(id.value, 'id', id.path) : id),
    typeName: asName(member(entity, 'typeName', path), documentLimits.idLength),
    status: optional(state, (each) => asText(each, documentLimits.idLength)),
    deleteHandler: undefined,
    attributes: isAbsent(values) ? {} : asObject(values),
    changed: {},
    relations: {},
    displayText: undefined,
    tags: traitsOf(body, bodyPath, entity, path),
    terms: undefined,
    createdBy: undefined,
    updatedBy: undefined,
  };
}
