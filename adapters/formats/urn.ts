import { definitionUrn } from '../../channels/catalog/document.ts';
import { normalText } from '../../channels/event/normal-text.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { exceeded } from './faults.ts';

/** What RFC 8141 lets stand in the namespace-specific part, without `*`, which some readers take for a wildcard. */
const notInUrn = /[^A-Za-z0-9\-._~:@/!$&'()+,;=]/gu;

function encoded(profile: ConnectorProfile, nativeId: string): string {
  return `${profile.namespace}:${normalText(nativeId).replace(notInUrn, (char) => encodeURIComponent(char).replace('*', '%2A'))}`;
}

/** True when the urn of a native id is not too long. */
export function isUrnIn(profile: ConnectorProfile, nativeId: string): boolean {
  return encoded(profile, nativeId).length <= documentLimits.urnLength;
}

/** A native id inside the connector's namespace. Different ids give different urns. @throws HubError limit-exceeded */
export function urnIn(profile: ConnectorProfile, nativeId: string, path: string): string {
  const urn = encoded(profile, nativeId);
  if (urn.length > documentLimits.urnLength)
    throw exceeded(`the urn of ${path}`, `${documentLimits.urnLength} characters`);
  return urn;
}

/** A urn as it is, or a native id as a urn of the connector: for references, which may point anywhere. */
export function referenceUrn(profile: ConnectorProfile, id: string, path: string): string {
  if (!id.startsWith('urn:')) return urnIn(profile, id, path);
  if (id.length > documentLimits.urnLength) throw exceeded(path, `${documentLimits.urnLength} characters`);
  // the same name in another spelling is the same entity
  return normalText(id);
}

function isInside(urn: string, prefix: string): boolean {
  return urn.startsWith(prefix.endsWith(':') ? prefix : `${prefix}:`);
}

/** True for a urn that the connector may write. */
export function isOwnUrn({ namespace, writes }: ConnectorProfile, urn: string): boolean {
  return urn.length <= documentLimits.urnLength && [namespace, ...writes].some((prefix) => isInside(urn, prefix));
}

/** The urn of an entity that is written. @throws HubError outside-namespace, limit-exceeded */
export function ownUrn(profile: ConnectorProfile, id: string, path: string): string {
  const urn = referenceUrn(profile, id, path);
  if (!isOwnUrn(profile, urn)) {
    throw new HubError(
      'outside-namespace',
      `${path} must be inside ${[profile.namespace, ...profile.writes].join(' or ')}`,
    );
  }
  return urn;
}

/**
 * The urn of a classification's definition. A connector may define its own scheme, and others whose urn prefix
 * (`urn:gov:classification:<scheme>`) is among its `writes`: a level decides what everybody may see.
 * @throws HubError outside-namespace, limit-exceeded
 */
export function ownDefinitionUrn(profile: ConnectorProfile, scheme: string, name: string, path: string): string {
  const urn = definitionUrn(scheme, name);
  if (scheme !== profile.scheme && !profile.writes.some((prefix) => isInside(urn, prefix)))
    throw new HubError(
      'outside-namespace',
      `${path}: connector ${profile.id} may define classifications of scheme ${profile.scheme} only, unless \`writes\` names another`,
    );
  if (urn.length > documentLimits.urnLength)
    throw exceeded(`the urn of ${path}`, `${documentLimits.urnLength} characters`);
  return urn;
}
