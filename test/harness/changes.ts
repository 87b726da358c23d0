import type {
  AlertPatch,
  AssetPatch,
  Change,
  ConceptPatch,
  DefinitionPatch,
  RelationshipPatch,
} from '../../channels/catalog/change.ts';
import type { ConceptKind } from '../../channels/event/head.ts';

type Common = Partial<Omit<Change, 'target' | 'action' | 'patch' | 'purge'>>;

/** The n-th minute of the day on which all test changes happen. */
export function minute(n: number): string {
  return new Date(Date.UTC(2026, 4, 4, 8, n)).toISOString();
}

const common = {
  tenant: 'acme',
  connector: 'warehouse',
  source: '/warehouse/eu',
  urn: 'urn:gov:warehouse:orders',
  messageId: 'message-1',
  ordinal: 0,
  time: minute(0),
  completeness: 'state',
  replay: false,
  nativeId: 'orders',
  authtype: 'system',
  origin: { system: 'warehouse', transport: 'http' },
} as const;

/** What a source says of an asset; a whole state unless said otherwise. */
export function assetChange(patch: AssetPatch = {}, fields: Common = {}): Change {
  return { ...common, ...fields, target: 'asset', action: 'upsert', patch };
}

export function assetDeletion(fields: Common & { readonly purge?: boolean } = {}): Change {
  const { purge = false, ...rest } = fields;
  return { ...common, ...rest, target: 'asset', action: 'delete', purge };
}

export function relationshipChange(patch: Partial<RelationshipPatch> = {}, fields: Common = {}): Change {
  const whole = { type: 'feeds', from: 'urn:gov:a', to: 'urn:gov:b', lineage: false, ...patch };
  return { ...common, urn: 'urn:gov:edge', ...fields, target: 'relationship', action: 'upsert', patch: whole };
}

export function alertChange(patch: AlertPatch = {}, fields: Common = {}): Change {
  return { ...common, urn: 'urn:gov:alert', ...fields, target: 'alert', action: 'upsert', patch };
}

/** Of the kind that it says; a term unless said otherwise. */
export function conceptChange(
  patch: ConceptPatch = {},
  { target = 'term', ...fields }: Common & { readonly target?: ConceptKind } = {},
): Change {
  return { ...common, urn: 'urn:gov:term:balance', ...fields, target, action: 'upsert', patch };
}

export function conceptDeletion({
  target = 'term',
  ...fields
}: Common & { readonly target?: ConceptKind } = {}): Change {
  return { ...common, urn: 'urn:gov:term:balance', ...fields, target, action: 'delete' };
}

export function definitionChange(patch: DefinitionPatch, fields: Common = {}): Change {
  return { ...common, urn: 'urn:gov:definition', ...fields, target: 'definition', action: 'upsert', patch };
}
