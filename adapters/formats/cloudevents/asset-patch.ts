import type { AssetPatch } from '../../../channels/catalog/change.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import {
  asId,
  asList,
  asName,
  asOneOf,
  asText,
  assertKnown,
  defined,
  type Field,
  member,
  nullable,
  optional,
} from '../fields.ts';
import { asProperties } from '../json-bounds.ts';
import { referenceUrn } from '../urn.ts';
import { readClassifications, readColumns } from './classification-change.ts';
import { readOwners, readTerms } from './list-change.ts';

const assetFields = [
  'type',
  'name',
  'fqn',
  'platform',
  'parent',
  'description',
  'domain',
  'status',
  'owners',
  'aliases',
  'terms',
  'properties',
  'columns',
  'classifications',
] as const;

/**
 * The public form of an asset. Left out: unchanged. Null: removed, where a removal makes sense. An unknown field is
 * refused, because a misspelt `classifications` would leave data unprotected without a word.
 * @throws HubError invalid-message, limit-exceeded
 */
export function readAssetPatch(asset: JsonObject, path: string, profile: ConnectorProfile): AssetPatch {
  assertKnown(asset, assetFields, path);
  const at = (key: (typeof assetFields)[number]): Field => member(asset, key, path);
  const name = (field: Field): string => asName(field);
  return defined({
    type: optional(at('type'), asId),
    name: optional(at('name'), name),
    fqn: nullable(at('fqn'), name),
    platform: nullable(at('platform'), asId),
    parent: nullable(at('parent'), (field) => referenceUrn(profile, asName(field), field.path)),
    description: nullable(at('description'), (field) => asText(field)),
    domain: nullable(at('domain'), asId),
    status: optional(at('status'), (field) => asOneOf(field, ['active', 'deprecated'])),
    owners: optional(at('owners'), readOwners),
    aliases: optional(at('aliases'), (field) => asList(field, documentLimits.aliases).map(name)),
    terms: optional(at('terms'), readTerms),
    properties: optional(at('properties'), asProperties),
    columns: optional(at('columns'), (field) => readColumns(field, profile)),
    classifications: optional(at('classifications'), (field) => readClassifications(field, profile)),
  });
}
