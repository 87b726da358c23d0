import type { HubEvent } from '../event/hub-event.ts';

/** The content of an entity's events before this version is to be forgotten. */
export interface Erasure {
  readonly tenant: string;
  readonly urn: string;
  readonly beforeVersion: number;
}

/** What the event asks to forget; undefined for all but the purge of an entity. */
export function erasureOf({ type, tenant, subject, data }: HubEvent): Erasure | undefined {
  return type === 'gov.asset.purged.v1' ? { tenant, urn: subject, beforeVersion: data.version } : undefined;
}

/** True for an event whose content one of these forgets. */
export function isErased({ tenant, subject, data }: HubEvent, erasures: readonly Erasure[]): boolean {
  return erasures.some((each) => each.urn === subject && each.tenant === tenant && data.version < each.beforeVersion);
}
