import type { EventType, Facet, HubEvent, Op } from '../event/hub-event.ts';
import { isConceptKind } from './concept.ts';
import { facetsOf } from './diff.ts';
import { type CatalogDocument, isGone } from './document.ts';

const facetTypes: Readonly<Record<Facet, EventType>> = {
  existence: 'gov.asset.updated',
  name: 'gov.asset.renamed',
  type: 'gov.asset.retyped',
  classification: 'gov.classification.changed',
  term: 'gov.term.changed',
  owner: 'gov.owner.changed',
  domain: 'gov.domain.changed',
  documentation: 'gov.documentation.changed',
  schema: 'gov.schema.changed',
  property: 'gov.property.changed',
  status: 'gov.deprecation.changed',
  quality: 'gov.quality.result',
  relationship: 'gov.relationship.changed',
  incident: 'gov.incident.changed',
  definition: 'gov.classification.defined',
  native: 'gov.native',
};
function changedAsset(facets: readonly Facet[]): EventType {
  if (facets.includes('native')) return 'gov.native';
  const [only] = facets;
  return facets.length === 1 && only !== undefined ? facetTypes[only] : 'gov.asset.updated';
}

/** Type of the event that makes one document of another, without its version. `facets`: what it touched. */
export function eventTypeOf(
  before: CatalogDocument | undefined,
  after: CatalogDocument,
  facets: readonly Facet[],
): EventType {
  if (after.kind === 'relationship') return after.lineage ? 'gov.lineage.observed' : 'gov.relationship.changed';
  if (after.kind === 'alert') return 'gov.incident.changed';
  if (after.kind === 'definition') return 'gov.classification.defined';
  if (isConceptKind(after.kind)) return `gov.${after.kind}.defined`;
  if (facets.includes('native')) return 'gov.native';
  if (isGone(after)) return after.status === 'purged' ? 'gov.asset.purged' : 'gov.asset.deleted';
  if (before === undefined) return 'gov.asset.created';
  if (isGone(before)) return 'gov.asset.restored';
  return changedAsset(facets);
}

/**
 * The type that an event has for somebody who sees only some of its changes: what is hidden must not show in it. An asset
 * that came or went did so for everybody.
 */
export function shownEventType({ type, data }: HubEvent, shown: readonly Op[]): HubEvent['type'] {
  const { kind, ops } = data.change;
  const isOfAsset = (data.heads.after ?? data.heads.before)?.kind === 'asset';
  if (shown.length === ops.length || kind !== 'changed' || !isOfAsset) return type;
  return `${changedAsset(facetsOf('asset', shown))}.v1`;
}
