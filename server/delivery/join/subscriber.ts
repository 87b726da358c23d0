import type { SubscribedResult } from '../../../channels/protocol/up.ts';
import type { Room } from '../outlet/room.ts';
import type { Connection } from '../../transport/transport.ts';

/** One subscription on its way to live. */
export interface Subscriber {
  readonly id: string;
  /** Whose budget it is charged to: tenant and subject. */
  readonly owner: string;
  /** Id of the session. */
  readonly session: string;
  readonly room: Room;
  readonly connection: Connection;
  /** False once the connection closed, the subscription was given up, or its rights changed: nothing more may be sent. */
  isCurrent(): boolean;
  /** What to wait for before anything more is sent, see StallGuard; nearly always nothing. */
  pending(): Promise<void> | undefined;
  /** Tells the client what became of its request. Called once, before anything else is sent for the subscription. */
  announce(result: SubscribedResult): void;
  /** Joins the room and sends `live`. */
  goLive(): void;
}
