import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Room } from '../gateway/room-registry.ts';

/** True for an entity whose newest event says that the class may not read it any more. A deletion hides nothing. */
export function isHiddenNow({ policyClass }: Room, newest: string | HubEvent | undefined): boolean {
  if (newest === undefined) return false;
  const event = typeof newest === 'string' ? (JSON.parse(newest) as HubEvent) : newest;
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

/** Events that are read between two turns of the event loop: about a millisecond. */
const entitiesPerTurn = 100;

/** Judges many entities by their newest events without keeping the thread from those who wait for live ones. */
export async function judgeInTurns(
  room: Room,
  entities: ReadonlySet<string>,
  newestOf: (entity: string) => NewestEvent | undefined,
): Promise<ReadonlyMap<string, Judgement>> {
  const judged = new Map<string, Judgement>();
  for (const entity of entities) {
    if (judged.size > 0 && judged.size % entitiesPerTurn === 0) await nextTurn();
    const newest = newestOf(entity);
    judged.set(entity, { isHidden: isHiddenNow(room, newest?.event), version: newest?.version ?? 0 });
  }
  return judged;
}
