import { readEvent } from '../../../channels/event/upgrade-event.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { inTurns } from '../../turns/in-turns.ts';
import type { Room } from '../outlet/room.ts';

/** True for an entity whose newest event says that the class may not read it any more. A deletion hides nothing. */
export function isHiddenNow({ policyClass }: Room, newest: string | HubEvent | undefined): boolean {
  if (newest === undefined) return false;
  const event = typeof newest === 'string' ? readEvent(newest) : newest;
  const head = event.data.heads.after ?? event.data.heads.before;
  return head !== null && !policyClass.mayRead(head);
}

/** The newest event of an entity that is known, as text or read already. */
export interface NewestEvent {
  readonly version: number;
  readonly event: string | HubEvent;
}

export interface Judgement {
  readonly isHidden: boolean;
  /** Of the event that it goes by. */
  readonly version: number;
}

/** Judges many entities by their newest events without keeping the thread from those who wait for live ones. */
export async function judgeInTurns(
  { room, turns }: { readonly room: Room; readonly turns: Turns },
  entities: ReadonlySet<string>,
  newestOf: (entity: string) => NewestEvent | undefined,
): Promise<ReadonlyMap<string, Judgement>> {
  const judged = new Map<string, Judgement>();
  await inTurns({ turns, tenant: room.policyClass.tenant }, entities, (entity) => {
    const newest = newestOf(entity);
    judged.set(entity, { isHidden: isHiddenNow(room, newest?.event), version: newest?.version ?? 0 });
  });
  return judged;
}
