import type { AssetPatch } from '../../../channels/catalog/change.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { invalid } from '../faults.ts';
import {
  asBoolean,
  asId,
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
import { asProperties } from '../json-bounds.ts';
import { readAssetPatch } from './asset-patch.ts';
import type { GovType } from './gov-type.ts';
import { readClassifications, readColumns } from './classification-change.ts';
import { readOwners, readTerms } from './list-change.ts';

interface PatchContext {
  readonly profile: ConnectorProfile;
  /** Time of the event, RFC 3339 UTC. */
  readonly time: string;
}

/** How the data of one type becomes a patch. */
interface PatchMapping {
  readonly known: readonly string[];
  readonly patch: (data: JsonObject, context: PatchContext) => AssetPatch;
}

/** `null` takes the value away, but leaving the field out says nothing, and then there is no event. */
function required<T>(field: Field, read: (field: Field) => T): T | null {
  const value = nullable(field, read);
  if (value === undefined) throw invalid(field.path, 'is required; null removes');
  return value;
}

function at(data: JsonObject, key: string): Field {
  return member(data, key, 'data');
}

function column(data: JsonObject): string | undefined {
  return optional(at(data, 'column'), (field) => asName(field));
}

const asset: PatchMapping = {
  known: ['asset'],
  patch: (data, { profile }) => readAssetPatch(asObject(at(data, 'asset')), 'data.asset', profile),
};

const classification: PatchMapping = {
  known: ['classifications', 'column'],
  patch: (data, { profile }) => {
    const name = column(data);
    const max = name === undefined ? documentLimits.classifications : documentLimits.classificationsPerColumn;
    const classifications = readClassifications(at(data, 'classifications'), profile, max);
    return name === undefined
      ? { classifications }
      : { columns: { mode: 'delta', add: [{ name, classifications }], remove: [] } };
  },
};

const documentation: PatchMapping = {
  known: ['description', 'column'],
  patch: (data) => {
    const name = column(data);
    const description = required(at(data, 'description'), (field) => asText(field));
    return name === undefined
      ? { description }
      : { columns: { mode: 'delta', add: [{ name, description }], remove: [] } };
  },
};

const quality: PatchMapping = {
  known: ['check', 'status', 'message'],
  patch: (data, { time }) => ({
    quality: [
      {
        check: asId(at(data, 'check')),
        status: asOneOf(at(data, 'status'), ['passed', 'failed', 'warning']),
        ...defined({ message: optional(at(data, 'message'), (field) => asText(field)) }),
        time,
      },
    ],
  }),
};

const mappings: Partial<Readonly<Record<GovType, PatchMapping>>> = {
  'gov.asset.created': asset,
  'gov.asset.updated': asset,
  'gov.classification.changed': classification,
  'gov.owner.changed': { known: ['owners'], patch: (data) => ({ owners: readOwners(at(data, 'owners')) }) },
  'gov.domain.changed': { known: ['domain'], patch: (data) => ({ domain: required(at(data, 'domain'), asId) }) },
  'gov.documentation.changed': documentation,
  'gov.term.changed': { known: ['terms'], patch: (data) => ({ terms: readTerms(at(data, 'terms')) }) },
  'gov.schema.changed': {
    known: ['columns'],
    patch: (data, { profile }) => ({ columns: readColumns(at(data, 'columns'), profile) }),
  },
  'gov.property.changed': {
    known: ['properties'],
    patch: (data) => ({ properties: asProperties(at(data, 'properties')) }),
  },
  'gov.deprecation.changed': {
    known: ['deprecated'],
    patch: (data) => ({ status: asBoolean(at(data, 'deprecated')) ? 'deprecated' : 'active' }),
  },
  'gov.quality.result': quality,
};

/** The patch that an event of this type means; undefined for types that are not about an asset's content. @throws HubError invalid-message, limit-exceeded */
export function assetPatchOf(type: GovType, data: () => JsonObject, context: PatchContext): AssetPatch | undefined {
  const mapping = mappings[type];
  if (mapping === undefined) return undefined;
  const content = data();
  assertKnown(content, mapping.known, 'data');
  return mapping.patch(content, context);
}
