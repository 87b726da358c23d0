import type { Turns } from '../../../channels/ports/turns.ts';
import type { Outlet } from '../outlet/outlet.ts';
import { untilDrained } from './drained.ts';
import type { Replay, ReplayPiece } from '../past/replay.ts';
import type { Sight } from '../past/sight.ts';
import type { Subscriber } from './subscriber.ts';

export interface ReplayWay {
  readonly sight: Sight;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'replayed'>;
}

/** Hands one piece over, in this turn. */
export function sendPiece(
  subscriber: Subscriber,
  piece: ReplayPiece,
  { sight, outlet }: Omit<ReplayWay, 'turns'>,
): void {
  subscriber.connection.sendPacket(piece.packet(subscriber.id, sight));
  outlet.replayed(subscriber, subscriber.room, piece.visible(sight));
}

/** Sends a replay no faster than the client takes it; one that the node can no longer judge ends the connection. */
export async function sendReplay(subscriber: Subscriber, { pieces, to }: Replay, way: ReplayWay): Promise<void> {
  const { sight, turns } = way;
  for (const piece of pieces) {
    await untilDrained(subscriber);
    if (turns.isOver) await turns.next(subscriber.room.policyClass.tenant);
    if (!subscriber.isCurrent()) return;
    // its client comes again with the cursor of what it has had
    if (!sight.reachesBackTo(to)) return subscriber.connection.terminate();
    sendPiece(subscriber, piece, way);
  }
}
