import { hkdfSync } from 'node:crypto';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { createHmacOf } from './hmac.ts';

/** Names that clients may see and cannot read anything from. The same on every node that has the same key. */
export interface OpaqueIds {
  /** Of an event: repeats are recognised, hidden changes between two are not. */
  event(event: HubEvent): string;
  room(tenant: string, selectionKey: string, classId: string): string;
  /** Of what a policy class sees of a document: equal for equal content, and nobody can compare it with that of another class. */
  representation(tenant: string, classId: string, content: string): string;
  /** Of a request that its sender may repeat. */
  request(tenant: string, request: string): string;
  /** Of an element of a list of an entity, in the paths of ops and as the key of a column: 72 bits. */
  readonly element: (tenant: string, urn: string, element: string) => string;
}

/**
 * The key of a new deployment. It is stored with the catalog and stays when the secret is rotated: clients recognise
 * repetitions by these ids.
 */
export function firstIdKey(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, 'pursight', 'opaque-ids', 32)).toString('base64url');
}

export function createOpaqueIds(deploymentKey: string): OpaqueIds {
  const hmacs = new Map<string, (text: string) => string>();
  const hmacOf = (tenant: string): ((text: string) => string) => {
    const held = hmacs.get(tenant);
    if (held !== undefined) return held;
    const key = hkdfSync('sha256', deploymentKey, 'pursight', `opaque|${tenant}`, 32);
    const made = createHmacOf(new Uint8Array(key));
    hmacs.set(tenant, made);
    return made;
  };
  const name = (tenant: string, text: string): string => hmacOf(tenant)(text).slice(0, 22);
  return {
    event: (event) => name(event.tenant, `event|${event.subject}|${event.data.version}`),
    element: (tenant, urn, element) => hmacOf(tenant)(`element|${urn}|${element}`).slice(0, 12),
    representation: (tenant, classId, content) => name(tenant, `representation|${classId}|${content}`),
    request: (tenant, request) => name(tenant, `request|${request}`),
    room: (tenant, selectionKey, classId) => name(tenant, `room|${selectionKey}|${classId}`),
  };
}
