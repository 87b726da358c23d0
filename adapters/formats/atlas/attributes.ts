import type { AssetPatch } from '../../../channels/catalog/change.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
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

/** A patch that is being put together, and the attributes of which it says everything; others are kept as properties. */
interface Draft {
  readonly patch: { -readonly [K in keyof AssetPatch]: AssetPatch[K] };
  readonly understood: Set<string>;
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

function readName({ patch, understood }: Draft, { values, displayText }: Attributes): void {
  const value = valueOf(values, 'name');
  const name = label(value) ?? label(displayText);
  if (name !== undefined) patch.name = cutText(name, documentLimits.nameLength);
  if (value === null || typeof value === 'string') understood.add('name');
}

/** Too long for a name: kept as a property, which may be longer. */
function readFqn({ patch, understood }: Draft, { values }: Attributes): void {
  const fqn = label(valueOf(values, 'qualifiedName'));
  if (fqn === undefined || fqn.length > documentLimits.nameLength) return;
  patch.fqn = fqn;
  patch.aliases = [fqn];
  understood.add('qualifiedName');
}

/**
 * Of the attributes that may describe an asset the first that says something, those before the others that have just
 * changed; null when none of those that are there does.
 */
function readDescription({ patch, understood }: Draft, { values, changed }: Attributes): void {
  let isThere = false;
  for (const key of descriptionKeys) {
    const value = valueOf(values, key);
    if (value === null || typeof value === 'string') understood.add(key);
    isThere ||= value !== undefined;
  }
  const said = (from: JsonObject): string | undefined =>
    descriptionKeys
      .map((key) => valueOf(from, key))
      .filter((value) => typeof value === 'string')
      .find((value) => value !== '');
  if (!isThere) return;
  const text = said(changed) ?? said(values);
  patch.description = text === undefined ? null : boundedText(text);
}

/** An owner of another form than a name is not understood; whoever was the owner before is so no longer. */
function readOwner({ patch, understood }: Draft, { values }: Attributes): void {
  const value = valueOf(values, 'owner');
  if (value === undefined) return;
  const isOwner = isName(value, documentLimits.idLength);
  const type = valueOf(values, 'ownerType') === 'GROUP' ? 'group' : 'user';
  patch.owners = { mode: 'state', list: isOwner ? [{ id: value, type }] : [] };
  const isEmpty = value === null || (typeof value === 'string' && value.trim() === '');
  if (!isOwner && !isEmpty) return;
  understood.add('owner');
  understood.add('ownerType');
}

function readParent(
  { patch, understood }: Draft,
  { values, relations }: Attributes,
  type: string,
  profile: ConnectorProfile,
): void {
  for (const key of parentKeys.get(type) ?? []) {
    const guid = referencedGuid(valueOf(values, key)) ?? referencedGuid(valueOf(relations, key));
    if (guid === undefined || !isName(guid) || !isUrnIn(profile, guid)) continue;
    patch.parent = urnIn(profile, guid, key);
    understood.add(key);
    return;
  }
}

/**
 * What the attributes say of an asset of the hub's `type`. No attribute, whatever it holds, keeps the rest of a message
 * from being ingested: what has no place of its own is a property, and what is too long is cut.
 */
export function patchOf(attributes: Attributes, type: string, profile: ConnectorProfile): AssetPatch {
  const draft: Draft = { patch: {}, understood: new Set() };
  readName(draft, attributes);
  readFqn(draft, attributes);
  readDescription(draft, attributes);
  readOwner(draft, attributes);
  readParent(draft, attributes, type, profile);
  const properties = propertiesOf(attributes.values, draft.understood);
  if (properties !== undefined) draft.patch.properties = properties;
  return draft.patch;
}
