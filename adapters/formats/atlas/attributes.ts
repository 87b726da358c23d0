import type { AssetPatch } from '../../../channels/catalog/change.ts';
import type { Owner } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { exceeded } from '../faults.ts';
import { asId, asText, defined, type Field, isAbsent, member, nullable, optional } from '../fields.ts';
import { assertPropertyKey, jsonBytes } from '../json-bounds.ts';
import { formatLimits } from '../limits.ts';
import { urnIn } from '../urn.ts';
import { referencedGuid } from './object-reference.ts';

const descriptionKeys = ['description', 'userDescription', 'comment'] as const;
const mappedKeys: ReadonlySet<string> = new Set([...descriptionKeys, 'name', 'owner', 'ownerType']);
/** Attributes that hold the container, by the hub's type. */
const parentKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['column', ['table', 'view', 'dataset']],
  ['table', ['db', 'database', 'dbSchema', 'schema']],
]);
/** Sources write 0 where a time was never set. */
const timeKey = /(Time|edAt|TS)$/;

/** Attributes of an entity and where they stand. */
export interface Attributes {
  readonly values: JsonObject;
  readonly path: string;
  readonly relations: JsonObject;
  readonly displayText: Field;
}

function attribute(attributes: Attributes, key: string): Field {
  return member(attributes.values, key, attributes.path);
}

/** Names of processes are often whole queries: line breaks become blanks. */
function label(field: Field): string | undefined {
  const text = optional(field, (each) => asText(each, Number.MAX_SAFE_INTEGER))
    // oxlint-disable-next-line no-control-regex -- exactly these are replaced
    ?.replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return text === '' ? undefined : text;
}

/** Of the attributes that may describe an asset the first that says something; null when all that are there are empty. */
function descriptionOf(attributes: Attributes): string | null | undefined {
  const said = descriptionKeys
    .map((key) => nullable(attribute(attributes, key), asText))
    .filter((text) => text !== undefined);
  return said.length === 0 ? undefined : (said.find((text) => text !== null && text !== '') ?? null);
}

function ownersOf(attributes: Attributes): AssetPatch['owners'] {
  const field = attribute(attributes, 'owner');
  if (field.value === undefined) return undefined;
  if (field.value === null || (typeof field.value === 'string' && field.value.trim() === ''))
    return { mode: 'state', list: [] };
  const type: Owner['type'] = attribute(attributes, 'ownerType').value === 'GROUP' ? 'group' : 'user';
  return { mode: 'state', list: [{ id: asId(field), type }] };
}

function parentOf(
  attributes: Attributes,
  type: string,
  profile: ConnectorProfile,
): { readonly key: string; readonly urn: string } | undefined {
  for (const key of parentKeys.get(type) ?? []) {
    const guid =
      referencedGuid(attribute(attributes, key).value) ?? referencedGuid(member(attributes.relations, key, '').value);
    if (guid !== undefined) return { key, urn: urnIn(profile, guid, key) };
  }
  return undefined;
}

/**
 * A value that is too long to keep is replaced by its size: a long view text must not keep a tag from being seen, and
 * the whole message is kept beside the event.
 */
function propertiesOf(attributes: Attributes, skip: ReadonlySet<string>): JsonObject | undefined {
  const keys = Object.keys(attributes.values)
    .filter((key) => !skip.has(key))
    .toSorted();
  if (keys.length > documentLimits.properties) throw exceeded(attributes.path, `${documentLimits.properties} entries`);
  let total = 0;
  const entries = keys.map((key): readonly [string, JsonValue] => {
    assertPropertyKey(key, attributes.path);
    const field = attribute(attributes, key);
    if (isAbsent(field) || (field.value === 0 && timeKey.test(key))) return [key, null];
    const bytes = jsonBytes(field);
    if (bytes > formatLimits.maxValueBytes || total + bytes > formatLimits.maxPropertyBytes)
      return [key, { cutBytes: bytes }];
    total += bytes;
    return [key, field.value as JsonValue];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** What the attributes say of an asset of the hub's `type`. @throws HubError invalid-message, limit-exceeded */
export function patchOf(attributes: Attributes, type: string, profile: ConnectorProfile): AssetPatch {
  const name = label(attribute(attributes, 'name')) ?? label(attributes.displayText);
  const said = label(attribute(attributes, 'qualifiedName'));
  // too long for a name: kept as a property, which may be longer
  const fqn = said !== undefined && said.length <= documentLimits.nameLength ? said : undefined;
  const parent = parentOf(attributes, type, profile);
  const skip = new Set([
    ...mappedKeys,
    ...(parent === undefined ? [] : [parent.key]),
    ...(said === fqn ? ['qualifiedName'] : []),
  ]);
  return defined({
    // a cut through a surrogate pair would leave half of it
    name: name?.slice(0, documentLimits.nameLength).replace(/[\ud800-\udbff]$/, ''),
    fqn,
    aliases: fqn === undefined ? undefined : [fqn],
    description: descriptionOf(attributes),
    owners: ownersOf(attributes),
    parent: parent?.urn,
    properties: propertiesOf(attributes, skip),
  });
}
