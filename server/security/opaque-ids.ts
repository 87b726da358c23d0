import { createHmac, hkdfSync } from 'node:crypto';
import type { HubEvent } from '../../channels/event/hub-event.ts';

/** Names that clients may see and cannot read anything from. The same on every node that has the same key. */
export interface OpaqueIds {
  /** Of an event under a policy version: repeats are recognised, hidden changes between two are not. */
  event(event: HubEvent, policyVersion: number): string;
  room(tenant: string, selectionKey: string, classId: string): string;
}

/**
 * The key of a new deployment. It is stored with the catalog and stays when the secret is rotated: clients recognise
 * repetitions by these ids.
 */
export function firstIdKey(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, 'pursight', 'opaque-ids', 32)).toString('base64url');
}

export function createOpaqueIds(deploymentKey: string): OpaqueIds {
  const keys = new Map<string, Buffer>();
  const keyOf = (tenant: string): Buffer => {
    const held = keys.get(tenant);
    if (held !== undefined) return held;
    const key = Buffer.from(hkdfSync('sha256', deploymentKey, 'pursight', `opaque|${tenant}`, 32));
    keys.set(tenant, key);
    return key;
  };
  const name = (tenant: string, text: string): string =>
    createHmac('sha256', keyOf(tenant)).update(text).digest('base64url').slice(0, 22);
  return {
    event: (event, policyVersion) =>
      name(event.tenant, `event|${event.subject}|${event.data.version}|${policyVersion}`),
    room: (tenant, selectionKey, classId) => name(tenant, `room|${selectionKey}|${classId}`),
  };
}
