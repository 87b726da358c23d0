import type { JsonObject } from '../../../channels/event/json.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { AtlasEntity } from './atlas-server.ts';
import { bankSuperTypes } from './atlas-types.ts';

/** What of an entity both sides know. */
export interface Seen {
  readonly status: string;
  readonly name?: unknown;
  readonly fqn?: unknown;
  readonly owners?: readonly string[];
  readonly description?: unknown;
  /** `name`, or `name from guid` for one that was propagated. */
  readonly tags?: readonly string[];
  readonly properties?: JsonObject;
}

/** The hub's public form of an asset, as far as it is looked at. */
export interface HeldAsset {
  readonly status: string;
  readonly name: string;
  readonly fqn?: string;
  readonly owners: readonly { readonly id: string }[];
  readonly description?: string;
  readonly classifications: readonly { readonly name: string; readonly from?: string }[];
  readonly properties: readonly { readonly key: string; readonly value: unknown }[];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A message says a text of any length, a document keeps the beginning of it. */
function bounded(text: unknown): unknown {
  if (!isText(text) || text.length <= documentLimits.textLength) return text ?? undefined;
  return `${text.slice(0, 1000)}… of ${text.length}`;
}

function unmarked(text: string | undefined): string | undefined {
  const length = /… \[cut, of (\d+) characters\]$/.exec(text ?? '')?.[1];
  return length === undefined ? text : `${text?.slice(0, 1000)}… of ${length}`;
}

function implied(names: readonly string[]): ReadonlySet<string> {
  const above = (name: string): readonly string[] =>
    (bankSuperTypes as Readonly<Record<string, readonly string[]>>)[name]?.flatMap((each) => [each, ...above(each)]) ??
    [];
  return new Set(names.flatMap(above));
}

/** What the catalog says of an entity. */
export function saidBy({ guid, status, attributes, classifications = [] }: AtlasEntity): Seen {
  if (status !== 'ACTIVE') return { status: 'deleted' };
  const without = implied(classifications.map(({ typeName }) => typeName));
  const { owner, description, rowCount } = attributes;
  return {
    status: 'active',
    name: attributes['name'],
    fqn: attributes['qualifiedName'],
    owners: isText(owner) ? [owner] : [],
    description: isText(description) ? bounded(description) : undefined,
    tags: classifications
      .filter(({ typeName }) => !without.has(typeName))
      .map(({ typeName, entityGuid }) => (entityGuid === guid ? typeName : `${typeName} from ${entityGuid}`))
      .toSorted(),
    properties: {
      ...(typeof rowCount === 'number' && rowCount !== 0 ? { rowCount } : {}),
      ...(Array.isArray(owner) ? { owner } : {}),
      ...(Array.isArray(description) ? { description } : {}),
    },
  };
}

const compared: ReadonlySet<string> = new Set(['rowCount', 'owner', 'description']);

/** What the hub holds of it; undefined: it shows nothing. */
export function heldBy(asset: HeldAsset | undefined): Seen {
  if (asset === undefined || asset.status !== 'active') return { status: 'deleted' };
  const properties = asset.properties.filter(({ key, value }) => compared.has(key) && value !== 0);
  return {
    status: 'active',
    name: asset.name,
    fqn: asset.fqn,
    owners: asset.owners.map(({ id }) => id),
    description: unmarked(asset.description),
    tags: asset.classifications
      .map(({ name, from }) => (from === undefined ? name : `${name} from ${from.split(':').at(-1)}`))
      .toSorted(),
    properties: Object.fromEntries(properties.map(({ key, value }) => [key, value])) as JsonObject,
  };
}
