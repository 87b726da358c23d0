import type { ClassificationChange, ClassificationKey, ColumnPatch, ListChange } from '../../../channels/catalog/change.ts';
import type { Classification, Owner } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { invalid } from '../faults.ts';
import { asId, asInteger, asList, asName, asObject, asOneOf, asText, assertKnown, defined, type Field, member, nullable, optional } from '../fields.ts';
import { asJsonObject } from '../json-bounds.ts';
import { referenceUrn } from '../urn.ts';

interface ListReader<Item, Key> {
  readonly item: (field: Field) => Item;
  readonly key: (field: Field) => Key;
  /** Text by which items and keys are the same. */
  readonly same: (item: Item | Key) => string;
  readonly max: number;
}

/** A list names each thing once; naming it twice is a mistake of which half would be lost. */
function assertDistinct(names: readonly string[], path: string): void {
  if (new Set(names).size !== names.length) throw invalid(path, 'must not name the same entry twice');
}

/** An array is the whole list as it is now; `{add, remove}` is what changed. @throws HubError invalid-message, limit-exceeded */
function readListChange<Item, Key>(field: Field, { item, key, same, max }: ListReader<Item, Key>): ListChange<Item, Key> {
  const { value, path } = field;
  if (Array.isArray(value)) {
    const list = asList(field, max).map(item);
    assertDistinct(list.map(same), path);
    return { mode: 'state', list };
  }
  if (!isJsonObject(value)) throw invalid(path, 'must be a list, or an object with add and remove');
  assertKnown(value, ['add', 'remove'], path);
  const add = optional(member(value, 'add', path), (each) => asList(each, max).map(item)) ?? [];
  const remove = optional(member(value, 'remove', path), (each) => asList(each, max).map(key)) ?? [];
  assertDistinct([...add.map(same), ...remove.map(same)], path);
  return { mode: 'delta', add, remove };
}

/** `scheme/name`, or a name of the connector's own scheme. */
function readKey(field: Field, profile: ConnectorProfile): ClassificationKey {
  if (isJsonObject(field.value)) {
    assertKnown(field.value, ['scheme', 'name'], field.path);
    return { scheme: readScheme(member(field.value, 'scheme', field.path), profile), name: asId(member(field.value, 'name', field.path)) };
  }
  const text = asName(field, documentLimits.idLength * 2);
  const slash = text.indexOf('/');
  if (slash < 0) return { scheme: profile.scheme, name: asId(field) };
  return {
    scheme: asId({ value: text.slice(0, slash), path: `the scheme of ${field.path}` }),
    name: asId({ value: text.slice(slash + 1), path: `the name of ${field.path}` }),
  };
}

export function readScheme(field: Field, profile: ConnectorProfile): string {
  const scheme = optional(field, asId) ?? profile.scheme;
  if (scheme.includes('/')) throw invalid(field.path, 'must not hold a slash');
  return scheme;
}

const origins = ['manual', 'propagated', 'automated', 'derived', 'inherited', 'unknown'] as const;
const classificationFields = ['scheme', 'name', 'level', 'origin', 'state', 'from', 'attributes'];

function readClassification(field: Field, profile: ConnectorProfile): Classification {
  if (!isJsonObject(field.value)) return { ...readKey(field, profile), origin: 'unknown', state: 'confirmed' };
  const tag = field.value;
  const at = (key: string): Field => member(tag, key, field.path);
  assertKnown(tag, classificationFields, field.path);
  return {
    scheme: readScheme(at('scheme'), profile),
    name: asId(at('name')),
    origin: optional(at('origin'), (each) => asOneOf(each, origins)) ?? 'unknown',
    state: optional(at('state'), (each) => asOneOf(each, ['confirmed', 'suggested'])) ?? 'confirmed',
    ...defined({
      level: optional(at('level'), (each) => asInteger(each, 0, 1000)),
      from: optional(at('from'), (each) => referenceUrn(profile, asName(each), each.path)),
      attributes: optional(at('attributes'), asJsonObject),
    }),
  };
}

/** @throws HubError invalid-message, limit-exceeded */
export function readClassifications(field: Field, profile: ConnectorProfile, max: number = documentLimits.classifications): ClassificationChange {
  return readListChange<Classification, ClassificationKey>(field, {
    item: (each) => readClassification(each, profile),
    key: (each) => readKey(each, profile),
    same: ({ scheme, name }) => `${scheme}/${name}`,
    max,
  });
}

function readOwner(field: Field): Owner {
  if (!isJsonObject(field.value)) return { id: asId(field), type: 'user' };
  const owner = asObject(field);
  assertKnown(owner, ['id', 'type', 'role'], field.path);
  return {
    id: asId(member(owner, 'id', field.path)),
    type: optional(member(owner, 'type', field.path), (each) => asOneOf(each, ['user', 'group'])) ?? 'user',
    ...defined({ role: optional(member(owner, 'role', field.path), asId) }),
  };
}

export function readOwners(field: Field): ListChange<Owner, string> {
  return readListChange<Owner, string>(field, {
    item: readOwner,
    key: asId,
    same: (owner) => (typeof owner === 'string' ? owner : owner.id),
    max: documentLimits.owners,
  });
}

export function readTerms(field: Field): ListChange<string, string> {
  return readListChange<string, string>(field, { item: asId, key: asId, same: (term) => term, max: documentLimits.terms });
}

function readColumn(field: Field, profile: ConnectorProfile): ColumnPatch {
  const column = asObject(field);
  const at = (key: string): Field => member(column, key, field.path);
  assertKnown(column, ['name', 'type', 'description', 'classifications'], field.path);
  return {
    name: asName(at('name')),
    ...defined({
      type: nullable(at('type'), (each) => asName(each)),
      description: nullable(at('description'), (each) => asText(each)),
      classifications: optional(at('classifications'), (each) => readClassifications(each, profile, documentLimits.classificationsPerColumn)),
    }),
  };
}

export function readColumns(field: Field, profile: ConnectorProfile): ListChange<ColumnPatch, string> {
  return readListChange<ColumnPatch, string>(field, {
    item: (each) => readColumn(each, profile),
    key: (each) => asName(each),
    same: (column) => (typeof column === 'string' ? column : column.name),
    max: documentLimits.columns,
  });
}
