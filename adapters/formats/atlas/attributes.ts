import type { AssetPatch } from '../../../channels/catalog/change.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { defined } from '../fields.ts';
import { boundedText, cutText, isName } from '../text-bounds.ts';
import { isUrnIn, urnIn } from '../urn.ts';
import { referencedGuid } from './object-reference.ts';
import { propertiesOf } from './properties.ts';

const descriptionKeys = ['description', 'userDescription', 'comment'] as const;
/** Attributes that hold the container, by the hub's type. */
const parentKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['column', ['table', 'view', 'dataset']],
  ['table', ['db', 'database', 'dbSchema', 'schema']],
]);

/** Attributes of an entity. They are of any type: sources have models of their own. */
export interface Attributes {
  readonly values: JsonObject;
  /** Those of `values` that the message says have just changed. */
  readonly changed: JsonObject;
  readonly relations: JsonObject;
  readonly displayText: JsonValue | undefined;
}

/** A part of a patch and the attributes that it says everything of; what is not among them is kept as a property. */
interface Reading {
  readonly patch: AssetPatch;
  readonly understood: readonly string[];
}

function valueOf(values: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Names of processes are often whole queries: line breaks become blanks. */
function label(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  // oxlint-disable-next-line no-control-regex -- exactly these are replaced
  const text = value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return text === '' ? undefined : text;
}

function readName({ values, displayText }: Attributes): Reading {
  const value = valueOf(values, 'name');
  const name = label(value) ?? label(displayText);
  return {
    patch: name === undefined ? {} : { name: cutText(name, documentLimits.nameLength) },
    understood: value === null || typeof value === 'string' ? ['name'] : [],
  };
}

/** Too long for a name: kept as a property, which may be longer. */
function readFqn({ values }: Attributes): Reading {
  const fqn = label(valueOf(values, 'qualifiedName'));
  return fqn === undefined || fqn.length > documentLimits.nameLength
    ? { patch: {}, understood: [] }
    : { patch: { fqn, aliases: [fqn] }, understood: ['qualifiedName'] };
}

/**
 * Of the attributes that may describe an asset the first that says something, those before the others that have just
 * changed; null when none of those that are there does.
 */
function readDescription({ values, changed }: Attributes): Reading {
  const there = descriptionKeys.filter((key) => valueOf(values, key) !== undefined);
  if (there.length === 0) return { patch: {}, understood: [] };
  const candidates = [changed, values].flatMap((each) => descriptionKeys.map((key) => valueOf(each, key)));
  const text = candidates.find((value) => typeof value === 'string' && value !== '') as string | undefined;
  return {
    patch: { description: text === undefined ? null : boundedText(text) },
    understood: there.filter((key) => values[key] === null || typeof values[key] === 'string'),
  };
}

/** An owner of another form than a name is not understood; whoever was the owner before is so no longer. */
function readOwner({ values }: Attributes): Reading {
  const value = valueOf(values, 'owner');
  if (value === undefined) return { patch: {}, understood: [] };
  const understood = ['owner', 'ownerType'];
  if (isName(value, documentLimits.idLength)) {
    const type = valueOf(values, 'ownerType') === 'GROUP' ? 'group' : 'user';
    return { patch: { owners: { mode: 'state', list: [{ id: value, type }] } }, understood };
  }
  const isEmpty = label(value) === undefined && (value === null || typeof value === 'string');
  return { patch: { owners: { mode: 'state', list: [] } }, understood: isEmpty ? understood : [] };
}

function readParent({ values, relations }: Attributes, type: string, profile: ConnectorProfile): Reading {
  for (const key of parentKeys.get(type) ?? []) {
    const guid = referencedGuid(valueOf(values, key)) ?? referencedGuid(valueOf(relations, key));
    if (guid !== undefined && isName(guid) && isUrnIn(profile, guid))
      return { patch: { parent: urnIn(profile, guid, key) }, understood: [key] };
  }
  return { patch: {}, understood: [] };
}

/**
 * What the attributes say of an asset of the hub's `type`. No attribute, whatever it holds, keeps the rest of a message
 * from being taken in: what has no place of its own is a property, and what is too long is cut.
 */
export function patchOf(attributes: Attributes, type: string, profile: ConnectorProfile): AssetPatch {
  const readings = [
    readName(attributes),
    readFqn(attributes),
    readDescription(attributes),
    readOwner(attributes),
    readParent(attributes, type, profile),
  ];
  const properties = propertiesOf(attributes.values, new Set(readings.flatMap(({ understood }) => understood)));
  return Object.assign({}, ...readings.map(({ patch }) => patch), defined({ properties })) as AssetPatch;
}
