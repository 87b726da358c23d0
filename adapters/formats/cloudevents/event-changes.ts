import type { Change } from '../../../channels/catalog/change.ts';
import type { ConceptKind } from '../../../channels/event/head.ts';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { withMembers } from '../../../channels/event/with-members.ts';
import { changeBase, type MessageFacts, type Subject } from '../change-base.ts';
import { invalid, unsupported } from '../faults.ts';
import { defined } from '../fields.ts';
import { isOwnUrn, ownUrn, urnIn } from '../urn.ts';
import { assetPatchOf } from './asset-mappings.ts';
import type { CloudEvent } from './cloud-event.ts';
import { readConcept } from './concept-mapping.ts';
import { type GovType, govTypeOf } from './gov-type.ts';
import { nativePatch } from './native.ts';
import { readAlertPatch, readDefinition, readEdge } from './other-mappings.ts';

function dataOf({ data, type, tombstone }: CloudEvent): JsonObject {
  if (data.kind === 'json' && isJsonObject(data.value)) return data.value;
  if (tombstone)
    throw unsupported(
      `a record without value cannot carry ${type}; only gov.asset.deleted and gov.asset.purged need no data`,
    );
  throw invalid('data', `must be a JSON object in ${type}; data by reference is not fetched`);
}

function subjectOf(event: CloudEvent, { profile }: MessageFacts): Subject {
  const { subject, type } = event;
  if (subject === undefined) throw invalid('subject', 'must be a non-empty string: the urn or native id of the entity');
  return { urn: ownUrn(profile, subject, 'subject'), nativeId: subject, nativeType: type.slice(0, 256) };
}

function derived(urn: string, { type }: CloudEvent): Subject {
  return { urn, nativeId: urn, nativeType: type.slice(0, 256) };
}

function edgeChange(type: GovType, event: CloudEvent, facts: MessageFacts): Change {
  const lineage = type === 'gov.lineage.observed';
  const { urn, deleted, properties, ...ends } = readEdge(dataOf(event), facts.profile, lineage ? 'lineage' : undefined);
  const base = changeBase(facts, derived(urn, event));
  const patch = { ...ends, lineage, ...defined({ properties }) };
  if (deleted) return withMembers(base, { target: 'relationship', action: 'delete', patch } as const);
  return withMembers(base, { target: 'relationship', action: 'upsert', patch } as const);
}

function conceptChange(target: ConceptKind, event: CloudEvent, facts: MessageFacts): Change {
  const base = changeBase(facts, subjectOf(event, facts));
  const { deleted, patch } = readConcept(target, dataOf(event), facts.profile);
  if (deleted) return withMembers(base, { target, action: 'delete' } as const);
  return withMembers(base, { target, action: 'upsert', patch } as const);
}

function govChange(type: GovType, event: CloudEvent, facts: MessageFacts): Change {
  switch (type) {
    case 'gov.relationship.changed':
    case 'gov.lineage.observed':
      return edgeChange(type, event, facts);
    case 'gov.classification.defined': {
      const { urn, patch } = readDefinition(dataOf(event), facts.profile);
      return withMembers(changeBase(facts, derived(urn, event)), {
        target: 'definition',
        action: 'upsert',
        patch,
      } as const);
    }
    case 'gov.term.defined':
      return conceptChange('term', event, facts);
    case 'gov.domain.defined':
      return conceptChange('domain', event, facts);
    case 'gov.team.defined':
      return conceptChange('team', event, facts);
    case 'gov.incident.changed': {
      const base = changeBase(facts, subjectOf(event, facts));
      const patch = readAlertPatch(dataOf(event), facts.profile, event.severitynumber);
      return withMembers(base, { target: 'alert', action: 'upsert', patch } as const);
    }
    case 'gov.asset.deleted':
    case 'gov.asset.purged': {
      const base = changeBase(facts, subjectOf(event, facts));
      return withMembers(base, { target: 'asset', action: 'delete', purge: type === 'gov.asset.purged' } as const);
    }
    default: {
      const base = changeBase(facts, subjectOf(event, facts));
      const patch = assetPatchOf(type, () => dataOf(event), { profile: facts.profile, time: facts.time });
      if (patch === undefined) throw unsupported(`type ${type} has no mapping`);
      return withMembers(base, { target: 'asset', action: 'upsert', patch } as const);
    }
  }
}

/** Urns that name entities of a hub. */
const hubUrns = 'urn:gov:';

/**
 * A subject is unique in its source only, but a urn in the world: one of the hub's names an entity that may be here
 * already, and any other gets one inside the namespace. Without a subject the event is about its source, which is an
 * address of any form.
 * @throws HubError outside-namespace, limit-exceeded
 */
function nativeUrn({ subject, source }: CloudEvent, { profile }: MessageFacts): string {
  if (subject === undefined) return urnIn(profile, source, 'source');
  if (subject.startsWith(hubUrns) || isOwnUrn(profile, subject)) return ownUrn(profile, subject, 'subject');
  if (subject.startsWith('urn:')) return urnIn(profile, subject, 'subject');
  const scope = source.replaceAll(/[%#]/g, encodeURIComponent);
  return urnIn(profile, `${scope}#${subject}`, 'source and subject');
}

function nativeChange(event: CloudEvent, facts: MessageFacts): Change {
  const nativeId = event.subject ?? event.source;
  const subject = { urn: nativeUrn(event, facts), nativeId, nativeType: event.type.slice(0, 256) };
  return withMembers(changeBase(facts, subject), {
    target: 'asset',
    action: 'upsert',
    patch: nativePatch(event),
  } as const);
}

/** @throws HubError invalid-message, unsupported-message, outside-namespace, limit-exceeded */
export function eventChanges(event: CloudEvent, facts: MessageFacts): readonly Change[] {
  const type = govTypeOf(event.type);
  return [type === undefined ? nativeChange(event, facts) : govChange(type, event, facts)];
}
