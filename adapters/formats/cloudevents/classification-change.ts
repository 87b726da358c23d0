import type {
  ClassificationChange,
  ClassificationKey,
  ColumnPatch,
  ListChange,
} from '../../../channels/catalog/change.ts';
import type { Classification } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { invalid } from '../faults.ts';
import {
  asId,
  asInteger,
  asName,
  asObject,
  asOneOf,
  asText,
  assertKnown,
  defined,
  type Field,
  member,
  nullable,
  optional,
} from '../fields.ts';
import { asJsonObject } from '../json-bounds.ts';
import { referenceUrn } from '../urn.ts';
import { readListChange } from './list-change.ts';

/** `scheme/name`, or a name of the connector's own scheme. */
function readKey(field: Field, profile: ConnectorProfile): ClassificationKey {
  if (isJsonObject(field.value)) {
    assertKnown(field.value, ['scheme', 'name'], field.path);
    return {
      scheme: readScheme(member(field.value, 'scheme', field.path), profile),
      name: asId(member(field.value, 'name', field.path)),
    };
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
  if (scheme.includes('/')) throw invalid(field.path, 'must not contain a slash');
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
export function readClassifications(
  field: Field,
  profile: ConnectorProfile,
  max: number = documentLimits.classifications,
): ClassificationChange {
  return readListChange<Classification, ClassificationKey>(field, {
    item: (each) => readClassification(each, profile),
    key: (each) => readKey(each, profile),
    same: ({ scheme, name }) => `${scheme}/${name}`,
    max,
  });
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
      classifications: optional(at('classifications'), (each) =>
        readClassifications(each, profile, documentLimits.classificationsPerColumn),
      ),
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
