import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Room } from '../gateway/room-registry.ts';

/** True for an entity whose newest event says that the class may not read it any more. A deletion hides nothing. */
export function isHiddenNow({ policyClass }: Room, newest: string | HubEvent | undefined): boolean {
  if (newest === undefined) return false;
  const event = typeof newest === 'string' ? (JSON.parse(newest) as HubEvent) : newest;
  const head = event.data.heads.after ?? event.data.heads.before;
  return head !== null && !policyClass.mayRead(head);
}
