import { unsupported } from '../faults.ts';

/** Types that are ingested with a meaning. Everything outside `gov.` is kept as it is. */
export const govTypes = [
  'gov.asset.created',
  'gov.asset.updated',
  'gov.asset.deleted',
  'gov.asset.purged',
  'gov.classification.changed',
  'gov.classification.defined',
  'gov.owner.changed',
  'gov.domain.changed',
  'gov.documentation.changed',
  'gov.term.changed',
  'gov.schema.changed',
  'gov.property.changed',
  'gov.deprecation.changed',
  'gov.quality.result',
  'gov.incident.changed',
  'gov.relationship.changed',
  'gov.lineage.observed',
  'gov.term.defined',
  'gov.domain.defined',
  'gov.team.defined',
] as const;
export type GovType = (typeof govTypes)[number];

/**
 * The known type, without its version. undefined: not a type of the hub.
 * @throws HubError unsupported-message for a `gov.` type or version that is not known
 */
export function govTypeOf(type: string): GovType | undefined {
  if (!type.startsWith('gov.')) return undefined;
  const [, name = type, version = '1'] = /^(.*?)(?:\.v(\d+))?$/.exec(type) ?? [];
  const known = govTypes.find((each) => each === name);
  if (known === undefined)
    throw unsupported(`type ${type.slice(0, 200)} is not known; known are ${govTypes.join(', ')}`);
  if (version !== '1') throw unsupported(`type ${name} is read in version v1 only, not v${version.slice(0, 20)}`);
  return known;
}
